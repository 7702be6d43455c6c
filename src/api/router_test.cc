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

bool fits(const Route& route, const std::string& path) {
  const auto pattern = segments(route.pattern);
  const auto parts = segments(path);
  if (pattern.size() != parts.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool capture = pattern[i].starts_with('{');
    if (capture ? parts[i].empty() : pattern[i] != parts[i]) return false;
  }
  return true;
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
  EXPECT_TRUE(rc::check([&] {
    const auto method = static_cast<net::Method>(*rc::gen::inRange(0, 8));
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
    std::uint32_t expected = 0;
    for (std::size_t i = 0; i < routes().size() && !path.empty(); ++i) {
      if (routes()[i].method == method && fits(routes()[i], path))
        expected = static_cast<std::uint32_t>(i + 1);
    }
    RC_ASSERT(router.match(method, path) == expected);
  }));
}

}  // namespace
}  // namespace quire::api
