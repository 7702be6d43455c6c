#include "database/shard.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "base/testing/manual_clock.h"
#include "base/testing/manual_executor.h"
#include "database/blob_store.h"
#include "database/records.h"
#include "database/testing/test_shard.h"
#include "document/revision_tree.h"
#include "storage/testing/temporary_directory.h"

namespace quire::database {
namespace {

using document::Revision;
using testing::disagreements;
using testing::ShardWorld;

Edit put(std::string id, std::string body, Revision expected = {}) {
  Edit edit;
  edit.id = std::move(id);
  edit.body = std::move(body);
  edit.expected = std::move(expected);
  return edit;
}
Edit remove(std::string id, Revision expected) {
  Edit edit = put(std::move(id), "{}", std::move(expected));
  edit.kind = Edit::Kind::remove;
  return edit;
}
Edit replicate(std::string id, std::vector<Revision> path, std::string body, bool deleted = false) {
  Edit edit = put(std::move(id), std::move(body));
  edit.kind = Edit::Kind::replicate;
  edit.path = std::move(path);
  edit.deleted = deleted;
  return edit;
}
Revision rev(std::string_view text) { return *Revision::parse(text); }

// The row of a single edit.
Result<EditResult> write(Shard& shard, Edit edit, const WriteOptions& options = {}) {
  auto written = shard.write({std::move(edit)}, options);
  if (!written) return written.error();
  return std::move(written->rows.front());
}

std::vector<document::Leaf> leaves(Shard& shard, std::string_view id) {
  return document::RevisionTree::decode(*shard.tree(kDefaultCollection, id))->leaves();
}

class ShardTest : public ::testing::Test {
 protected:
  ShardWorld world_;
  std::unique_ptr<Shard> shard_ = world_.in_memory();

  void TearDown() override {
    if (!shard_) return;
    EXPECT_EQ(disagreements(*shard_), std::vector<std::string>{});
  }
};

TEST_F(ShardTest, AReadSeesTheLastWrite) {
  const auto first = write(*shard_, put("a", R"({"n":1})"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->revision.generation, 1U);
  EXPECT_EQ(shard_->get(kDefaultCollection, "a")->body, R"({"n":1})");
  const auto second = write(*shard_, put("a", R"({"n":2})", first->revision));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->sequence, first->sequence + 1);
  EXPECT_EQ(shard_->get(kDefaultCollection, "a")->body, R"({"n":2})");
  EXPECT_EQ(shard_->get(kDefaultCollection, "a", {.revision = first->revision})->body, R"({"n":1})");
}

TEST_F(ShardTest, AWriteWithoutTheLatestRevisionIsRefusedAndChangesNothing) {
  const auto first = write(*shard_, put("a", R"({"n":1})"));
  const auto second = write(*shard_, put("a", R"({"n":2})", first->revision));
  for (const auto& edit : {put("a", "{}"), put("a", "{}", first->revision), put("b", "{}", first->revision),
                           remove("a", first->revision), remove("a", {})}) {
    const auto row = write(*shard_, edit);
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().code(), ErrorCode::conflict);
  }
  EXPECT_EQ(shard_->get(kDefaultCollection, "a")->revision, second->revision);
  EXPECT_EQ(shard_->position().sequence, 2U);
}

TEST_F(ShardTest, ADeletedDocumentIsGoneAndItsNextLifeExtendsIt) {
  const auto first = write(*shard_, put("a", R"({"n":1})"));
  const auto gone = write(*shard_, remove("a", first->revision));
  ASSERT_TRUE(gone);
  const auto read = shard_->get(kDefaultCollection, "a");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().field(), "deleted");
  EXPECT_EQ(write(*shard_, remove("a", {})).error().code(), ErrorCode::not_found);
  const auto again = write(*shard_, put("a", R"({"n":2})"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->revision.generation, 3U);
  EXPECT_EQ(leaves(*shard_, "a").size(), 1U);
}

TEST_F(ShardTest, ConflictingReplicasKeepBothTextsAndAgreeOnTheWinner) {
  write(*shard_, replicate("a", {rev("2-aa"), rev("1-01")}, R"({"from":"one"})")).value();
  write(*shard_, replicate("a", {rev("2-bb"), rev("1-01")}, R"({"from":"two"})")).value();
  EXPECT_EQ(shard_->get(kDefaultCollection, "a")->body, R"({"from":"two"})");
  EXPECT_EQ(shard_->get(kDefaultCollection, "a", {.revision = rev("2-aa")})->body, R"({"from":"one"})");
  // The loser's edit wins, the winner's text stays readable.
  const auto edited = write(*shard_, put("a", R"({"from":"one, again"})", rev("2-aa")));
  ASSERT_TRUE(edited);
  EXPECT_EQ(shard_->get(kDefaultCollection, "a")->body, R"({"from":"one, again"})");
  EXPECT_EQ(shard_->get(kDefaultCollection, "a", {.revision = rev("2-bb")})->body, R"({"from":"two"})");
  // Deleting the winner brings the other leaf's text back.
  write(*shard_, remove("a", edited->revision)).value();
  EXPECT_EQ(shard_->get(kDefaultCollection, "a")->body, R"({"from":"two"})");
  EXPECT_EQ(leaves(*shard_, "a").size(), 2U);
}

TEST_F(ShardTest, AKnownRevisionTakesNoSequence) {
  write(*shard_, replicate("a", {rev("3-cc"), rev("2-bb"), rev("1-aa")}, "{}")).value();
  const Sequence before = shard_->position().sequence;
  const auto again = write(*shard_, replicate("a", {rev("2-bb"), rev("1-aa")}, "{}"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->sequence, 0U);
  EXPECT_EQ(shard_->position().sequence, before);
}

// Whatever was read ahead, a head is the one that stands: of a document that is there, deleted, absent, or
// written between the two reads.
TEST_F(ShardTest, HeadsThatWereReadAheadAreThoseThatStand) {
  const storage::testing::TemporaryDirectory directory;
  shard_ = world_.on_disk(directory / "shard");
  write(*shard_, put("there", R"({"n":1})"));
  const auto gone = write(*shard_, remove("deleted", write(*shard_, put("deleted", "{}"))->revision));
  const auto changed = write(*shard_, put("changed", R"({"n":1})"));
  shard_.reset();
  shard_ = world_.on_disk(directory / "shard");
  const std::vector<std::string_view> ids{"absent", "there", "new", "deleted", "changed", "there"};
  ASSERT_TRUE(shard_->read_heads_ahead(kDefaultCollection, ids));
  write(*shard_, put("new", R"({"n":1})"));
  write(*shard_, put("changed", R"({"n":2})", changed->revision));
  const auto head = [&](std::string_view id) { return *shard_->head(kDefaultCollection, id); };
  EXPECT_FALSE(head("absent"));
  EXPECT_EQ(head("there")->body, R"({"n":1})");
  EXPECT_EQ(head("new")->body, R"({"n":1})");
  EXPECT_EQ(head("changed")->body, R"({"n":2})");
  EXPECT_EQ(head("deleted")->revision, gone->revision);
}

TEST_F(ShardTest, AnAtomicWriteIsAllOrNothing) {
  write(*shard_, put("taken", "{}")).value();
  const Position before = shard_->position();
  const auto failed = shard_->write({put("x", "{}"), put("taken", "{}"), put("y", "{}")}, {.atomic = true});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::conflict);
  EXPECT_EQ(shard_->position(), before);
  EXPECT_FALSE(shard_->get(kDefaultCollection, "x"));
  EXPECT_FALSE(shard_->write({put("x", "{}"), put("x", "{}")}, {.atomic = true}));
  const auto rows = shard_->write({put("x", "{}"), put("taken", "{}"), put("x", "{}")}, {});
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->rows[0]);
  EXPECT_FALSE(rows->rows[1]);
  EXPECT_EQ(rows->rows[2].error().code(), ErrorCode::conflict);
}

TEST_F(ShardTest, ARetryWithTheSameRequestIdWritesOnce) {
  const WriteOptions options{.request_id = "order-17"};
  const auto first = shard_->write({put("", R"({"n":1})"), put("b", R"({"n":2})")}, options);
  const auto second = shard_->write({put("", R"({"n":1})"), put("b", R"({"n":2})")}, options);
  ASSERT_TRUE(first && second);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(first->rows[i]->id, second->rows[i]->id);
    EXPECT_EQ(first->rows[i]->revision, second->rows[i]->revision);
  }
  EXPECT_EQ(shard_->position().sequence, 2U);
  const auto other = shard_->write({put("", R"({"n":3})")}, options);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->rows[0].error().code(), ErrorCode::invalid);
}

TEST_F(ShardTest, ConcurrentRetriesOfOneRequestWriteOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(shard_->write({put("", "{}")}, {.request_id = "r" + std::to_string(i)}));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(shard_->collections().find("_default")->counts.documents, 50U);
}

TEST_F(ShardTest, NoIncrementIsLostUnderContention) {
  write(*shard_, put("counter", "0")).value();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        Edit edit = put("counter", "");
        edit.kind = Edit::Kind::transform;
        edit.precondition = Edit::Precondition::any;
        edit.transform = [](std::string_view body) -> Result<std::optional<std::string>> {
          return std::optional(std::to_string(std::stoi(std::string(body)) + 1));
        };
        ASSERT_TRUE(write(*shard_, std::move(edit)));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(shard_->get(kDefaultCollection, "counter")->body, "1600");
}

TEST_F(ShardTest, AsynchronousWritesAllAnswer) {
  std::atomic<int> answered = 0;
  for (int i = 0; i < 500; ++i) {
    shard_->write_async({put("d" + std::to_string(i % 100), "{}")}, {}, {}, [&](Result<WriteResult> result) {
      ASSERT_TRUE(result);
      ++answered;
      answered.notify_all();
    });
  }
  for (int seen = answered; seen < 500; seen = answered) answered.wait(seen);
  EXPECT_EQ(shard_->collections().find("_default")->counts.documents, 100U);
}

// Also where thousands of documents share the slots that tell whether they have moved.
// Care of a shard waits for its commits on a thread of the pool that leads others' rounds: with one thread,
// both once waited for ever, and every write behind them.
TEST_F(ShardTest, WhoeverWaitsForACommitNeedsNoThreadOfThePool) {
  shard_.reset();
  world_.executor = make_thread_pool(1);
  shard_ = world_.in_memory();
  constexpr int kWrites = 300;
  std::atomic<int> answered = 0;
  const auto submit = [&](std::string id) {
    shard_->write_async({put(std::move(id), "{}")}, {}, {}, [&](const Result<WriteResult>&) { ++answered; });
  };
  std::promise<void> pool;
  world_.executor->post([&] {
    for (int i = 0; i < kWrites; ++i) {
      submit("pool" + std::to_string(i));  // led by a task behind this one
      EXPECT_TRUE(write(*shard_, put("waits" + std::to_string(i), "{}")));
    }
    pool.set_value();
  });
  // Rounds of others, behind which the pool's thread waits.
  const auto outside = std::async(std::launch::async, [&] {
    for (int i = 0; i < kWrites; ++i) {
      submit("beside" + std::to_string(i));
      EXPECT_TRUE(write(*shard_, put("outside" + std::to_string(i), "{}")));
    }
  });
  const auto in_pool = pool.get_future();
  for (const std::future<void>* done : {&in_pool, &outside}) {
    if (done->wait_for(std::chrono::seconds(60)) == std::future_status::ready) continue;
    std::cerr << "the thread of the pool waits for itself\n";
    std::abort();  // nothing of this can be ended in order
  }
  while (answered != 2 * kWrites) std::this_thread::yield();
}

// As where a database is closed while its last write is answered: the shard ends inside the round.
TEST_F(ShardTest, WhoeverIsAnsweredMayBeTheLastToHoldTheShard) {
  for (int i = 0; i < 200; ++i) {
    std::shared_ptr<Shard> shard = world_.in_memory();
    const std::weak_ptr<Shard> held = shard;
    Shard* const as_given = shard.get();
    as_given->write_async({put("a", "{}")}, {}, {}, [shard = std::move(shard)](const auto&) {});
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!held.expired()) {
      if (std::chrono::steady_clock::now() > end) {
        std::cerr << "the shard does not end\n";
        std::abort();
      }
      std::this_thread::yield();
    }
  }
}

TEST_F(ShardTest, EditsOfOneCallStandInTheHistoryInTheirOrder) {
  std::vector<Edit> edits;
  for (int i = 0; i < 3000; ++i) edits.push_back(put("n" + std::to_string(i * 7919 % 3000), "{}"));
  const auto written = shard_->write(std::move(edits), {});
  ASSERT_TRUE(written);
  for (std::size_t i = 1; i < written->rows.size(); ++i)
    ASSERT_EQ(written->rows[i]->sequence, written->rows[i - 1]->sequence + 1) << i;
}

TEST_F(ShardTest, ALongHistoryIsWholeAndStemmedAtItsLimit) {
  const auto small = shard_->create_collection("small", {.revision_limit = 8});
  ASSERT_TRUE(small);
  std::vector<Revision> path;
  for (CollectionId collection : {kDefaultCollection, small->id}) {
    Revision last;
    path.clear();
    for (int i = 0; i < 1200; ++i) {
      Edit edit = put("a", R"({"i":)" + std::to_string(i) + "}", last);
      edit.collection = collection;
      last = write(*shard_, std::move(edit))->revision;
      path.push_back(last);
    }
    const auto tree = document::RevisionTree::decode(*shard_->tree(collection, "a"));
    const auto known = tree->path(last);
    const std::size_t limit = collection == kDefaultCollection ? 1000 : 8;
    ASSERT_GE(known.size(), limit);
    ASSERT_LE(known.size(), collection == kDefaultCollection ? limit + 144 : limit);
    for (std::size_t i = 0; i < known.size(); ++i) EXPECT_EQ(known[i], path[path.size() - 1 - i]);
  }
}

TEST_F(ShardTest, ABranchOffAChunkedAncestorIsGrafted) {
  Revision last;
  std::vector<Revision> path;
  for (int i = 0; i < 300; ++i) path.push_back(last = write(*shard_, put("a", "{}", last))->revision);
  const Revision branch = rev("51-ffffffffffffffffffffffffffffffff");
  write(*shard_, replicate("a", {branch, path[49], path[48]}, R"({"b":1})")).value();
  const auto tree = document::RevisionTree::decode(*shard_->tree(kDefaultCollection, "a"));
  EXPECT_EQ(tree->path(branch).size(), 51U);
  EXPECT_EQ(tree->path(last).size(), 300U);
  EXPECT_EQ(shard_->get(kDefaultCollection, "a")->revision, last);
  last = write(*shard_, put("a", "{}", last))->revision;
  EXPECT_EQ(document::RevisionTree::decode(*shard_->tree(kDefaultCollection, "a"))->path(last).size(), 301U);
}

TEST_F(ShardTest, CollectionsAreKeptApart) {
  const auto orders = shard_->create_collection("orders");
  ASSERT_TRUE(orders);
  EXPECT_EQ(shard_->create_collection("orders").error().code(), ErrorCode::exists);
  Edit edit = put("7", R"({"in":"orders"})");
  edit.collection = orders->id;
  write(*shard_, edit).value();
  write(*shard_, put("7", R"({"in":"default"})")).value();
  EXPECT_EQ(write(*shard_, put("orders:7", "{}")).error().code(), ErrorCode::invalid);
  write(*shard_, put("tags:7", "{}")).value();
  EXPECT_EQ(shard_->create_collection("tags").error().code(), ErrorCode::conflict);
  EXPECT_EQ(shard_->get(orders->id, "7")->body, R"({"in":"orders"})");
  ASSERT_TRUE(shard_->drop_collection("orders"));
  EXPECT_EQ(write(*shard_, edit).error().code(), ErrorCode::not_found);
  EXPECT_GT(shard_->create_collection("orders")->id, orders->id);
  for (const auto* name : {"", "a/b", "a:b", "_x", "a\nb", "\xFF"}) {
    EXPECT_EQ(shard_->create_collection(name).error().code(), ErrorCode::invalid) << name;
  }
}

TEST_F(ShardTest, ListingIsInTheOrderOfIdsBothWays) {
  for (const auto* id : {"b", "a", "c", "\xC3\xA9", "B", "aa"}) write(*shard_, put(id, "{}")).value();
  write(*shard_, remove("c", shard_->get(kDefaultCollection, "c")->revision)).value();
  const auto ids = [&](const ListOptions& options) {
    std::vector<std::string> seen;
    EXPECT_TRUE(
        shard_->list(kDefaultCollection, options, {}, [&](std::string_view id, const StoredDocument&) {
          seen.emplace_back(id);
          return true;
        }));
    return seen;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids({}), (Ids{"B", "a", "aa", "b", "\xC3\xA9"}));
  EXPECT_EQ(ids({.descending = true}), (Ids{"\xC3\xA9", "b", "aa", "a", "B"}));
  EXPECT_EQ(ids({.after = "a", .before = "b"}), (Ids{"aa"}));
  EXPECT_EQ(ids({.after = "a", .before = "c", .descending = true}), (Ids{"b", "aa"}));
  EXPECT_EQ(ids({.after = "b", .include_deleted = true}), (Ids{"c", "\xC3\xA9"}));
}

TEST_F(ShardTest, AUniqueIndexHoldsUnderRaces) {
  const auto index = shard_->create_index(kDefaultCollection, "member", "unique mail");
  ASSERT_TRUE(index);
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string body = R"({"mail":"m)" + std::to_string(i) + R"("})";
        const auto row = write(*shard_, put("t" + std::to_string(t) + "-" + std::to_string(i), body));
        if (row)
          ++taken;
        else
          EXPECT_EQ(row.error().code(), ErrorCode::conflict);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken, 50);
  EXPECT_EQ(disagreements(*shard_, {*index}), std::vector<std::string>{});
}

TEST_F(ShardTest, AWriteWithoutItsIndexMakerIsRefused) {
  const std::string directory = ::testing::TempDir() + "quire-shard-maker";
  std::filesystem::remove_all(directory);
  {
    auto shard = world_.on_disk(directory);
    ASSERT_TRUE(shard->create_index(kDefaultCollection, "member", "name"));
    write(*shard, put("a", R"({"name":"x"})")).value();
  }
  auto environment = world_.environment();
  environment.index_kinds.clear();
  auto shard = Shard::open(std::move(*storage::open(directory, {})), environment, {});
  ASSERT_TRUE(shard);
  EXPECT_TRUE((*shard)->get(kDefaultCollection, "a"));
  EXPECT_EQ(write(**shard, put("b", "{}")).error().code(), ErrorCode::read_only);
  std::filesystem::remove_all(directory);
}

TEST_F(ShardTest, AttachmentsMustBeHereBeforeTheyAreReferredTo) {
  Edit edit = put("a", "{}");
  edit.attachments = {
      {.name = "x", .content_type = "text/plain", .digest = std::string(32, 'd'), .md5 = {}, .length = 3}};
  EXPECT_EQ(write(*shard_, edit).error().code(), ErrorCode::precondition);
  auto writer = shard_->blobs().begin();
  ASSERT_TRUE(writer->write("abc"));
  Attachment attachment = *writer->finish();
  attachment.name = "x";
  edit.attachments = {attachment};
  const auto first = write(*shard_, edit);
  ASSERT_TRUE(first);
  // An edit of the body keeps them.
  const auto second = write(*shard_, put("a", R"({"n":1})", first->revision));
  ASSERT_TRUE(second);
  const auto kept = decode_attachments(shard_->get(kDefaultCollection, "a")->attachments);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ(kept->front().revpos, 1U);
}

TEST_F(ShardTest, FollowersSeeOnlyWhatIsDurableAndAllOfIt) {
  struct Listener : ChangeListener {
    std::atomic<Sequence> told = 0;
    std::atomic<bool> over = false;
    void changed(Sequence sequence) override { told = sequence; }
    void closed() override { over = true; }
  };
  const auto listener = std::make_shared<Listener>();
  shard_->listeners().add(listener);
  write(*shard_, put("a", "{}")).value();
  EXPECT_EQ(listener->told, 1U);
  for (int i = 0; i < 10; ++i)
    write(*shard_, put("m" + std::to_string(i), "{}"), {.durability = Durability::memory}).value();
  for (int i = 0; i < 400 && listener->told < 11; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(listener->told, 11U);
  const auto cursor = shard_->history({});
  for (Sequence expected = 1; expected <= 11; ++expected) EXPECT_EQ((*cursor->next())->first, expected);
  EXPECT_FALSE(*cursor->next());
  shard_->listeners().remove(listener);
}

// A shard whose timers never come, so that nothing is synced but what a call waits for.
class LentWriteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.executor = std::move(executor_);
    shard_ = world_.in_memory();
    lent_ = write(*shard_, replicate("a", {rev("1-aa")}, "{}"), {.durability = Durability::memory})->sequence;
    ASSERT_NE(shard_->position().sequence, lent_);
  }

  ManualClock clock_;
  std::unique_ptr<ManualExecutor> executor_ = std::make_unique<ManualExecutor>(clock_);
  ManualExecutor& tasks_ = *executor_;
  ShardWorld world_;
  std::unique_ptr<Shard> shard_;
  Sequence lent_ = 0;
};

TEST_F(LentWriteTest, ADurableWriteThatFindsItDonePromisesItAsWell) {
  EXPECT_EQ(write(*shard_, replicate("a", {rev("1-aa")}, "{}"))->sequence, 0U);
  EXPECT_EQ(shard_->position().sequence, lent_);
}

TEST_F(LentWriteTest, ADurableWriteThatNobodyWaitsForPromisesItAsWell) {
  bool done = false;
  shard_->write_async({replicate("a", {rev("1-aa")}, "{}")}, {}, {}, [&](Result<WriteResult> result) {
    EXPECT_TRUE(result);
    EXPECT_EQ(shard_->position().sequence, lent_);
    done = true;
  });
  tasks_.run_ready();
  EXPECT_TRUE(done);
}

TEST_F(LentWriteTest, IsOnDiskOnceReadersMayCountOnIt) {
  ASSERT_TRUE(shard_->sync_seen());
  EXPECT_EQ(shard_->position().sequence, lent_);
}

// Random edits of few documents, by put, delete and replication, against a model of trees and texts; reopened
// now and then.
TEST(ShardModel, AnyHistoryOfEditsAgreesWithAModelAndSurvivesReopening) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    std::mt19937 random(seed);
    ShardWorld world;
    const std::string directory = ::testing::TempDir() + "quire-shard-model";
    std::filesystem::remove_all(directory);
    auto shard = world.on_disk(directory);
    const std::uint32_t index = *shard->create_index(kDefaultCollection, "member", "k");
    std::map<std::string, document::RevisionTree> trees;
    std::map<std::pair<std::string, Revision>, std::string> texts;
    for (int step = 0; step < 150; ++step) {
      const std::string id = "d" + std::to_string(random() % 4);
      const std::string body =
          R"({"k":"v)" + std::to_string(random() % 5) + R"(","s":)" + std::to_string(step) + "}";
      auto& tree = trees[id];
      Edit edit;
      std::vector<Revision> path;
      bool deleted = random() % 4 == 0;
      const auto known = tree.leaves();
      if (random() % 2 == 0) {
        // A branch from some known node, or a root of its own.
        if (!known.empty()) path = tree.path(known[random() % known.size()].revision);
        if (!path.empty())
          path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(random() % path.size()));
        path.insert(path.begin(), {path.empty() ? 1 : path.front().generation + 1,
                                   document::RevisionHash::from_text("h" + std::to_string(step))});
        edit = replicate(id, path, body, deleted);
      } else if (known.empty()) {
        edit = put(id, body);
        deleted = false;
      } else {
        const auto& leaf = known[random() % known.size()];
        deleted = deleted && !leaf.deleted && leaf == known.front();
        path = tree.path(leaf.revision);
        edit = deleted ? remove(id, leaf.revision) : put(id, body, leaf.revision);
      }
      const std::string text = edit.body;
      const bool replicated = edit.kind == Edit::Kind::replicate;
      const auto row = write(*shard, std::move(edit));
      ASSERT_TRUE(row) << row.error().to_string();
      if (!replicated) path.insert(path.begin(), row->revision);
      tree.merge(path, deleted);
      texts[{id, row->revision}] = text;
      for (const auto& leaf : tree.leaves()) {
        const auto read = shard->get(kDefaultCollection, id, {.revision = leaf.revision});
        ASSERT_TRUE(read) << id << " " << leaf.revision.to_string() << " seed " << seed;
        ASSERT_EQ(read->body, (texts[{id, leaf.revision}]));
      }
      ASSERT_EQ(shard->head(kDefaultCollection, id)->value().revision, tree.winner()->revision);
      ASSERT_EQ(leaves(*shard, id), tree.leaves());
      if (step % 61 == 60) {
        shard.reset();
        shard = world.on_disk(directory);
      }
    }
    EXPECT_EQ(disagreements(*shard, {index}), std::vector<std::string>{}) << "seed " << seed;
    shard.reset();
    std::filesystem::remove_all(directory);
  }
}

// The sync that an unsynced write has asked for is a timer, which the joined pool has dropped.
TEST(ShardEndTest, BehindTheJoinOfItsPoolAShardSyncsByItselfAndEnds) {
  const storage::testing::TemporaryDirectory directory;
  ShardWorld world;
  auto pool = make_thread_pool(1);
  ThreadPool& joined = *pool;
  world.executor = std::move(pool);
  auto shard = world.on_disk(directory / "shard");
  ASSERT_TRUE(write(*shard, put("a", "{}"), {.durability = Durability::memory}));
  joined.join();
  shard.reset();  // hangs where the timer's task is waited for
  world.executor = make_thread_pool(1);
  EXPECT_TRUE(world.on_disk(directory / "shard")->get(kDefaultCollection, "a"));
}

}  // namespace
}  // namespace quire::database
