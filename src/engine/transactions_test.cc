#include "engine/transactions.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "engine/testing/test_node.h"

namespace quire::engine {
namespace {

using testing::body;
using testing::TestNode;
using Kind = TransactionStep::Kind;

TransactionStep insert(const std::string& id, std::string_view json) {
  TransactionStep step;
  step.kind = Kind::insert;
  step.id = id;
  step.body = body(json);
  return step;
}
TransactionStep update(const std::string& id, const std::string& operators) {
  TransactionStep step;
  step.kind = Kind::update;
  step.id = id;
  step.update = operators;
  return step;
}
TransactionStep update_found(const std::string& filter, const std::string& operators) {
  TransactionStep step = update("", operators);
  step.filter = filter;
  return step;
}
TransactionStep replace(const std::string& id, std::string_view json) {
  TransactionStep step = insert(id, json);
  step.kind = Kind::replace;
  return step;
}
TransactionStep remove(const std::string& id) {
  TransactionStep step;
  step.kind = Kind::remove;
  step.id = id;
  return step;
}
TransactionStep check(const std::string& id, const std::string& filter) {
  TransactionStep step;
  step.kind = Kind::check;
  step.id = id;
  step.filter = filter;
  return step;
}
TransactionStep check_exists(const std::string& id, bool exists) {
  TransactionStep step = check(id, "");
  step.exists = exists;
  return step;
}
TransactionStep in(TransactionStep step, const std::string& collection) {
  step.collection = collection;
  return step;
}
TransactionStep at(TransactionStep step, const document::Revision& revision) {
  step.expected = revision;
  return step;
}

class TransactionsTest : public ::testing::Test {
 protected:
  Result<WriteResult> run(std::vector<TransactionStep> steps, const std::string& request_id = {}) {
    WriteOptions options;
    options.create_collections = true;
    options.request_id = request_id;
    return wait<WriteResult>([&](auto done) {
      node_.node.transactions().run(node_.caller, node_.limits, {}, std::move(steps), options,
                                    std::move(done));
    });
  }
  std::string text(const std::string& id, std::string_view collection = "_default") {
    const auto found = node_.get(id, {}, collection);
    return found ? std::string(found->body) : std::string(found.error().field());
  }
  int number(const std::string& id) {
    const std::string json = text(id);
    return std::stoi(json.substr(json.find(':') + 1));
  }
  // "conflict operations[1].rev"
  std::string refusal(std::vector<TransactionStep> steps) {
    const auto result = run(std::move(steps));
    if (result) return "done";
    return std::string(name(result.error().code())) + " " + result.error().field();
  }
  Sequence position() { return node_.shard()->position().sequence; }

  TestNode node_;
};

TEST_F(TransactionsTest, AllOperationsAreDoneInOneBatch) {
  node_.put("a", R"({"n":1})");
  node_.put("b", R"({"n":2})");
  node_.put("c", R"({"n":3})");
  const auto done = run({update("a", R"({"$inc":{"n":10}})"), replace("b", R"({"m":5})"), remove("c"),
                         insert("d", R"({"n":4})"), insert("", R"({"n":5})"), check("a", R"({"n":11})")});
  ASSERT_TRUE(done) << done.error().to_string();
  ASSERT_EQ(done->rows.size(), 6U);
  EXPECT_EQ(text("a"), R"({"n":11})");
  EXPECT_EQ(text("b"), R"({"m":5})");
  EXPECT_EQ(text("c"), "deleted");
  EXPECT_EQ(text("d"), R"({"n":4})");
  EXPECT_EQ(text(done->rows[4]->id), R"({"n":5})");
  EXPECT_EQ(done->rows[0]->revision, node_.get("a")->revision);
  EXPECT_EQ(done->rows[5]->revision, done->rows[0]->revision);
}

TEST_F(TransactionsTest, WhereOneOperationFailsNothingIsDone) {
  node_.put("a", R"({"n":1})");
  const Sequence before = position();
  EXPECT_EQ(refusal({update("a", R"({"$inc":{"n":1}})"), insert("a", "{}")}), "exists operations[1]");
  EXPECT_EQ(refusal({update("a", R"({"$inc":{"n":1}})"), remove("none")}), "not_found operations[1]");
  EXPECT_EQ(refusal({insert("x", "{}"), check("a", R"({"n":2})")}), "conflict operations[1]");
  EXPECT_EQ(refusal({insert("x", "{}"), check_exists("a", false)}), "conflict operations[1]");
  EXPECT_EQ(refusal({insert("x", "{}"), check_exists("none", true)}), "conflict operations[1]");
  EXPECT_EQ(refusal({insert("x", "{}"), at(remove("a"), {1, document::RevisionHash::from_text("ff")})}),
            "conflict operations[1].rev");
  EXPECT_EQ(refusal({insert("x", "{}"), update_found(R"({"n":7})", R"({"$inc":{"n":1}})")}),
            "not_found operations[1].filter");
  EXPECT_EQ(refusal({insert("x", "{}"), update("a", R"({"$inc":{"n":"1"}})")}),
            "invalid operations[1].update.n");
  EXPECT_EQ(refusal({insert("x", "{}"), update("a", R"({"$push":{"n":1}})")}),
            "invalid operations[1].update.n");
  EXPECT_EQ(refusal({insert("x", "{}"), update_found(R"({"n":{"$no":7}})", R"({"$inc":{"n":1}})")}),
            "invalid operations[1].filter.n.$no");
  EXPECT_EQ(refusal({}), "invalid operations");
  EXPECT_EQ(position(), before);
}

TEST_F(TransactionsTest, FiltersAndOperatorsCompareByTheCollationOfTheirOperation) {
  const auto loosely = [](TransactionStep step) {
    step.collation = R"({"locale":"en","strength":1})";
    return step;
  };
  node_.put("a", R"({"s":"x","l":["x","y"]})");
  EXPECT_EQ(refusal({update_found(R"({"s":"X"})", R"({"$set":{"n":1}})")}), "not_found operations[0].filter");
  EXPECT_EQ(refusal({check("a", R"({"s":"X"})")}), "conflict operations[0]");
  const auto done = run({loosely(check("a", R"({"s":"X"})")),
                         loosely(update_found(R"({"s":"X"})", R"({"$pull":{"l":"X"}})")),
                         update("a", R"({"$pull":{"l":"Y"}})")});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(text("a"), R"({"s":"x","l":["y"]})");
  TransactionStep unknown = check("a", "{}");
  unknown.collation = R"({"locale":"no such"})";
  EXPECT_EQ(refusal({unknown}), "invalid operations[0].collation.locale");
}

TEST_F(TransactionsTest, OperationsOnOneDocumentSeeEachOther) {
  const auto done = run({insert("a", R"({"n":1})"), update("a", R"({"$inc":{"n":1}})"),
                         check("a", R"({"n":2})"), update("a", R"({"$set":{"m":3}})")});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(text("a"), R"({"n":2,"m":3})");
  EXPECT_EQ(done->rows[0]->revision.generation, 1U);
  // Removed and made again is replaced; made and removed again is nothing.
  ASSERT_TRUE(run({remove("a"), insert("a", R"({"k":1})")}));
  EXPECT_EQ(text("a"), R"({"k":1})");
  const Sequence before = position();
  ASSERT_TRUE(run({insert("b", "{}"), remove("b"), check_exists("b", false)}));
  EXPECT_EQ(position(), before);
  EXPECT_EQ(refusal({remove("a"), update("a", R"({"$set":{"m":1}})")}), "not_found operations[1]");
}

// If this fails, a filter finds what is so no more: a transaction takes one job from the queue twice.
TEST_F(TransactionsTest, FiltersSeeWhatTheOperationsBeforeThemDid) {
  node_.put("a", R"({"s":"new"})");
  node_.put("b", R"({"s":"new"})");
  ASSERT_TRUE(run({update_found(R"({"s":"new"})", R"({"$set":{"s":"x"}})"),
                   update_found(R"({"s":"new"})", R"({"$set":{"s":"y"}})")}));
  EXPECT_EQ(text("a"), R"({"s":"x"})");
  EXPECT_EQ(text("b"), R"({"s":"y"})");
  // What was made or changed here matches, also before it has an id.
  auto done = run({insert("", R"({"n":1})"), update_found(R"({"n":1})", R"({"$inc":{"n":1}})"),
                   update_found(R"({"n":2})", R"({"$inc":{"n":1}})")});
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(text(done->rows[2]->id), R"({"n":3})");
  ASSERT_TRUE(
      run({update("a", R"({"$set":{"s":"z"}})"), update_found(R"({"s":"z"})", R"({"$set":{"n":7}})")}));
  EXPECT_EQ(text("a"), R"({"s":"z","n":7})");
  // What was removed or changed away does not.
  EXPECT_EQ(refusal({remove("b"), update_found(R"({"s":"y"})", R"({"$set":{"n":1}})")}),
            "not_found operations[1].filter");
  EXPECT_EQ(
      refusal({update("b", R"({"$set":{"s":"w"}})"), update_found(R"({"s":"y"})", R"({"$set":{"n":1}})")}),
      "not_found operations[1].filter");
  // What stops an operation stops the transaction there, not at a filter behind it.
  EXPECT_EQ(refusal({insert("a", "{}"), update_found(R"({"s":"none"})", R"({"$set":{"n":1}})")}),
            "exists operations[0]");
}

TEST_F(TransactionsTest, AnUpsertMakesWhatIsNotThere) {
  TransactionStep step = update("a", R"({"$inc":{"n":1},"$setOnInsert":{"made":true}})");
  step.upsert = true;
  ASSERT_TRUE(run({step, step}));
  EXPECT_EQ(text("a"), R"({"made":true,"n":2})");
  TransactionStep whole = replace("b", "{}");
  EXPECT_EQ(refusal({whole}), "not_found operations[0]");
  whole.upsert = true;
  ASSERT_TRUE(run({whole}));
  EXPECT_EQ(text("b"), "{}");
  step.id = "";
  step.filter = R"({"x":1})";
  EXPECT_EQ(refusal({step}), "invalid operations[0].upsert");
}

TEST_F(TransactionsTest, CollectionsAreMadeByWhatPutsADocumentIntoThem) {
  EXPECT_EQ(refusal({in(insert("a", "{}"), "made"), in(remove("a"), "none")}),
            "not_found operations[1].collection");
  EXPECT_FALSE(node_.shard()->collections().find("made"));
  ASSERT_TRUE(run({in(insert("a", "{}"), "made"), in(check_exists("a", false), "none")}));
  EXPECT_EQ(text("a", "made"), "{}");
  EXPECT_FALSE(node_.shard()->collections().find("none"));
  EXPECT_EQ(refusal({in(check_exists("a", true), "none")}), "conflict operations[0]");
}

TEST_F(TransactionsTest, WhatIsMadeInANewCollectionCanBeChangedAtOnce) {
  ASSERT_TRUE(run({in(insert("a", R"({"n":1})"), "fresh"),
                   in(update_found(R"({"n":1})", R"({"$inc":{"n":1}})"), "fresh")}));
  EXPECT_EQ(text("a", "fresh"), R"({"n":2})");
  EXPECT_EQ(
      refusal({in(update_found(R"({"n":1})", R"({"$inc":{"n":1}})"), "new"), in(insert("a", "{}"), "new")}),
      "not_found operations[0].collection");
}

TEST_F(TransactionsTest, ARetryGetsTheFirstAnswerWhateverFiltersFindByThen) {
  node_.put("a", R"({"n":1})");
  const std::vector<TransactionStep> steps{update_found(R"({"n":1})", R"({"$inc":{"n":1}})"),
                                           check("a", R"({"n":2})"), insert("", "{}")};
  const auto first = run(steps, "order-1");
  ASSERT_TRUE(first) << first.error().to_string();
  const Sequence before = position();
  const auto second = run(steps, "order-1");
  ASSERT_TRUE(second) << second.error().to_string();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(first->rows[i]->id, second->rows[i]->id);
    EXPECT_EQ(first->rows[i]->revision, second->rows[i]->revision);
  }
  EXPECT_EQ(position(), before);
  EXPECT_EQ(text("a"), R"({"n":2})");
  EXPECT_EQ(run({insert("", "{}")}, "order-1").error().field(), "request_id");
}

TEST_F(TransactionsTest, ConcurrentRetriesAreDoneOnce) {
  node_.put("a", R"({"n":0})");
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto done =
            run({update("a", R"({"$inc":{"n":1}})"), check_exists("b", false)}, "r" + std::to_string(i));
        ASSERT_TRUE(done) << done.error().to_string();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(number("a"), 20);
}

// Money moves between accounts, never below nothing; whoever looks at all of them in a transaction sees all
// of it.
TEST_F(TransactionsTest, TransfersKeepTheSum) {
  constexpr int kAccounts = 5;
  constexpr int kThreads = 16;
  for (int i = 0; i < kAccounts; ++i) node_.put("k" + std::to_string(i), R"({"n":10})");
  std::atomic<int> moved = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i) {
        const std::string from = "k" + std::to_string((t + i) % kAccounts);
        const std::string to = "k" + std::to_string((t * 3 + i * 2 + 1) % kAccounts);
        if (from == to) continue;
        const auto done = run({check(from, R"({"n":{"$gte":7}})"), update(from, R"({"$inc":{"n":-7}})"),
                               update(to, R"({"$inc":{"n":7}})")});
        if (done) ++moved;
        if (!done) {
          ASSERT_EQ(done.error().code(), ErrorCode::conflict) << done.error().to_string();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  int sum = 0;
  for (int i = 0; i < kAccounts; ++i) {
    EXPECT_GE(number("k" + std::to_string(i)), 0);
    sum += number("k" + std::to_string(i));
  }
  EXPECT_EQ(sum, 10 * kAccounts);
  EXPECT_GT(moved, 0);
}

// Each of two may go off duty while the other is on; never both.
TEST_F(TransactionsTest, AWriteSkewIsPrevented) {
  for (int round = 0; round < 100; ++round) {
    const std::string on = R"({"on":true,"round":)" + std::to_string(round) + "}";
    node_.put("x", on);
    node_.put("y", on);
    const auto leave = [&](const std::string& who, const std::string& other) {
      (void)run({check(other, R"({"on":true})"), update(who, R"({"$set":{"on":false}})")});
    };
    std::thread one([&] { leave("x", "y"); });
    std::thread two([&] { leave("y", "x"); });
    one.join();
    two.join();
    const bool both = text("x").starts_with(R"({"on":false)") && text("y").starts_with(R"({"on":false)");
    ASSERT_FALSE(both) << "in round " << round;
  }
}

// The same where what is looked at is that nothing is there, in collections that are not there yet.
TEST_F(TransactionsTest, WhatWasNotThereIsNotThereWhenItIsDone) {
  for (int round = 0; round < 50; ++round) {
    const std::string left = "left" + std::to_string(round);
    const std::string right = "right" + std::to_string(round);
    const auto take = [&](const std::string& mine, const std::string& other) {
      (void)run({in(check_exists("d", false), other), in(insert("d", "{}"), mine)});
    };
    std::thread one([&] { take(left, right); });
    std::thread two([&] { take(right, left); });
    one.join();
    two.join();
    ASSERT_FALSE(text("d", left) == "{}" && text("d", right) == "{}") << "in round " << round;
  }
}

// Many take a job each: none is taken twice, none is left.
TEST_F(TransactionsTest, AFilterThatLosesItsDocumentLooksForAnother) {
  constexpr int kJobs = 60;
  for (int i = 0; i < kJobs; ++i) node_.put("j" + std::to_string(i), R"({"state":"new"})");
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (true) {
        const auto done = run({update_found(R"({"state":"new"})", R"({"$set":{"state":"taken"}})")});
        if (done) {
          ++taken;
        } else if (done.error().code() == ErrorCode::not_found) {
          break;
        } else {
          ASSERT_EQ(done.error().code(), ErrorCode::conflict) << done.error().to_string();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken, kJobs);
}

TEST_F(TransactionsTest, FiltersSeeEachStepBeforeThem) {
  node_.put("a", R"({"n":0})");
  node_.put("b", R"({"n":-1})");
  std::vector<TransactionStep> steps;
  for (int i = 0; i < 1000; ++i)
    steps.push_back(update_found(R"({"n":)" + std::to_string(i) + "}", R"({"$inc":{"n":1}})"));
  ASSERT_TRUE(run(std::move(steps)));
  EXPECT_EQ(text("a"), R"({"n":1000})");
  EXPECT_EQ(text("b"), R"({"n":-1})");
}

// If this fails, a transaction of much work goes on when its time is over or its caller has gone, and a
// server that is to stop waits for it.
TEST_F(TransactionsTest, WorkEndsWithItsTime) {
  std::string numbers = "0";
  for (int i = 0; i < 5000; ++i) numbers += ",0";
  node_.put("a", "{\"l\":[" + numbers + "]}");
  const std::string before = text("a");
  const auto steps = [&](bool by_filter) {
    const std::string each = R"({"$inc":{"l.$[]":1}})";
    return std::vector<TransactionStep>(
        4096, by_filter ? update_found(R"({"l":{"$gte":0}})", each) : update("a", each));
  };
  for (const bool by_filter : {false, true}) {
    node_.limits.deadline = node_.world.clock.steady() + std::chrono::milliseconds(50);
    EXPECT_EQ(refusal(steps(by_filter)), "deadline ");
    node_.limits.deadline.reset();
    node_.limits.cancellation = Cancellation::make();
    std::thread caller([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      node_.limits.cancellation.cancel();
    });
    EXPECT_EQ(refusal(steps(by_filter)), "cancelled ");
    caller.join();
    node_.limits.cancellation = {};
  }
  EXPECT_EQ(text("a"), before);
}

TEST(TransactionRights, WhatTheCallerMayNotWriteOrReadIsRefusedOrNotThere) {
  testing::AuthorityOf authority([](const Caller&, Action action, const Target&) -> Decision {
    if (action == Action::read) {
      return Predicate([](const Candidate& it) { return it.body.find("secret") == std::string_view::npos; });
    }
    return Predicate([](const Candidate& it) { return it.body.find("fixed") == std::string_view::npos; });
  });
  TestNode node(authority);
  node.put("s", R"({"secret":1})");
  node.put("a", R"({"n":1})");
  database::Edit fixed;
  fixed.id = "f";
  fixed.body = R"({"fixed":1})";
  ASSERT_TRUE(node.shard()->write({fixed}, {}));
  const auto refusal = [&](TransactionStep step) {
    const auto done = wait<WriteResult>([&](auto answer) {
      node.node.transactions().run(node.caller, {}, {}, {step}, {}, std::move(answer));
    });
    return done ? std::string("done") : std::string(name(done.error().code()));
  };
  EXPECT_EQ(refusal(check_exists("s", true)), "conflict");
  EXPECT_EQ(refusal(check("s", R"({"secret":1})")), "conflict");
  EXPECT_EQ(refusal(update("f", R"({"$set":{"n":1}})")), "forbidden");
  EXPECT_EQ(refusal(remove("f")), "forbidden");
  EXPECT_EQ(refusal(update("a", R"({"$set":{"fixed":1}})")), "forbidden");
  EXPECT_EQ(refusal(update_found(R"({"fixed":1})", R"({"$set":{"n":1}})")), "not_found");
  EXPECT_EQ(refusal(update("a", R"({"$set":{"n":2}})")), "done");
}

}  // namespace
}  // namespace quire::engine
