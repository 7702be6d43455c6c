#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"
#include "base/testing/manual_executor.h"
#include "base/testing/seeded_random.h"
#include "replication/exchange_format.h"
#include "replication/quire_peer.h"
#include "replication/replicator.h"
#include "replication/testing/fake_quire.h"

namespace quire::replication {
namespace {

using testing::FakeQuire;
using testing::MemoryReplica;
using testing::MemoryStore;

class ExchangeTest : public ::testing::Test {
 protected:
  ExchangeTest()
      : executor_(clock_),
        there_side_(std::make_shared<MemoryReplica>(there_, executor_)),
        here_side_(std::make_shared<MemoryReplica>(here_, executor_)),
        wire_(std::make_shared<FakeQuire>(*there_side_, there_, executor_)),
        peer_(std::make_shared<QuirePeer>(
            QuirePeerOptions{wire_, "/v1/databases/main", "http://there/main", Secret()})) {}

  Progress once(std::shared_ptr<Source> source, std::shared_ptr<Target> target) {
    wire_->requests = wire_->bytes = 0;
    std::optional<Result<Progress>> end;
    Replicator replicator({clock_, random_, executor_}, std::move(source), std::move(target), {});
    replicator.start([&](Result<Progress> result) { end.emplace(std::move(result)); });
    for (int i = 0; i < 1000 && !end; ++i) executor_.advance(std::chrono::milliseconds(100));
    EXPECT_TRUE(end && *end) << (end ? end->error().to_string() : "no end");
    return **end;
  }

  static void fill(MemoryStore& store, int documents) {
    const std::string body = R"({"t":")" + std::string(1000, 'x') + "\"}";
    for (int i = 0; i < documents; ++i)
      ASSERT_TRUE(store.put({"orders", std::to_string(i)}, std::nullopt, body));
    store.sync();
  }

  ManualClock clock_;
  SeededRandom random_{3};
  ManualExecutor executor_;
  MemoryStore here_{"here"};
  MemoryStore there_{"there"};
  std::shared_ptr<MemoryReplica> there_side_;
  std::shared_ptr<MemoryReplica> here_side_;
  std::shared_ptr<FakeQuire> wire_;
  std::shared_ptr<QuirePeer> peer_;
};

const DocumentName kExchanged{"_default", "x"};

TEST_F(ExchangeTest, BothWaysWithConflictsAndAttachments) {
  fill(there_, 700);
  ASSERT_TRUE(here_.put(kExchanged, std::nullopt, R"({"at":"here"})"));
  ASSERT_TRUE(here_.attach(kExchanged, "a", std::string(200'000, 'a')));
  ASSERT_TRUE(here_.attach(kExchanged, "b", ""));
  ASSERT_TRUE(there_.put(kExchanged, std::nullopt, R"({"at":"there"})"));
  ASSERT_TRUE(there_.attach(kExchanged, "c", "ccc"));
  here_.sync();
  there_.sync();
  once(peer_, here_side_);
  once(here_side_, peer_);
  EXPECT_TRUE(here_.picture() == there_.picture());
  EXPECT_EQ(here_.leaves(kExchanged).size(), 2U);
}

TEST_F(ExchangeTest, AnEqualPairCostsOneRequestEachWayAndAChangeLittleMoreThanItself) {
  fill(there_, 1000);
  once(peer_, here_side_);
  once(here_side_, peer_);
  once(peer_, here_side_);
  EXPECT_EQ(wire_->requests, 1U);
  EXPECT_LT(wire_->bytes, 700U);
  once(here_side_, peer_);
  EXPECT_EQ(wire_->requests, 1U);

  ASSERT_TRUE(there_.put({"orders", "one"}, std::nullopt, R"({"t":")" + std::string(1000, 'y') + "\"}"));
  there_.sync();
  once(peer_, here_side_);
  EXPECT_LT(wire_->bytes, 4096U) << "pulled";
  ASSERT_TRUE(here_.put({"orders", "two"}, std::nullopt, R"({"t":")" + std::string(1000, 'z') + "\"}"));
  here_.sync();
  once(here_side_, peer_);
  EXPECT_TRUE(here_.picture() == there_.picture());
}

TEST_F(ExchangeTest, WhatTravelsIsPackedBothWays) {
  fill(there_, 100);
  once(peer_, here_side_);
  EXPECT_LT(wire_->bytes, 20'000U) << "pulled: 100 documents of 1,000 times the same letter";
  MemoryStore third{"third"};
  MemoryReplica third_side(third, executor_);
  wire_ = std::make_shared<FakeQuire>(third_side, third, executor_);
  once(there_side_, std::make_shared<QuirePeer>(
                        QuirePeerOptions{wire_, "/v1/databases/main", "http://third/main", Secret()}));
  EXPECT_LT(wire_->bytes, 20'000U) << "pushed";
  EXPECT_TRUE(third.picture() == there_.picture());
}

TEST_F(ExchangeTest, AnAnswerThatIsSmallOnTheWireAndLargeUnpackedIsBounded) {
  wire_->bomb = std::string(64 << 20, '\0');
  std::optional<Result<Opened>> opened;
  peer_->open({}, "name", [&](Result<Opened> result) { opened.emplace(std::move(result)); });
  executor_.run_ready();
  ASSERT_TRUE(opened.has_value());
  ASSERT_FALSE(*opened);
  EXPECT_EQ(opened->error().code(), ErrorCode::too_large);
  EXPECT_LT(wire_->bytes, 100'000U);
}

TEST_F(ExchangeTest, ASourceOfAnotherLifeIsReadFromItsBeginning) {
  fill(there_, 10);
  once(peer_, here_side_);
  const MemoryStore backup = there_;
  there_.restore(backup);
  EXPECT_EQ(once(peer_, here_side_).resets, 1U);
}

TEST(ExchangeFormat, WhatIsPrintedIsRead) {
  const document::Revision revision = *document::Revision::parse("2-b");
  const document::Revision parent = *document::Revision::parse("1-00112233445566778899aabbccddeeff");
  TravellingRevision travelling{{"c", "id"}, {revision, parent}, true, R"({"n":1.0})", {}};
  travelling.attachments.push_back({"a", "text/plain", 3, 2, std::string(32, 'd'), std::string(16, 'm')});
  FetchedRevisions fetched;
  fetched.documents = 1;
  fetched.revisions.push_back(travelling);
  fetched.failures.push_back({{"c", "other"}, parent, Error(ErrorCode::not_found, "missing")});
  const auto again = parse_fetched(print_fetched(fetched));
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(again->revisions[0].path, travelling.path);
  EXPECT_EQ(again->revisions[0].attachments, travelling.attachments);
  EXPECT_EQ(again->revisions[0].body, travelling.body);
  EXPECT_EQ(again->failures[0].error.code(), ErrorCode::not_found);

  const auto question = parse_changes_question(
      print_changes({"9/3-1", {*Scope::make({"a"}, "c", R"({"k":1})"), 100, std::chrono::milliseconds(5)}}));
  ASSERT_TRUE(question);
  EXPECT_EQ(question->options.scope.text(), Scope::make({"a"}, "c", R"({"k":1})")->text());
  EXPECT_EQ(question->options.limit, 100U);
}

TEST(ExchangeFormat, AQuestionHasItsBytes) {
  EXPECT_EQ(print_open("name"), std::string("\x01\x01\x04name", 7));
  EXPECT_EQ(print_changes({"9/31-1", {{}, 100, {}}}), std::string("\x01\x02\x06"
                                                                  "9/31-1"
                                                                  "\x64\x00\x00\x00\x00",
                                                                  14));
}

TEST(ExchangeFormat, WhatIsCutShortOrChangedIsRefusedOrReadAsSomethingElse) {
  TravellingRevision travelling{{"c", "id"}, {*document::Revision::parse("2-b")}, false, R"({"n":1})", {}};
  const std::string whole = print_write({&travelling});
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_write(whole.substr(0, size)));
  std::string reserved = whole;
  reserved.replace(reserved.find("{\"n\""), 7, "{\"_\":1}");
  EXPECT_FALSE(parse_write(reserved)) << "a text with a reserved member";
  EXPECT_EQ(parse_write("\x02\x05").error().code(), ErrorCode::not_implemented);
}

}  // namespace
}  // namespace quire::replication
