#include "replication/checkpoint.h"

#include <gtest/gtest.h>

#include "base/testing/seeded_random.h"
#include "replication/backoff.h"
#include "replication/batch_size.h"
#include "replication/peer_address.h"
#include "replication/tuning.h"

namespace quire::replication {
namespace {

CheckpointEntry entry(const std::string& session, const std::string& place) {
  CheckpointEntry out;
  out.session = session;
  out.recorded = place;
  return out;
}

// The example of docs/formats/replication.md.
TEST(Checkpoint, IsWrittenAsItsPageSays) {
  Checkpoint checkpoint;
  CheckpointEntry first = entry("S1", "9/12-1");
  first.documents_read = first.documents_written = first.missing_checked = first.missing_found = 12;
  first.time_ms = 1767225500000;
  checkpoint.add(first, "9");
  CheckpointEntry second = entry("S2", "9/31-1");
  second.documents_read = second.documents_written = second.missing_found = 4;
  second.missing_checked = 6;
  second.time_ms = 1767225600000;
  checkpoint.add(second, "9");
  const std::string text =
      R"({"session_id":"S2","source_last_seq":"9/31-1","source_id":"9","history":[)"
      R"({"session_id":"S2","recorded_seq":"9/31-1","docs_read":4,"docs_written":4,"doc_write_failures":0,"missing_checked":6,"missing_found":4,"time":1767225600000},)"
      R"({"session_id":"S1","recorded_seq":"9/12-1","docs_read":12,"docs_written":12,"doc_write_failures":0,"missing_checked":12,"missing_found":12,"time":1767225500000}]})";
  EXPECT_EQ(checkpoint.print(), text);
  EXPECT_EQ(Checkpoint::parse(text).print(), text);
}

TEST(Checkpoint, WhatIsNoRecordIsAnEmptyOne) {
  for (const auto* text :
       {"", "{", "[]", "7", R"({"history":7})", R"({"history":[7,{},{"session_id":1}]})"}) {
    EXPECT_TRUE(Checkpoint::parse(text).entries().empty()) << text;
  }
  EXPECT_EQ(Checkpoint::parse(R"({"history":[{"session_id":"a","recorded_seq":17}]})").entries()[0].recorded,
            "17");
  EXPECT_TRUE(Checkpoint::parse("{\"a\":\"" + std::string(2 << 20, 'x') + "\"}").entries().empty());
}

TEST(Checkpoint, TheNewestPlaceThatBothNameCounts) {
  Checkpoint source;
  Checkpoint target;
  for (int i = 1; i <= 5; ++i) {
    source.add(entry("s", std::to_string(i)), "id");
    if (i != 5) target.add(entry("s", std::to_string(i)), "id");
  }
  EXPECT_EQ(common_place(source, target), "4");
  target.add(entry("other", "5"), "id");
  EXPECT_EQ(common_place(source, target), "4") << "the same number of another session is another place";
  EXPECT_EQ(common_place({}, target), std::nullopt);
}

TEST(Checkpoint, OldEntriesThinOutAndBothSidesKeepTheSame) {
  Checkpoint one;
  Checkpoint other;
  for (int i = 0; i < 10'000; ++i) {
    one.add(entry("s", std::to_string(i)), "id");
    other.add(entry("s", std::to_string(i)), "id");
    ASSERT_LE(one.entries().size(), kCheckpointEntries);
  }
  for (std::size_t i = 0; i < kDenseEntries; ++i) {
    EXPECT_EQ(one.entries()[i].recorded, std::to_string(9'999 - i));
  }
  // Whoever lost the last hundred finds something that is not thousands back.
  Checkpoint behind;
  for (const auto& of : other.entries()) {
    if (std::stoi(of.recorded) < 9'900 && std::stoi(of.recorded) > 9'000) behind.add(of, "id");
  }
  EXPECT_TRUE(common_place(one, behind));
}

TEST(Backoff, GrowsToItsBoundAndHeedsWhatIsAsked) {
  SeededRandom random(1);
  Backoff backoff(random);
  EXPECT_LE(backoff.next(), kFirstBackoff);
  EXPECT_GE(backoff.next(std::chrono::seconds(10)), std::chrono::seconds(10));
  for (int i = 0; i < 100; ++i) EXPECT_LE(backoff.next(std::chrono::hours(9)), kLongestBackoff);
  EXPECT_GE(backoff.next(), kLongestBackoff / 2);
  backoff.reset();
  EXPECT_LE(backoff.next(), kFirstBackoff);
}

TEST(BatchSize, FollowsTimeAndBytesWithinItsBounds) {
  BatchSize size;
  for (int i = 0; i < 20; ++i) size.took(std::chrono::milliseconds(10), 1000);
  EXPECT_EQ(size.rows(), kMostBatchRows);
  size.took(std::chrono::seconds(60), 1000);
  EXPECT_EQ(size.rows(), kMostBatchRows / 2);
  for (int i = 0; i < 20; ++i) size.failed();
  EXPECT_EQ(size.rows(), kLeastBatchRows);
}

TEST(PeerAddress, IsReadWithoutItsCredentials) {
  const auto couch = *PeerAddress::parse("https://me:p%40ss@host:6984/prefix/db/");
  EXPECT_FALSE(couch.quire);
  EXPECT_EQ(couch.origin, "https://host:6984");
  EXPECT_EQ(couch.path, "/prefix");
  EXPECT_EQ(couch.database, "db");
  EXPECT_EQ(couch.key, "https://host:6984/prefix/db");
  EXPECT_EQ(couch.authorization.reveal(), "Basic bWU6cEBzcw==");
  const auto quire = *PeerAddress::parse("http://127.0.0.1:8800/v1/databases/main");
  EXPECT_TRUE(quire.quire);
  EXPECT_EQ(quire.path, "/v1/databases/main");
  for (const auto* bad : {"main", "http://", "http://host", "http://host/", "ftp://host/db",
                          "http://me@host/db", "http://host/a b", "http:///db", "http://host/db?x"}) {
    const auto address = PeerAddress::parse(bad);
    EXPECT_FALSE(address) << bad;
  }
  EXPECT_EQ(PeerAddress::parse("http://me:secret@/db").error().to_string().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace quire::replication
