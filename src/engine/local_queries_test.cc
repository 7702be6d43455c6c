#include "engine/local_queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/testing/memory_log.h"
#include "engine/testing/test_node.h"

namespace quire::engine {
namespace {

using testing::AuthorityOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestNode;

constexpr CollectionAddress kThings{.database = {}, .collection = "things"};

struct Found {
  std::vector<std::string> documents;
  FindEnd end;
};

Result<Found> find(TestNode& node, const FindRequest& request, const CallLimits& limits = {}) {
  Found found;
  QUIRE_TRY(found.end,
            node.node.queries().find(node.caller, limits, kThings, request, [&](const FoundRow& row) {
              found.documents.emplace_back(row.value);
              return true;
            }));
  return found;
}

void fill(TestNode& node, int count) {
  for (int i = 0; i < count; ++i) {
    node.put("d" + std::to_string(1000 + i),
             "{\"n\":" + std::to_string(i % 10) + ",\"i\":" + std::to_string(i) + "}", "things");
  }
}

TEST(LocalQueries, FindsSortsProjectsAndPages) {
  TestNode node;
  fill(node, 30);
  FindRequest request;
  request.filter = R"({"n":{"$gte":8}})";
  request.sort = R"({"n":-1,"i":1})";
  request.projection = R"({"i":1,"_id":0})";
  request.limit = 4;
  auto page = find(node, request).value();
  EXPECT_THAT(page.documents, ElementsAre(R"({"i":9})", R"({"i":19})", R"({"i":29})", R"({"i":8})"));
  EXPECT_EQ(page.end.stats.returned, 4U);
  EXPECT_EQ(page.end.stats.scanned, 30U);
  EXPECT_THAT(page.end.stats.advice, HasSubstr(R"({"keys":[{"n":-1},{"i":1}]})"));
  request.cursor = page.end.next;
  page = find(node, request).value();
  EXPECT_THAT(page.documents, ElementsAre(R"({"i":18})", R"({"i":28})"));
  EXPECT_EQ(page.end.next, "");
}

TEST(LocalQueries, ACursorIsOfItsRequestAlone) {
  TestNode node;
  fill(node, 10);
  FindRequest request;
  request.limit = 2;
  const std::string next = find(node, request).value().end.next;
  ASSERT_NE(next, "");
  request.cursor = next;
  request.limit = 5;  // a page may be of another size
  EXPECT_EQ(find(node, request).value().documents.size(), 5U);
  request.filter = R"({"n":1})";
  const Error error = find(node, request).error();
  EXPECT_EQ(error.code(), ErrorCode::invalid);
  EXPECT_EQ(error.field(), "cursor");
}

TEST(LocalQueries, SaysWhichMemberIsWrong) {
  TestNode node;
  fill(node, 1);
  const auto field = [&](FindRequest request) { return find(node, request).error().field(); };
  EXPECT_EQ(field({.filter = R"({"a":{"$no":1}})"}), "filter.a.$no");
  EXPECT_EQ(field({.sort = R"({"a":3})"}), "sort.a");
  EXPECT_EQ(field({.projection = R"({"a":1,"b":0})"}), "projection.b");
  EXPECT_EQ(field({.hint = "by_a"}), "hint");
  EXPECT_EQ(field({.cursor = "abc"}), "cursor");
  EXPECT_EQ(field({.collation = R"({"locale":"no such"})"}), "collation.locale");
}

TEST(LocalQueries, CompareStringsByACollationInEveryCall) {
  TestNode node;
  const char* const names[] = {"b", "A", "\u00e4", "a", "B", "c"};
  for (int i = 0; i < 6; ++i)
    node.put("d" + std::to_string(i), R"({"name":")" + std::string(names[i]) + "\"}", "things");
  const std::string loose = R"({"locale":"de","strength":1})";
  const auto ids = [&](FindRequest request) {
    request.projection = R"({"_id":1})";
    std::string all;
    const auto page = find(node, request);
    if (!page) return page.error().to_string();
    for (const std::string& one : page->documents) all += one.substr(9, 1);
    return all;
  };
  const auto check = [&](const std::string& index) {
    EXPECT_EQ(ids({.filter = R"({"name":"A"})", .sort = R"({"_id":1})", .collation = loose}), "123");
    EXPECT_EQ(ids({.filter = R"({"name":"A"})", .sort = R"({"_id":1})"}), "1");
    EXPECT_EQ(ids({.filter = R"({"name":{"$gt":"a"}})", .sort = R"({"name":1})", .collation = loose}), "045");
    EXPECT_EQ(
        ids({.filter = R"({"name":{"$in":["c","\u00c4"]}})", .sort = R"({"name":-1})", .collation = loose}),
        "5123");
    EXPECT_EQ(ids({.filter = R"({"_id":"D0"})", .collation = loose}), "0");
    EXPECT_EQ(ids({.filter = R"({"_id":{"$gte":"D4"}})", .sort = R"({"_id":-1})", .collation = loose}), "54");
    EXPECT_EQ(ids({.filter = R"({"name":{"$regex":"^a"}})", .collation = loose}), "3");
    const auto count = [&](const FindRequest& request) {
      return node.node.queries().count(node.caller, {}, kThings, request).value();
    };
    EXPECT_EQ(count({.filter = R"({"name":"a"})", .collation = loose}), 3U);
    EXPECT_EQ(count({.filter = R"({"name":"a"})", .collation = R"({"locale":"simple"})"}), 1U);
    EXPECT_EQ(node.node.queries().distinct(node.caller, {}, kThings, "name", {.collation = loose}).value(),
              R"(["A","b","c"])");
    const auto used = find(node, {.filter = R"({"name":"A"})", .collation = loose}).value();
    EXPECT_EQ(used.end.stats.index, index);
    const auto other =
        find(node, {.filter = R"({"name":"A"})", .collation = R"({"locale":"de","strength":2})"}).value();
    EXPECT_EQ(other.end.stats.index, "");
    EXPECT_THAT(other.end.stats.advice,
                ::testing::HasSubstr(R"("collation":{"locale":"de","caseLevel":false,)"));
  };
  check("");
  const auto add = [&](const char* name, const std::string& definition) {
    ASSERT_TRUE(node.node.queries().create_index(node.caller, {}, kThings, name, definition));
    ASSERT_TRUE(node.shard()->wait_for_index(node.shard()->indexes().back().id));
  };
  add("plain", R"({"keys":[{"name":1}]})");
  check("");
  add("loose", R"({"keys":[{"name":1}],"collation":)" + loose + "}");
  check("loose");
  const auto plan = node.node.queries().explain(
      node.caller, {}, kThings, {.filter = R"({"name":{"$gte":"A"}})", .collation = loose}, false);
  EXPECT_THAT(plan.value(), ::testing::HasSubstr("name [(a collation's), strings]"));
}

TEST(LocalQueries, AnIndexOfAnotherCollationServesWhatComparesNoStrings) {
  TestNode node;
  fill(node, 30);
  const auto add = [&](const char* name, const std::string& definition) {
    ASSERT_TRUE(node.node.queries().create_index(node.caller, {}, kThings, name, definition));
    ASSERT_TRUE(node.shard()->wait_for_index(node.shard()->indexes().back().id));
  };
  add("by_i", R"({"keys":[{"i":1}]})");
  const auto page =
      find(node, {.filter = R"({"i":{"$lt":3}})", .sort = R"({"i":-1})", .collation = R"({"locale":"de"})"})
          .value();
  EXPECT_EQ(page.documents.size(), 3U);
  EXPECT_EQ(page.end.stats.index, "by_i");
  EXPECT_EQ(page.end.stats.scanned, 3U);
}

TEST(LocalQueries, WhatTheCallerMayNotSeeIsNotThere) {
  const AuthorityOf authority([](const Caller&, Action action, const Target&) -> Decision {
    if (action != Action::read) return Predicate();
    return Predicate(
        [](const Candidate& candidate) { return candidate.body.find("\"n\":3") == std::string::npos; });
  });
  TestNode node(authority);
  fill(node, 30);
  const auto all = find(node, {}).value();
  EXPECT_EQ(all.documents.size(), 27U);
  EXPECT_EQ(find(node, {.filter = R"({"n":3})"}).value().documents.size(), 0U);
  const auto count = [&](const FindRequest& request) {
    return node.node.queries().count(node.caller, {}, kThings, request).value();
  };
  EXPECT_EQ(count({}), 27U);
  EXPECT_EQ(count({.filter = R"({"n":{"$in":[2,3]}})"}), 3U);
  EXPECT_EQ(node.node.queries().distinct(node.caller, {}, kThings, "n", {}).value(), "[0,1,2,4,5,6,7,8,9]");
}

TEST(LocalQueries, CountsAndTellsDistinctValues) {
  TestNode node;
  fill(node, 25);
  node.put("x", R"({"n":[5,"a",5.0,[1]],"m":{"k":true}})", "things");
  const auto count = [&](const FindRequest& request) {
    return node.node.queries().count(node.caller, {}, kThings, request).value();
  };
  EXPECT_EQ(count({}), 26U);
  EXPECT_EQ(count({.skip = 20}), 6U);
  EXPECT_EQ(count({.skip = 20, .limit = 3}), 3U);
  EXPECT_EQ(count({.filter = R"({"n":{"$lt":5}})"}), 15U);
  EXPECT_EQ(count({.filter = R"({"n":{"$lt":5}})", .limit = 7}), 7U);
  const auto distinct = [&](std::string_view path, const FindRequest& request) {
    return node.node.queries().distinct(node.caller, {}, kThings, path, request).value();
  };
  EXPECT_EQ(distinct("n", {}), R"([0,1,2,3,4,5,6,7,8,9,"a",[1]])");
  node.put("y", R"({"k":[[1,2],[],3,{"0":4}],"l":[],"o":[{"p":[5]},6,{"p":{"0":7}}]})", "things");
  EXPECT_EQ(distinct("k", {}), R"([3,[],[1,2],{"0":4}])");
  EXPECT_EQ(distinct("k.0", {}), "[1,2]");
  EXPECT_EQ(distinct("k.0.1", {}), "[2]");
  EXPECT_EQ(distinct("k.1", {}), "[]");
  EXPECT_EQ(distinct("k.3.0", {}), "[4]");
  EXPECT_EQ(distinct("l", {}), "[]");
  EXPECT_EQ(distinct("o.p", {}), R"([5,{"0":7}])");
  EXPECT_EQ(distinct("o.p.0", {}), "[5,7]");
  EXPECT_EQ(distinct("o.9", {}), "[]");
  EXPECT_EQ(distinct("m.k", {}), "[true]");
  EXPECT_EQ(distinct("_id", {.filter = R"({"i":{"$lt":2}})"}), R"(["d1000","d1001"])");
  EXPECT_EQ(distinct("none", {}), "[]");
}

TEST(LocalQueries, BoundsAreToldWithTheIndexThatWouldServe) {
  TestNode node;
  fill(node, 30);
  const Error error = find(node, {.filter = R"({"n":1})", .scan_limit = 10}).error();
  EXPECT_EQ(error.code(), ErrorCode::exhausted);
  EXPECT_EQ(error.limit(), 10U);
  EXPECT_THAT(error.message(), HasSubstr(R"({"keys":[{"n":1}]})"));
}

TEST(LocalQueries, ACallerWhoGoesAwayEndsTheQuery) {
  TestNode node;
  fill(node, 2000);
  CallLimits limits;
  limits.cancellation = Cancellation::make();
  std::size_t rows = 0;
  const auto end = node.node.queries().find(node.caller, limits, kThings, {}, [&](const FoundRow&) {
    if (++rows == 10) limits.cancellation.cancel();
    return true;
  });
  EXPECT_EQ(end.error().code(), ErrorCode::cancelled);
  EXPECT_LT(rows, 600U);
}

TEST(LocalQueries, ExplainsWhatIsDoneAndWhatItTook) {
  TestNode node;
  fill(node, 30);
  const FindRequest request{.filter = R"({"n":1})", .sort = R"({"i":1})", .limit = 2};
  const auto explain = [&](bool run) {
    return node.node.queries().explain(node.caller, {}, kThings, request, run).value();
  };
  EXPECT_THAT(explain(false), HasSubstr("all documents"));
  EXPECT_THAT(explain(false), Not(HasSubstr("rows")));
  EXPECT_THAT(explain(true), HasSubstr("(30 rows"));
  EXPECT_THAT(explain(true), HasSubstr("(3 rows"));
  EXPECT_THAT(explain(true), HasSubstr("limit 2"));
}

TEST(LocalQueries, ASlowQueryIsLoggedWithoutWhatItAsksFor) {
  TestNode node;
  fill(node, 3);
  MemoryLog log;
  Databases databases(node.catalog, *node.world.executor);
  LocalQueries queries(databases, node.world.clock, owner_alone(),
                       {.budget = {}, .slow = std::chrono::milliseconds(0), .log = &log});
  FindRequest request;
  request.filter = R"({"secret":{"$in":["hunter2"]},"$or":[{"n":4711},{"t":{"$regex":"^top"}}]})";
  ASSERT_TRUE(queries.find(node.caller, {}, kThings, request, [](const FoundRow&) { return true; }));
  ASSERT_EQ(log.lines().size(), 1U);
  const std::string lines = log.lines()[0];
  EXPECT_THAT(lines, HasSubstr("a query was slow"));
  EXPECT_THAT(lines, HasSubstr(R"(secret)"));
  EXPECT_THAT(lines, HasSubstr("things"));
  EXPECT_THAT(lines, Not(HasSubstr("hunter2")));
  EXPECT_THAT(lines, Not(HasSubstr("4711")));
  EXPECT_THAT(lines, Not(HasSubstr("top")));
  const AggregateRequest pipeline{
      .pipeline = R"([{"$match":{"secret":"hunter2"}},{"$group":{"_id":"$top","n":{"$sum":4711}}}])",
      .collation = {},
      .hint = {}};
  ASSERT_TRUE(queries.aggregate(node.caller, {}, kThings, pipeline, [](const FoundRow&) { return true; }));
  ASSERT_EQ(log.lines().size(), 2U);
  EXPECT_THAT(log.lines()[1], HasSubstr("a pipeline was slow"));
  EXPECT_THAT(log.lines()[1], HasSubstr("secret"));
  EXPECT_THAT(log.lines()[1], HasSubstr("all documents"));
  EXPECT_THAT(log.lines()[1], Not(HasSubstr("hunter2")));
  EXPECT_THAT(log.lines()[1], Not(HasSubstr("4711")));
}

// Pages are read while others write: what nobody touches is seen once, in every order.
TEST(LocalQueries, PagesMissNothingAndRepeatNothingThatStaysAsItIs) {
  TestNode node;
  fill(node, 300);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    // A bound, or it makes documents faster than pages of all of them are sorted.
    for (int i = 0; i < 6000 && !done.load(); ++i) {
      const int at = i % 300;
      if (at % 3 != 0) continue;  // the others stay
      const std::string id = "d" + std::to_string(1000 + at);
      node.put(id, "{\"n\":" + std::to_string(i % 7) + ",\"i\":" + std::to_string(i) + "}", "things");
      node.put("e" + std::to_string(i), R"({"n":5,"i":1})", "things");
    }
  });
  for (const std::string sort : {"", R"({"n":1})", R"({"n":-1,"i":1})", R"({"_id":-1})"}) {
    std::multiset<std::string> seen;
    FindRequest request{.sort = sort, .projection = R"({"_id":1})", .limit = 17};
    for (int pages = 0; pages < 200; ++pages) {
      const auto page = find(node, request).value();
      seen.insert(page.documents.begin(), page.documents.end());
      request.cursor = page.end.next;
      if (request.cursor.empty()) break;
    }
    for (int i = 0; i < 300; ++i) {
      if (i % 3 == 0) continue;
      const std::string row = "{\"_id\":\"d" + std::to_string(1000 + i) + "\"}";
      EXPECT_EQ(seen.count(row), 1U) << row << " by " << sort;
    }
  }
  done = true;
  writer.join();
}

void make_index(TestNode& node, std::string_view name, std::string_view definition) {
  ASSERT_TRUE(node.node.queries().create_index(node.caller, {}, kThings, name, definition));
  for (int i = 0; i < 1000; ++i) {
    for (const auto& index : node.node.queries().indexes(node.caller, {}, kThings).value()) {
      if (index.name == name && index.state == IndexDescription::State::ready) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  FAIL() << "the index was not built in time";
}

// If this fails, somebody is told to make an index that is there.
TEST(LocalQueries, AdviseNoIndexThatIsThereAndCannotServe) {
  TestNode node;
  fill(node, 10);
  const FindRequest request{.filter = "{}", .sort = R"({"n":1})", .limit = 2};
  EXPECT_NE(find(node, request).value().end.stats.advice, "");
  node.put("array", R"({"n":[1,2]})", "things");
  make_index(node, "by_n", R"({"keys":[{"n":1}]})");
  EXPECT_EQ(find(node, request).value().end.stats.advice, "");
}

TEST(LocalQueries, UseAnIndexOnceItIsThere) {
  TestNode node;
  fill(node, 100);
  make_index(node, "by_n", R"({"keys":[{"n":1},{"i":1}]})");
  FindRequest request{.filter = R"({"n":3})", .sort = R"({"i":-1})", .limit = 2};
  auto page = find(node, request).value();
  EXPECT_THAT(page.documents,
              ElementsAre(R"({"_id":"d1093","n":3,"i":93})", R"({"_id":"d1083","n":3,"i":83})"));
  EXPECT_EQ(page.end.stats.index, "by_n");
  EXPECT_LE(page.end.stats.scanned, 3U);
  EXPECT_EQ(page.end.stats.advice, "");
  // A page of the sort goes on whatever is walked.
  request.cursor = page.end.next;
  EXPECT_TRUE(node.node.queries().drop_index(node.caller, {}, kThings, "by_n"));
  page = find(node, request).value();
  EXPECT_THAT(page.documents,
              ElementsAre(R"({"_id":"d1073","n":3,"i":73})", R"({"_id":"d1063","n":3,"i":63})"));
  EXPECT_EQ(page.end.stats.index, "");
}

TEST(LocalQueries, ACursorOfAnIndexEndsWithIt) {
  TestNode node;
  fill(node, 100);
  make_index(node, "by_n", R"({"keys":[{"n":1}]})");
  FindRequest request{.filter = R"({"n":{"$gt":3}})", .limit = 5};
  request.cursor = find(node, request).value().end.next;
  EXPECT_EQ(find(node, request).value().documents.size(), 5U);
  EXPECT_TRUE(node.node.queries().drop_index(node.caller, {}, kThings, "by_n"));
  EXPECT_EQ(find(node, request).error().field(), "cursor");
}

TEST(LocalQueries, CountByAnIndexLooksAtNoDocument) {
  TestNode node;
  fill(node, 100);
  make_index(node, "by_n", R"({"keys":[{"n":1}]})");
  EXPECT_EQ(node.node.queries().count(node.caller, {}, kThings, {.filter = R"({"n":{"$gte":8}})"}).value(),
            20U);
  const Error none =
      node.node.queries()
          .count(node.caller, {}, kThings, {.filter = R"({"n":{"$gte":8},"i":1})", .scan_limit = 5})
          .error();
  EXPECT_EQ(none.code(), ErrorCode::exhausted);
  EXPECT_EQ(node.node.queries()
                .count(node.caller, {}, kThings, {.filter = R"({"n":{"$gte":8}})", .scan_limit = 5})
                .value(),
            20U);
}

TEST(LocalQueries, IndexesAreDescribedAndNotMadeTwice) {
  TestNode node;
  fill(node, 10);
  auto& queries = node.node.queries();
  make_index(node, "by_n", R"({"keys":[{"n":1}]})");
  EXPECT_TRUE(queries.create_index(node.caller, {}, kThings, "by_n", R"( {"keys": [{"n": 1}]} )"));
  EXPECT_EQ(queries.create_index(node.caller, {}, kThings, "by_n", R"({"keys":[{"n":-1}]})").error().code(),
            ErrorCode::exists);
  EXPECT_EQ(queries.create_index(node.caller, {}, kThings, "x", R"({"keys":[]})").error().code(),
            ErrorCode::invalid);
  EXPECT_EQ(queries.drop_index(node.caller, {}, kThings, "none").error().code(), ErrorCode::not_found);
  const auto all = queries.indexes(node.caller, {}, kThings).value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "by_n");
  EXPECT_THAT(all[0].definition, HasSubstr(R"("keys":[{"n":1}])"));
}

}  // namespace
}  // namespace quire::engine
