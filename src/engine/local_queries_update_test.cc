#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "document/arena.h"
#include "engine/testing/test_node.h"
#include "engine/update.h"
#include "engine/upsert.h"

namespace quire::engine {
namespace {

using ::testing::HasSubstr;
using testing::TestNode;

class UpdatesTest : public ::testing::Test {
 protected:
  Result<UpdateResult> update(const UpdateRequest& request, const CallLimits& limits = {}) {
    return wait<UpdateResult>([&](auto done) {
      node_.node.queries().update(node_.caller, limits, {}, request, Durability::disk, std::move(done));
    });
  }
  Result<UpdateResult> remove(const UpdateRequest& request) {
    return wait<UpdateResult>([&](auto done) {
      node_.node.queries().remove(node_.caller, {}, {}, request, Durability::disk, std::move(done));
    });
  }
  Result<FindAndModifyResult> find_and_modify(const FindAndModifyRequest& request) {
    return wait<FindAndModifyResult>([&](auto done) {
      node_.node.queries().find_and_modify(node_.caller, {}, {}, request, Durability::disk, std::move(done));
    });
  }
  std::string text(const std::string& id) {
    const auto found = node_.get(id);
    return found ? std::string(found->body) : std::string(found.error().field());
  }
  std::string field_of(const UpdateRequest& request) {
    const auto result = update(request);
    return result ? "done" : std::string(name(result.error().code())) + " " + result.error().field();
  }

  TestNode node_;
};

TEST_F(UpdatesTest, FiltersAndOperatorsCompareByTheCollation) {
  const std::string loose = R"({"locale":"en","strength":2})";
  node_.put("a", R"({"s":"x","l":["x","y"]})");
  node_.put("b", R"({"s":"X","l":["X"]})");
  node_.put("c", R"({"s":"y"})");
  auto done = update({.filter = R"({"s":"X"})",
                      .update = R"({"$addToSet":{"l":"X"},"$min":{"s":"x"}})",
                      .collation = loose,
                      .many = true});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->matched, 2U);
  EXPECT_EQ(done->modified, 0U);
  done = update(
      {.filter = R"({"s":"X"})", .update = R"({"$pull":{"l":"X"}})", .collation = loose, .many = true});
  EXPECT_EQ(done->modified, 2U);
  EXPECT_EQ(text("a"), R"({"s":"x","l":["y"]})");
  EXPECT_EQ(text("b"), R"({"s":"X","l":[]})");
  done = update({.filter = R"({"s":"x"})",
                 .update = R"({"$set":{"l.$[e]":"Z"}})",
                 .array_filters = R"([{"e":"Y"}])",
                 .collation = loose});
  EXPECT_EQ(text("a"), R"({"s":"x","l":["Z"]})");
  const auto found = find_and_modify({.filter = R"({"s":{"$lte":"X"}})",
                                      .update = R"({"$set":{"n":1}})",
                                      .sort = R"({"s":-1,"_id":-1})",
                                      .projection = R"({"_id":1})",
                                      .collation = loose});
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->document, R"({"_id":"b"})");
  done =
      update({.filter = R"({"s":"Y"})", .update = R"({"$set":{"n":2}})", .collation = loose, .upsert = true});
  EXPECT_EQ(done->upserted_id, "");
  EXPECT_EQ(text("c"), R"({"s":"y","n":2})");
  EXPECT_EQ(remove({.filter = R"({"_id":"A"})"})->matched, 0U);
  EXPECT_EQ(remove({.filter = R"({"_id":"A"})", .collation = loose})->matched, 1U);
  EXPECT_EQ(field_of({.filter = "{}", .update = R"({"$set":{"n":1}})", .collation = R"({"locale":""})"}),
            "invalid collation.locale");
}

TEST_F(UpdatesTest, OfAnArrayTheElementThatTheFilterFoundIsChanged) {
  node_.put("a", R"({"items":[{"sku":"x","n":1},{"sku":"y","n":5}]})");
  node_.put("b", R"({"items":[{"sku":"y","n":2}]})");
  const auto done =
      update({.filter = R"({"items.sku":"y"})", .update = R"({"$inc":{"items.$.n":10}})", .many = true});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->modified, 2U);
  EXPECT_EQ(text("a"), R"({"items":[{"sku":"x","n":1},{"sku":"y","n":15}]})");
  EXPECT_EQ(text("b"), R"({"items":[{"sku":"y","n":12}]})");
  const auto found = find_and_modify({.filter = R"({"items":{"$elemMatch":{"sku":"x","n":{"$lt":9}}}})",
                                      .update = R"({"$unset":{"items.$.n":1}})",
                                      .after = true});
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(text("a"), R"({"items":[{"sku":"x"},{"sku":"y","n":15}]})");
  EXPECT_EQ(field_of({.filter = R"({"_id":"a"})", .update = R"({"$set":{"items.$.n":1}})"}),
            "invalid update.items.$.n");
}

TEST_F(UpdatesTest, OneOrManyThatMatchAreChanged) {
  for (int i = 0; i < 10; ++i) node_.put("d" + std::to_string(i), R"({"n":)" + std::to_string(i) + "}");
  auto done = update({.filter = R"({"n":{"$gte":5}})", .update = R"({"$inc":{"n":100}})", .many = true});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->matched, 5U);
  EXPECT_EQ(done->modified, 5U);
  EXPECT_EQ(text("d7"), R"({"n":107})");
  EXPECT_EQ(text("d4"), R"({"n":4})");
  done = update({.filter = R"({"n":{"$gte":100}})", .update = R"({"$set":{"x":1}})"});
  EXPECT_EQ(done->matched, 1U);
  EXPECT_EQ(done->modified, 1U);
  done = update({.filter = R"({"n":{"$lt":5}})", .update = R"({"$max":{"n":2}})", .many = true});
  EXPECT_EQ(done->matched, 5U);
  EXPECT_EQ(done->modified, 2U) << "what stays as it is is matched and not modified";
  done = update({.filter = R"({"n":-1})", .update = R"({"$set":{"x":1}})", .many = true});
  EXPECT_EQ(done->matched, 0U);
  EXPECT_TRUE(done->upserted_id.empty());
}

TEST_F(UpdatesTest, MoreThanABatchIsChangedOnceEach) {
  std::vector<Change> changes;
  for (int i = 0; i < 3000; ++i) changes.push_back(testing::put_change(std::to_string(i), R"({"n":0})"));
  ASSERT_TRUE(node_.write(std::move(changes)));
  const auto done = update({.update = R"({"$inc":{"n":1}})", .many = true});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->modified, 3000U);
  const auto left = update({.filter = R"({"n":{"$ne":1}})", .update = R"({"$inc":{"n":1}})", .many = true});
  EXPECT_EQ(left->matched, 0U);
  const auto removed = remove({.filter = R"({"n":1})", .many = true});
  EXPECT_EQ(removed->modified, 3000U);
  EXPECT_EQ(node_.list()->size(), 0U);
}

TEST_F(UpdatesTest, OneOfThemIsRemoved) {
  node_.put("a", R"({"n":1})");
  node_.put("b", R"({"n":1})");
  EXPECT_EQ(remove({.filter = R"({"n":1})"})->modified, 1U);
  EXPECT_EQ(node_.list()->size(), 1U);
  EXPECT_EQ(remove({.filter = R"({"_id":"none"})"})->matched, 0U);
}

TEST_F(UpdatesTest, ArrayFiltersSayWhichElements) {
  node_.put("a", R"({"v":[1,5,9]})");
  ASSERT_TRUE(update({.filter = R"({"_id":"a"})",
                      .update = R"({"$set":{"v.$[big]":0}})",
                      .array_filters = R"([{"big":{"$gt":4}}])"}));
  EXPECT_EQ(text("a"), R"({"v":[1,0,0]})");
}

TEST_F(UpdatesTest, AnUpsertMakesWhatTheFilterSays) {
  const auto made = update({.filter = R"({"_id":"a","kind":"x","at.x":1,"n":{"$gt":5},"$and":[{"at.y":2}]})",
                            .update = R"({"$inc":{"n":1},"$setOnInsert":{"new":true}})",
                            .upsert = true});
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->upserted_id, "a");
  EXPECT_EQ(made->matched, 0U);
  EXPECT_EQ(text("a"), R"({"kind":"x","at":{"x":1,"y":2},"n":1,"new":true})");
  const auto changed = update({.filter = R"({"kind":"x"})",
                               .update = R"({"$inc":{"n":1},"$setOnInsert":{"new":false}})",
                               .many = true,
                               .upsert = true});
  EXPECT_EQ(changed->modified, 1U);
  EXPECT_TRUE(changed->upserted_id.empty());
  EXPECT_THAT(text("a"), HasSubstr(R"("n":2,"new":true)"));
  const auto fresh = update({.filter = R"({"kind":"y"})", .update = R"({"$set":{"n":1}})", .upsert = true});
  EXPECT_EQ(text(fresh->upserted_id), R"({"kind":"y","n":1})");
  // It is there, and does not match.
  EXPECT_EQ(field_of({.filter = R"({"_id":"a","n":7})", .update = R"({"$set":{"m":1}})", .upsert = true}),
            "exists ");
}

TEST(UpsertBase, TakesEqualityAlone) {
  const auto base = [](std::string_view filter) {
    const auto made = upsert_base(*document::Filter::parse(filter), {});
    return made ? made->body : "refused " + made.error().field();
  };
  EXPECT_EQ(base(R"({"a":{"$eq":1},"b":{"$gt":2},"c":{"x":1}})"), R"({"a":1,"c":{"x":1}})");
  EXPECT_EQ(base(R"({"$or":[{"a":1}]})"), R"({"a":1})");
  EXPECT_EQ(base(R"({"$or":[{"a":1},{"a":2}]})"), "{}");
  EXPECT_EQ(base(R"({"$nor":[{"a":1}]})"), "{}");
  EXPECT_EQ(base(R"({"a.0":1})"), R"({"a":{"0":1}})");
  EXPECT_EQ(base(R"({"a":1,"$and":[{"a":1}]})"), "refused a");
  EXPECT_EQ(base(R"({"a":{"x":1},"a.y":1})"), "refused a.y");
  EXPECT_EQ(base(R"({"a.y":1,"a":{"x":1}})"), "refused a");
  EXPECT_EQ(base(R"({"_id":7})"), "refused _id");
  EXPECT_EQ(base(R"({"_x":7})"), "refused _x");
  EXPECT_EQ(upsert_base(*document::Filter::parse(R"({"_id":{"$oid":"5F3759DF5F3759DF5F3759DF"}})"), {})->id,
            "5f3759df5f3759df5f3759df");
}

TEST_F(UpdatesTest, WhatIsWrongIsNamed) {
  node_.put("a", R"({"n":"text"})");
  EXPECT_EQ(field_of({.filter = R"({"n":{"$no":1}})", .update = R"({"$set":{"n":1}})"}),
            "invalid filter.n.$no");
  EXPECT_EQ(field_of({.update = R"({"n":1})"}), "invalid update.n");
  EXPECT_EQ(field_of({.update = R"({"$push":{"n":1}})"}), "invalid update.n");
  EXPECT_EQ(field_of({.update = R"({"$set":{"n.$[x]":1}})", .array_filters = R"([{"x":1},{"y":1}])"}),
            "invalid arrayFilters");
}

TEST_F(UpdatesTest, AnErrorSaysHowManyHadBeenChanged) {
  for (int i = 0; i < 1200; ++i) {
    const std::string number = std::to_string(10000 + i);
    node_.put(number, i == 1100 ? R"({"n":"text"})" : R"({"n":1})");
  }
  const auto done = update({.update = R"({"$inc":{"n":1}})", .many = true});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::invalid);
  EXPECT_EQ(done.error().field(), "update.n");
  EXPECT_THAT(std::string(done.error().detail()), HasSubstr(R"("modified":1199)"));
  EXPECT_THAT(done.error().message(), HasSubstr("1199 documents had been changed before"));
}

TEST_F(UpdatesTest, ACancelledUpdateEndsBetweenBatches) {
  for (int i = 0; i < 10; ++i) node_.put("d" + std::to_string(i), R"({"n":1})");
  CallLimits limits;
  limits.cancellation = Cancellation::make();
  limits.cancellation.cancel();
  const auto done = update({.update = R"({"$inc":{"n":1}})", .many = true}, limits);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::cancelled);
  EXPECT_EQ(text("d3"), R"({"n":1})");
}

TEST_F(UpdatesTest, FindAndModifyAnswersTheDocumentBeforeOrAfter) {
  node_.put("a", R"({"n":3,"x":"a"})");
  node_.put("b", R"({"n":1,"x":"b"})");
  node_.put("c", R"({"n":2,"x":"c"})");
  auto done = find_and_modify({.filter = "{}", .update = R"({"$inc":{"n":10}})", .sort = R"({"n":1})"});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(*done->document, R"({"_id":"b","n":1,"x":"b"})");
  done = find_and_modify({.filter = "{}",
                          .update = R"({"$inc":{"n":10}})",
                          .sort = R"({"n":1})",
                          .projection = R"({"n":1})",
                          .after = true});
  EXPECT_EQ(*done->document, R"({"_id":"c","n":12})");
  done = find_and_modify({.filter = R"({"x":"a"})", .sort = R"({"n":-1})", .remove = true});
  EXPECT_EQ(*done->document, R"({"_id":"a","n":3,"x":"a"})");
  EXPECT_EQ(text("a"), "deleted");
  done = find_and_modify({.filter = R"({"x":"none"})", .update = R"({"$set":{"n":1}})"});
  EXPECT_FALSE(done->document);
  done =
      find_and_modify({.filter = R"({"_id":"new"})", .update = R"({"n":7})", .upsert = true, .after = true});
  EXPECT_EQ(*done->document, R"({"_id":"new","n":7})");
  EXPECT_EQ(done->upserted_id, "new");
  done = find_and_modify({.filter = R"({"_id":"new"})", .update = R"({"m":8})"});
  EXPECT_EQ(*done->document, R"({"_id":"new","n":7})");
  EXPECT_EQ(text("new"), R"({"m":8})");
  EXPECT_FALSE(find_and_modify({.update = R"({"n":1})", .remove = true}));
}

TEST_F(UpdatesTest, AReplacementMayNameTheIdThatTheDocumentHas) {
  node_.put("a", R"({"n":1})");
  const auto kept = find_and_modify({.filter = R"({"n":1})", .update = R"({"_id":"a","n":2})"});
  ASSERT_TRUE(kept) << kept.error().to_string();
  EXPECT_EQ(text("a"), R"({"n":2})");
  const auto made =
      find_and_modify({.filter = R"({"n":9})", .update = R"({"_id":"b","n":3})", .upsert = true});
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->upserted_id, "b");
  EXPECT_EQ(text("b"), R"({"n":3})");
  const auto refused =
      find_and_modify({.filter = R"({"_id":"c"})", .update = R"({"_id":"d","n":3})", .upsert = true});
  EXPECT_EQ(refused.error().field(), "update._id");
}

TEST_F(UpdatesTest, AnUpsertMaySayTheIdOfWhatItMakes) {
  const char* const update_of_x = R"({"$set":{"n":1},"$setOnInsert":{"_id":"x","m":2}})";
  const auto made = update({.filter = R"({"k":1})", .update = update_of_x, .upsert = true});
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->upserted_id, "x");
  EXPECT_EQ(text("x"), R"({"k":1,"m":2,"n":1})");
  EXPECT_EQ(update({.filter = R"({"k":1})", .update = update_of_x, .upsert = true})->matched, 1U);
  EXPECT_TRUE(
      update({.filter = R"({"_id":"y"})", .update = R"({"$setOnInsert":{"_id":"y"}})", .upsert = true}));
  EXPECT_EQ(text("y"), "{}");
  EXPECT_EQ(field_of({.filter = R"({"_id":"z"})", .update = update_of_x, .upsert = true}),
            "invalid update.$setOnInsert._id");
  EXPECT_EQ(field_of({.filter = R"({"k":2})", .update = update_of_x, .upsert = true}), "exists ");
  EXPECT_EQ(field_of({.filter = R"({"k":2})", .update = R"({"$setOnInsert":{"_id":5}})", .upsert = true}),
            "invalid update._id");
}

// If this fails, a slip in an update costs all members of the document.
TEST_F(UpdatesTest, AReplacementWithAnOperatorInItIsRefused) {
  node_.put("a", R"({"keep":"me"})");
  const auto field = [&](const std::string& change) {
    return std::string(find_and_modify({.filter = "{}", .update = change}).error().field());
  };
  EXPECT_EQ(field(R"({"x":2,"$set":{"y":1}})"), "update");
  EXPECT_EQ(field(R"({"x":2,"\u0024set":{"y":1}})"), "update");
  EXPECT_EQ(field(R"({"_id":"b","x":2})"), "update._id");
  EXPECT_EQ(text("a"), R"({"keep":"me"})");
}

TEST_F(UpdatesTest, NoIncrementIsLost) {
  node_.put("counter", R"({"name":"hits","n":0})");
  constexpr int kThreads = 64;
  std::atomic<int> left = 1000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      while (--left >= 0) {
        const auto done = update({.filter = R"({"name":"hits"})", .update = R"({"$inc":{"n":1}})"});
        ASSERT_TRUE(done) << done.error().to_string();
        ASSERT_EQ(done->modified, 1U);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(text("counter"), R"({"name":"hits","n":1000})");
}

// Each job is taken by one of many, whatever order they ask in.
TEST_F(UpdatesTest, AJobIsTakenOnce) {
  constexpr int kJobs = 100;
  for (int i = 0; i < kJobs; ++i)
    node_.put("j" + std::to_string(i), R"({"state":"new","n":)" + std::to_string(i % 7) + "}");
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      while (true) {
        const auto done = find_and_modify({.filter = R"({"state":"new"})",
                                           .update = R"({"$set":{"state":"taken"}})",
                                           .sort = R"({"n":1})"});
        if (!done && done.error().code() == ErrorCode::conflict) continue;
        ASSERT_TRUE(done) << done.error().to_string();
        if (!done->document) break;
        ++taken;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken, kJobs);
}

TEST_F(UpdatesTest, UpsertsThatMeetUnderAUniqueIndexMakeOneDocument) {
  const auto index = node_.shard()->create_index(database::kDefaultCollection, "member", "unique name");
  ASSERT_TRUE(index);
  ASSERT_TRUE(node_.shard()->wait_for_index(*index));
  for (int round = 0; round < 20; ++round) {
    const std::string filter = R"({"name":"n)" + std::to_string(round) + R"("})";
    std::atomic<int> made = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const auto done = update({.filter = filter, .update = R"({"$inc":{"n":1}})", .upsert = true});
        ASSERT_TRUE(done) << done.error().to_string();
        if (!done->upserted_id.empty()) ++made;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
  }
  EXPECT_EQ(update({.filter = R"({"n":4})", .update = R"({"$set":{"ok":1}})", .many = true})->matched, 20U);
}

TEST(UpdateRights, WhatTheCallerMayNotReadOrWriteDoesNotMatch) {
  testing::AuthorityOf authority([](const Caller&, Action action, const Target&) -> Decision {
    if (action == Action::read)
      return Predicate([](const Candidate& it) { return it.body.find("secret") == std::string_view::npos; });
    return Predicate([](const Candidate& it) { return it.body.find("fixed") == std::string_view::npos; });
  });
  TestNode node(authority);
  const std::pair<const char*, const char*> documents[] = {
      {"a", R"({"n":1})"}, {"f", R"({"n":1,"fixed":1})"}, {"s", R"({"n":1,"secret":1})"}};
  for (const auto& [id, body] : documents) {
    database::Edit edit;
    edit.id = id;
    edit.body = body;
    ASSERT_TRUE(node.shard()->write({edit}, {}));
  }
  const auto update = [&](const std::string& operators) {
    return wait<UpdateResult>([&](auto done) {
      node.node.queries().update(node.caller, {}, {},
                                 {.filter = R"({"n":1})", .update = operators, .many = true},
                                 Durability::disk, std::move(done));
    });
  };
  EXPECT_EQ(update(R"({"$set":{"m":1}})")->matched, 1U);
  EXPECT_EQ(update(R"({"$set":{"fixed":1}})").error().code(), ErrorCode::forbidden);
}

// --- against a model: documents in a map, each update done on every one that the filter takes.

struct Model {
  std::map<std::string, std::string> documents;

  std::pair<std::size_t, std::size_t> update(const std::string& filter, const std::string& operators) {
    const auto parsed = *document::Filter::parse(filter);
    const auto change = *parse_operators(operators, "", {});
    std::size_t matched = 0;
    std::size_t modified = 0;
    for (auto& [id, text] : documents) {
      document::Arena arena;
      if (!*parsed.matches_text(text, id, arena)) continue;
      ++matched;
      const auto next = apply_operators(change, text, {});
      if (!next || !*next) continue;
      text = **next;
      ++modified;
    }
    return {matched, modified};
  }
  std::size_t remove(const std::string& filter) {
    const auto parsed = *document::Filter::parse(filter);
    return std::erase_if(documents, [&](const auto& one) {
      document::Arena arena;
      return *parsed.matches_text(one.second, one.first, arena);
    });
  }
};

RC_GTEST_FIXTURE_PROP(UpdatesTest, ChangeWhatAModelChanges, ()) {
  for (const auto& id : *node_.list()) node_.remove(id);
  Model model;
  const int documents = *rc::gen::inRange(0, 30);
  for (int i = 0; i < documents; ++i) {
    const std::string body = R"({"a":)" + std::to_string(*rc::gen::inRange(0, 5)) + R"(,"b":[)" +
                             std::to_string(*rc::gen::inRange(0, 5)) + "," +
                             std::to_string(*rc::gen::inRange(0, 5)) + "]}";
    model.documents["d" + std::to_string(i)] = body;
    node_.put("d" + std::to_string(i), body);
  }
  const int steps = *rc::gen::inRange(1, 6);
  for (int i = 0; i < steps; ++i) {
    const std::string n = std::to_string(*rc::gen::inRange(0, 6));
    const auto filter = *rc::gen::elementOf(std::vector<std::string>{
        R"({"a":)" + n + "}", R"({"b":{"$gte":)" + n + "}}", R"({"$or":[{"a":)" + n + R"(},{"b":1}]})",
        R"({"b.0":)" + n + "}", R"({"a":{"$not":{"$lt":)" + n + "}}}", "{}"});
    if (*rc::gen::inRange(0, 5) == 0) {
      RC_ASSERT(remove({.filter = filter, .many = true})->modified == model.remove(filter));
      continue;
    }
    const auto operators = *rc::gen::elementOf(std::vector<std::string>{
        R"({"$inc":{"a":1}})", R"({"$max":{"a":)" + n + "}}", R"({"$push":{"b":)" + n + "}}",
        R"({"$pull":{"b":)" + n + "}}", R"({"$set":{"a":)" + n + "}}", R"({"$addToSet":{"b":)" + n + "}}"});
    const auto [matched, modified] = model.update(filter, operators);
    const auto done = update({.filter = filter, .update = operators, .many = true});
    RC_ASSERT(done.has_value());
    RC_ASSERT(done->matched == matched);
    RC_ASSERT(done->modified == modified);
  }
  for (const auto& [id, body] : model.documents) RC_ASSERT(text(id) == body);
  RC_ASSERT(node_.list()->size() == model.documents.size());
}

}  // namespace
}  // namespace quire::engine
