#include "engine/local_replica.h"

#include <gtest/gtest.h>

#include <future>

#include "engine/testing/test_node.h"
#include "replication/replicator.h"

namespace quire::engine {
namespace {

using testing::body;
using testing::put_change;
using testing::TestNode;

class LocalReplicaTest : public ::testing::Test {
 protected:
  std::shared_ptr<LocalReplica> side(TestNode& node, const std::string& id, Caller caller = Caller::admin()) {
    auto& parts = node.node;
    return std::make_shared<LocalReplica>(
        ReplicaParts{parts.documents(), parts.feeds(), parts.catalog(), parts.revisions(),
                     parts.checkpoints(), system_clock(), *workers_},
        std::move(caller), id, "main", "");
  }

  Result<replication::Progress> once(std::shared_ptr<replication::Source> source,
                                     std::shared_ptr<replication::Target> target,
                                     replication::ReplicatorOptions options = {}) {
    std::promise<Result<replication::Progress>> end;
    options.failures_in_a_row = 2;
    replication::Replicator replicator({system_clock(), system_random(), *workers_}, std::move(source),
                                       std::move(target), options);
    replicator.start([&](Result<replication::Progress> result) { end.set_value(std::move(result)); });
    return end.get_future().get();
  }

  static void attach(TestNode& node, const std::string& id, const std::string& name,
                     const std::string& bytes) {
    auto writer = wait<std::unique_ptr<AttachmentWriter>>(
        [&](auto done) { node.node.documents().write_attachment(node.caller, {}, {}, std::move(done)); });
    ASSERT_TRUE((*writer)->write(bytes));
    Attachment attachment = *(*writer)->finish();
    attachment.name = name;
    attachment.content_type = "text/plain";
    ASSERT_TRUE(wait<WriteResult>([&](auto done) {
      change_attachment(node.node.documents(), node.caller, {}, {}, id, std::nullopt, name, attachment, {},
                        std::move(done));
    }));
  }

  static std::string bytes_of(TestNode& node, const std::string& id, const std::string& name) {
    std::string bytes;
    EXPECT_TRUE(node.node.documents().read_attachment(node.caller, {}, {}, id, name, std::nullopt, {},
                                                      [&](std::string_view piece) {
                                                        bytes.append(piece);
                                                        return true;
                                                      }));
    return bytes;
  }

  // Every document with all its leaves, from the feed.
  static std::string picture(TestNode& node) {
    FeedOptions options;
    options.current_only = true;
    options.leaves = true;
    std::map<std::string, std::string> lines;
    Position at;
    for (bool more = true; more;) {
      const auto page = node.read(at, options);
      for (const auto& row : page->rows) {
        std::string& line = lines[std::string(row.collection) + "/" + std::string(row.id)];
        for (std::size_t i = 0; i < row.leaf_count; ++i) {
          line += " " + row.leaves[i].revision.to_string() + (row.leaves[i].deleted ? "-" : "+");
        }
      }
      at = page->next;
      more = !page->at_end;
    }
    std::string out;
    for (const auto& [name, line] : lines) {
      if (!line.empty()) out += name + line + "\n";
    }
    return out;
  }

  // Before the workers, which end first.
  TestNode a_;
  TestNode b_;
  std::unique_ptr<Executor> workers_ = make_thread_pool(3);
};

TEST_F(LocalReplicaTest, TwoDatabasesBecomeOne) {
  for (int i = 0; i < 1200; ++i) a_.put("d" + std::to_string(i), R"({"n":1.0})");
  ASSERT_TRUE(wait<CollectionDescription>([&](auto done) {
    a_.node.catalog().create_collection(a_.caller, {}, {{}, "orders"}, {}, std::move(done));
  }));
  a_.put("7", R"({"in":"orders"})", "orders");
  a_.put("x", R"({"at":"a"})");
  b_.put("x", R"({"at":"b"})");
  b_.put("gone", R"({"at":"b"})");
  b_.remove("gone");
  attach(a_, "d3", "file", std::string(300'000, 'f'));
  auto pulled = once(side(a_, "aaaaaaaaaaaaaaaa"), side(b_, "bbbbbbbbbbbbbbbb"));
  ASSERT_TRUE(pulled) << pulled.error().to_string();
  EXPECT_EQ(pulled->failures, 0U);
  ASSERT_TRUE(once(side(b_, "bbbbbbbbbbbbbbbb"), side(a_, "aaaaaaaaaaaaaaaa")));
  EXPECT_TRUE(picture(a_) == picture(b_));
  EXPECT_EQ(bytes_of(b_, "d3", "file"), std::string(300'000, 'f'));
  EXPECT_EQ(b_.get("7", {}, "orders")->body, R"({"in":"orders"})");

  const auto again = once(side(a_, "aaaaaaaaaaaaaaaa"), side(b_, "bbbbbbbbbbbbbbbb"));
  EXPECT_EQ(again->documents_written, 0U);
  EXPECT_LE(again->missing_checked, 3U) << "only what came from the other";
  // The same attachment under a new text does not travel again.
  a_.put("d3", R"({"n":2})");
  attach(a_, "d3", "second", "2");
  const auto third = once(side(a_, "aaaaaaaaaaaaaaaa"), side(b_, "bbbbbbbbbbbbbbbb"));
  EXPECT_LE(third->attachment_bytes, 1U);
  EXPECT_TRUE(picture(a_) == picture(b_));
}

TEST_F(LocalReplicaTest, ASelectorSendsWhatItMatches) {
  for (int i = 0; i < 20; ++i) a_.put("d" + std::to_string(i), i % 2 == 0 ? R"({"k":1})" : R"({"k":2})");
  replication::ReplicatorOptions options;
  options.scope = *replication::Scope::make({}, "", R"({"k":1})");
  const auto end = once(side(a_, "aaaaaaaaaaaaaaaa"), side(b_, "bbbbbbbbbbbbbbbb"), options);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->documents_written, 10U);
}

TEST_F(LocalReplicaTest, APositionOfAnotherDatabaseIsALostHistory) {
  a_.put("d", "{}");
  std::promise<Result<replication::ChangesPage>> page;
  side(a_, "aaaaaaaaaaaaaaaa")
      ->changes({}, "cccccccccccccccc/1-1", {},
                [&](Result<replication::ChangesPage> answer) { page.set_value(std::move(answer)); });
  EXPECT_EQ(page.get_future().get().error().code(), ErrorCode::history_lost);
}

TEST_F(LocalReplicaTest, WhoMayNotWriteEndsIt) {
  a_.put("d", "{}");
  const auto end = once(side(a_, "aaaaaaaaaaaaaaaa"), side(b_, "bbbbbbbbbbbbbbbb", Caller::anonymous()));
  ASSERT_FALSE(end);
}

TEST_F(LocalReplicaTest, ContinuousFollowsTheFeed) {
  replication::ReplicatorOptions options;
  options.continuous = true;
  replication::Replicator replicator({system_clock(), system_random(), *workers_},
                                     side(a_, "aaaaaaaaaaaaaaaa"), side(b_, "bbbbbbbbbbbbbbbb"), options);
  std::promise<void> over;
  replicator.start([&](const Result<replication::Progress>&) { over.set_value(); });
  for (int i = 0; i < 5; ++i) {
    a_.put("d" + std::to_string(i), "{}");
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!b_.get("d" + std::to_string(i)) && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_TRUE(b_.get("d" + std::to_string(i))) << i;
  }
  replicator.cancel();
  over.get_future().wait();
}

}  // namespace
}  // namespace quire::engine
