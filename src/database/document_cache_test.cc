#include "database/document_cache.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace quire::database {
namespace {

using Ticket = DocumentCache::Ticket;

std::string found(DocumentCache& cache, const DocumentCache::Key& key) {
  Ticket ticket = 0;
  const RecordRef record = cache.find(key, ticket);
  return record ? std::string(record.view()) : "-";
}

// What a reader does that has read `record` from the store.
void read_through(DocumentCache& cache, const DocumentCache::Key& key, std::string_view record) {
  Ticket ticket = 0;
  if (!cache.find(key, ticket)) cache.put(key, RecordRef::copy(record), ticket);
}

void commit(DocumentCache& cache, const DocumentCache::Key& key, std::string_view record) {
  cache.begin_write(key);
  cache.end_write(key, record);
}

TEST(DocumentCache, AnswersWhatWasReadAndThenWhatWasWritten) {
  DocumentCache cache(1 << 20);
  const auto key = DocumentCache::key(1, 2, "a");
  EXPECT_EQ(found(cache, key), "-");
  read_through(cache, key, "one");
  EXPECT_EQ(found(cache, key), "one");
  commit(cache, key, "two");
  EXPECT_EQ(found(cache, key), "two");
  commit(cache, key, "");
  EXPECT_EQ(found(cache, key), "-");
}

TEST(DocumentCache, KnowsThatADocumentIsAbsentUntilItIsWritten) {
  DocumentCache cache(1 << 20);
  const auto key = DocumentCache::key(1, 2, "a");
  Ticket ticket = 0;
  ASSERT_FALSE(cache.find(key, ticket));
  cache.put_absence(key, ticket);
  ASSERT_TRUE(cache.find(key, ticket));
  EXPECT_TRUE(cache.find(key, ticket).absent());
  commit(cache, key, "one");
  EXPECT_EQ(found(cache, key), "-") << "nobody has read it: it takes no room";
  cache.put_absence(key, ticket);
  EXPECT_EQ(found(cache, key), "-") << "what was seen before the write says nothing after it";
  EXPECT_FALSE(cache.find(key, ticket).absent());
}

TEST(DocumentCache, CountsWhatItHadAndWhatItHadNot) {
  DocumentCache cache(1 << 20);
  const auto key = DocumentCache::key(1, 2, "a");
  const auto other = DocumentCache::key(1, 2, "b");
  const auto expect = [&](std::uint64_t hits, std::uint64_t misses) {
    EXPECT_EQ(cache.looks().hits, hits);
    EXPECT_EQ(cache.looks().misses, misses);
  };
  expect(0, 0);
  read_through(cache, key, "one");
  expect(0, 1);
  for (int i = 0; i < 3; ++i) found(cache, key);
  found(cache, other);
  expect(3, 2);
  cache.begin_write(key);
  found(cache, key);
  expect(3, 3);
  cache.end_write(key, "two");
  expect(3, 3);
  cache.forget_shard(1);
  found(cache, key);
  expect(3, 4);
}

TEST(DocumentCache, TellsShardsCollectionsAndIdsApart) {
  DocumentCache cache(1 << 20);
  std::map<std::string, DocumentCache::Key> keys;
  static const std::vector<std::string> ids = {"a", "b", std::string("a\0", 2)};
  for (const std::uint64_t shard : {1, 2}) {
    for (const CollectionId collection : {1U, 2U}) {
      for (const std::string& id : ids) {
        const std::string name = std::to_string(shard) + "/" + std::to_string(collection) + "/" + id;
        keys.emplace(name, DocumentCache::key(shard, collection, id));
      }
    }
  }
  for (const auto& [name, key] : keys) read_through(cache, key, name);
  for (const auto& [name, key] : keys) EXPECT_EQ(found(cache, key), name);
}

// A record that was read before a commit must not be put in after it.
TEST(DocumentCache, AnOldReadIsNotPutInAfterACommit) {
  DocumentCache cache(1 << 20);
  const auto key = DocumentCache::key(1, 1, "a");
  Ticket before = 0;
  ASSERT_FALSE(cache.find(key, before));
  commit(cache, key, "new");
  cache.put(key, RecordRef::copy("old"), before);
  EXPECT_EQ(found(cache, key), "-");
}

TEST(DocumentCache, WhileAWriteIsUnderWayTheStoreAnswers) {
  DocumentCache cache(1 << 20);
  const auto key = DocumentCache::key(1, 1, "a");
  read_through(cache, key, "old");
  cache.begin_write(key);
  Ticket during = 0;
  EXPECT_FALSE(cache.find(key, during)) << "a reader must not see what a commit is replacing";
  cache.put(key, RecordRef::copy("old"), during);
  cache.end_write(key, "new");
  EXPECT_EQ(found(cache, key), "new");
  cache.put(key, RecordRef::copy("old"), during);
  EXPECT_EQ(found(cache, key), "new");
}

TEST(DocumentCache, TwoWritesOfOneSlotBothEnd) {
  DocumentCache cache(1 << 20);
  const auto key = DocumentCache::key(1, 1, "a");
  read_through(cache, key, "old");
  cache.begin_write(key);
  cache.begin_write(key);
  cache.end_write(key, "one");
  EXPECT_EQ(found(cache, key), "-") << "one of them is still under way";
  cache.end_write(key, "two");
  EXPECT_EQ(found(cache, key), "two");
}

TEST(DocumentCache, AReaderKeepsItsBytes) {
  DocumentCache cache(1 << 20);
  const auto key = DocumentCache::key(1, 1, "a");
  read_through(cache, key, "old");
  Ticket ticket = 0;
  const RecordRef held = cache.find(key, ticket);
  commit(cache, key, "new");
  cache.forget_shard(1);
  EXPECT_EQ(held.view(), "old");
}

TEST(DocumentCache, AClosedShardLeavesNothing) {
  DocumentCache cache(1 << 20);
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    read_through(cache, DocumentCache::key(1, 1, id), "one");
    read_through(cache, DocumentCache::key(2, 1, id), "two");
  }
  const std::size_t both = cache.used_bytes();
  cache.forget_shard(1);
  EXPECT_EQ(cache.used_bytes(), both / 2);
  EXPECT_EQ(found(cache, DocumentCache::key(1, 1, "7")), "-");
  EXPECT_EQ(found(cache, DocumentCache::key(2, 1, "7")), "two");
  cache.forget_shard(2);
  EXPECT_EQ(cache.used_bytes(), 0U);
}

TEST(DocumentCache, StaysWithinItsBoundAndKeepsWhatIsAskedFor) {
  constexpr std::size_t kCapacity = 1 << 20;
  DocumentCache cache(kCapacity);
  const std::string record(200, 'r');
  static const std::string hot = "hot";
  const auto hot_key = DocumentCache::key(1, 1, hot);
  read_through(cache, hot_key, "hot record");
  for (int i = 0; i < 50'000; ++i) {
    const std::string id = std::to_string(i);
    read_through(cache, DocumentCache::key(1, 1, id), record);
    const std::string now = i % 10 == 0 ? found(cache, hot_key) : "hot record";
    ASSERT_EQ(now, "hot record") << "after " << i;
  }
  EXPECT_LE(cache.used_bytes(), kCapacity);
  EXPECT_GT(cache.used_bytes(), kCapacity * 8 / 10);
}

// What is asked for once pushes out nothing that is asked for again.
TEST(DocumentCache, AWalkOverManyRecordsPushesNothingOut) {
  constexpr std::size_t kCapacity = 1 << 20;
  DocumentCache cache(kCapacity);
  const std::string record(200, 'r');
  std::vector<std::string> kept;
  for (int i = 0; i < 1000; ++i) kept.push_back("kept " + std::to_string(i));
  for (const std::string& id : kept) read_through(cache, DocumentCache::key(1, 1, id), record);
  std::vector<std::string> walked;
  for (int i = 0; i < 20'000; ++i) walked.push_back(std::to_string(i));
  for (const std::string& id : walked) read_through(cache, DocumentCache::key(1, 1, id), record);
  const auto is_there = [&](const std::string& id) {
    return found(cache, DocumentCache::key(1, 1, id)) != "-";
  };
  EXPECT_GT(std::count_if(kept.begin(), kept.end(), is_there), 980);

  // What is asked for twice in a row comes in, unless all that is there was asked for since the last round.
  std::size_t came_in = 0;
  for (const std::string& id : walked) {
    read_through(cache, DocumentCache::key(1, 1, id), record);
    read_through(cache, DocumentCache::key(1, 1, id), record);
    came_in += is_there(id) ? 1 : 0;
  }
  EXPECT_GT(came_in, walked.size() * 95 / 100);
}

// A large record, read or written, does not push everything else out.
TEST(DocumentCache, ALargeRecordIsNotKept) {
  DocumentCache cache(1 << 20);
  std::vector<std::string> ids;
  for (int i = 0; i < 500; ++i) ids.push_back(std::to_string(i));
  for (const std::string& id : ids) read_through(cache, DocumentCache::key(1, 1, id), "small");
  const std::size_t before = cache.used_bytes();
  const std::string large(1 << 20, 'x');
  for (const std::string& id : ids) {
    if (id.size() < 3) continue;
    commit(cache, DocumentCache::key(1, 1, id), large);
    EXPECT_EQ(found(cache, DocumentCache::key(1, 1, id)), "-");
    read_through(cache, DocumentCache::key(1, 1, id), large);
    EXPECT_EQ(found(cache, DocumentCache::key(1, 1, id)), "-");
  }
  EXPECT_LT(cache.used_bytes(), before);
  for (const std::string& id : ids) {
    if (id.size() >= 3) continue;
    EXPECT_EQ(found(cache, DocumentCache::key(1, 1, id)), "small");
  }
}

TEST(DocumentCache, OfNoBytesKeepsNothing) {
  DocumentCache cache(0);
  const auto key = DocumentCache::key(1, 1, "a");
  read_through(cache, key, "one");
  EXPECT_EQ(found(cache, key), "-");
  EXPECT_EQ(cache.used_bytes(), 0U);
}

// One thread, any order of calls: what is found is what was committed last, and never while a write of the
// document is under way.
RC_GTEST_PROP(DocumentCache, FindsTheLastCommitOrNothing, ()) {
  DocumentCache cache(64 << 10);
  static const std::vector<std::string> ids = {"a", "b", "c", "d"};
  std::map<std::string, std::string> store;
  std::map<std::string, std::pair<std::string, Ticket>> reads;  // begun, and not put in yet
  for (int step = 0; step < 200; ++step) {
    const std::string& id = ids[*rc::gen::inRange<std::size_t>(0, ids.size())];
    const auto key = DocumentCache::key(1, 1, id);
    Ticket ticket = 0;
    switch (*rc::gen::inRange(0, 4)) {
      case 0: {
        const RecordRef record = cache.find(key, ticket);
        if (record) RC_ASSERT(std::string(record.view()) == store[id]);
        if (!record) reads[id] = {store[id], ticket};
        break;
      }
      case 1:
        if (const auto read = reads.find(id); read != reads.end() && !read->second.first.empty()) {
          cache.put(key, RecordRef::copy(read->second.first), read->second.second);
        }
        break;
      case 2:
        cache.begin_write(key);
        store[id] = std::to_string(step);
        RC_ASSERT(!cache.find(key, ticket));
        cache.end_write(key, store[id]);
        break;
      default:
        cache.begin_write(key);
        store[id].clear();
        cache.end_write(key, "");
        break;
    }
    const std::string now = found(cache, key);
    RC_ASSERT(now == "-" || now == store[id]);
  }
}

// Readers on many threads never see a number fall, while one thread commits rising ones.
TEST(DocumentCache, ReadersNeverSeeAnOlderRecordAfterANewerOne) {
  DocumentCache cache(1 << 20);
  std::atomic<std::uint64_t> store{1};  // the document, as the store has it
  std::atomic<bool> stop{false};
  const auto key = DocumentCache::key(1, 1, "a");
  std::vector<std::thread> readers;
  std::atomic<int> backwards{0};
  std::atomic<std::uint64_t> hits{0};
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      while (!stop) {
        Ticket ticket = 0;
        RecordRef record = cache.find(key, ticket);
        if (record) {
          ++hits;
        } else {
          record = RecordRef::copy(std::to_string(store.load()));
          cache.put(key, record, ticket);
        }
        const std::uint64_t seen = std::stoull(std::string(record.view()));
        if (seen < last) ++backwards;
        last = seen;
      }
    });
  }
  // Until readers have had their turns, too: on few cores the writer may be done before one has begun.
  for (std::uint64_t n = 2; n < 20'000 || (hits == 0 && n < 20'000'000); ++n) {
    cache.begin_write(key);
    store = n;
    cache.end_write(key, std::to_string(n));
    if (n % 64 == 0) std::this_thread::yield();
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(backwards, 0);
  EXPECT_GT(hits, 0U);
}

}  // namespace
}  // namespace quire::database
