#include "api/router.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>
#include <string>
#include <vector>

namespace quire::api {
namespace {

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const std::size_t next = path.find('/', at + 1);
    parts.emplace_back(path.substr(at + 1, next == std::string_view::npos ? next : next - at - 1));
    at = next;
  }
  return parts;
}

bool is_rest(const std::string& segment) { return segment.ends_with("...}"); }
bool is_capture(const std::string& segment) { return segment.starts_with('{') && !is_rest(segment); }

// A row of the table by its pattern's segments; a slash at the end is one that may be missing.
struct Pattern {
  std::uint32_t number;
  net::Method method;
  std::vector<std::string> pattern;
};

std::vector<Pattern> all_patterns() {
  std::vector<Pattern> rows;
  std::uint32_t number = 0;
  for (const Route& route : routes()) {
    Pattern row{++number, route.method, segments(route.pattern)};
    rows.push_back(row);
    if (row.pattern.back().empty()) {
      row.pattern.pop_back();
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

// Segment by segment: a word goes before a capture, and that before what takes the rest.
std::uint32_t walk(std::vector<Pattern> rows, net::Method method, const std::string& path) {
  if (path.empty()) return 0;
  const auto parts = segments(path);
  const auto keep = [&](std::size_t i, const auto& which) {
    std::vector<Pattern> kept;
    for (const Pattern& row : rows) {
      if (row.pattern.size() > i && which(row.pattern[i])) kept.push_back(row);
    }
    return kept;
  };
  const auto number_of = [&](std::size_t size) -> std::uint32_t {
    for (const Pattern& row : rows) {
      if (row.method == method && row.pattern.size() == size) return row.number;
    }
    return 0;
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto next = keep(i, [&](const auto& one) { return one == parts[i] && !one.starts_with('{'); });
    if (next.empty() && !parts[i].empty()) next = keep(i, is_capture);
    const bool more = !parts[i].empty() || i + 1 < parts.size();
    if (next.empty() && more) {
      rows = keep(i, is_rest);
      return number_of(i + 1);
    }
    rows = std::move(next);
  }
  return number_of(parts.size());
}

TEST(Router, FindsEachRouteOfTheTableByItsPattern) {
  const Router router(routes());
  std::uint32_t number = 0;
  std::set<std::string_view> names;
  for (const Route& route : routes()) {
    EXPECT_EQ(router.match(route.method, route.pattern), ++number) << route.pattern;
    EXPECT_TRUE(names.insert(route.name).second) << route.name << " names two routes";
    EXPECT_TRUE(router.allow(route.pattern).find(net::name(route.method)) != std::string::npos);
  }
}

TEST(Router, CapturesAreTheSegmentsInBraces) {
  const auto captures = captures_of("/v1/databases/{database}/collections/{collection}/documents/{id}",
                                    "/v1/databases/a%2Fb/collections/c/documents/d");
  EXPECT_EQ(captures[0], "a%2Fb");
  EXPECT_EQ(captures[1], "c");
  EXPECT_EQ(captures[2], "d");
  EXPECT_EQ(captures[3], "");
}

TEST(Router, TheRestOfAPathIsOneCapture) {
  const auto captures = captures_of("/couch/{database}/{id}/{name...}", "/db/doc/dir//a%2Fb", "/couch");
  EXPECT_EQ(captures[0], "db");
  EXPECT_EQ(captures[1], "doc");
  EXPECT_EQ(captures[2], "dir//a%2Fb");
  const Router router(routes());
  const auto attachment = router.match(net::Method::get, "/couch/db/doc/a");
  EXPECT_NE(attachment, 0U);
  EXPECT_EQ(router.match(net::Method::get, "/db/doc/a/b/", "/couch"), attachment);
  EXPECT_EQ(router.match(net::Method::get, "/couch/db"), router.match(net::Method::get, "/couch/db/"));
}

TEST(Router, ARootIsReadAsIfItWereThere) {
  const Router router(routes());
  EXPECT_EQ(router.match(net::Method::get, "/get", "/kv"), router.match(net::Method::get, "/kv/get"));
  EXPECT_NE(router.match(net::Method::get, "/get", "/kv"), 0U);
  EXPECT_EQ(router.match(net::Method::get, "/v1/me", "/kv"), 0U);
  EXPECT_FALSE(router.knows("/get"));
  EXPECT_TRUE(router.knows("/get", "/kv"));
  EXPECT_FALSE(router.knows("/kv"));
}

TEST(Router, WhatIsNoPathHasNoRoute) {
  const Router router(routes());
  for (const std::string path :
       {"", "*", "kv/get", "/", "//", "/kv//get", "/kv/get/", "/KV/GET", "/v1/databases/"}) {
    EXPECT_EQ(router.match(net::Method::get, path), 0U) << path;
    EXPECT_EQ(router.allow(path), "") << path;
  }
  EXPECT_EQ(router.match(net::Method::post, "/kv/get"), 0U);
  EXPECT_EQ(router.allow("/kv/get"), "GET, OPTIONS");
  EXPECT_EQ(router.match(net::Method::other, "/kv/get"), 0U);
}

// The tree against a walk over the table, with paths that are made of the table's own words.
TEST(Router, AgreesWithAWalkOverTheTable) {
  const Router router(routes());
  std::set<std::string> words = {"", "x", "%2F", "{id}"};
  for (const Route& route : routes()) {
    for (const auto& segment : segments(route.pattern)) words.insert(segment);
  }
  const std::vector<std::string> choices(words.begin(), words.end());
  const auto rows = all_patterns();
  EXPECT_TRUE(rc::check([&] {
    const auto method = static_cast<net::Method>(*rc::gen::inRange(0, 9));
    std::string path;
    if (*rc::gen::inRange(0, 2) == 0) {
      for (const auto& part : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(choices))) {
        path += "/" + part;
      }
    } else {
      // A path of a route, with one segment changed.
      const Route& route = routes()[*rc::gen::inRange<std::size_t>(0, routes().size())];
      auto parts = segments(route.pattern);
      parts[*rc::gen::inRange<std::size_t>(0, parts.size())] = *rc::gen::elementOf(choices);
      for (const auto& part : parts) path += "/" + part;
    }
    RC_ASSERT(router.match(method, path) == walk(rows, method, path));
  }));
}

}  // namespace
}  // namespace quire::api
