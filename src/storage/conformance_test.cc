#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "storage/open.h"
#include "storage/testing/temporary_directory.h"

// One contract, three kinds of store: what the layers above were tested on with one holds with the others.
namespace quire::storage {
namespace {

enum class Kind : std::uint8_t { disk, memory, map };

using Model = std::map<std::string, std::string>;

class StoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  StoreTest() {
    options_.budget = make_memory_budget(16 << 20);
    options_.medium = GetParam() == Kind::memory ? Medium::memory : Medium::disk;
    store_ = make("shard");
  }

  std::unique_ptr<Store> make(const std::string& name) {
    if (GetParam() == Kind::map) return make_map_store();
    auto opened = open(directory_ / name, options_);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().to_string());
    return opened ? std::move(*opened) : nullptr;
  }

  Status put(Family family, const std::string& key, const std::string& value, Sync sync = Sync::none) {
    const auto batch = store_->make_batch();
    batch->put(family, key, value);
    return store_->write(*batch, sync);
  }
  std::optional<std::string> get(Family family, const std::string& key, const Snapshot* snapshot = nullptr) {
    return get_from(*store_, family, key, snapshot);
  }
  static std::optional<std::string> get_from(Store& store, Family family, const std::string& key,
                                             const Snapshot* snapshot = nullptr) {
    ReadBuffer buffer;
    const auto found = store.get(family, key, buffer, snapshot);
    EXPECT_TRUE(found) << (found ? "" : found.error().to_string());
    if (!found || !*found) return std::nullopt;
    return std::string(buffer.view());
  }
  static Model all(Store& store, Family family, const IterateOptions& options = {}) {
    Model entries;
    const auto iterator = store.iterate(family, options);
    for (iterator->seek_to_first(); iterator->valid(); iterator->next()) {
      entries.emplace(iterator->key(), iterator->value());
    }
    EXPECT_TRUE(iterator->status());
    return entries;
  }

  testing::TemporaryDirectory directory_;
  OpenOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreTest, AReadOfMemoryOnlyWaitsForNoDisk) {
  ASSERT_TRUE(put(Family::documents, "a", "1", Sync::disk));
  const auto cached = [this](const std::string& key, std::string* value = nullptr) {
    ReadBuffer buffer;
    const auto found = store_->get_cached(Family::documents, key, buffer);
    EXPECT_TRUE(found) << (found ? "" : found.error().to_string());
    if (value != nullptr) *value = buffer.view();
    return found ? *found : Store::Found::unknown;
  };
  std::string value;
  EXPECT_EQ(cached("a", &value), Store::Found::yes);
  EXPECT_EQ(value, "1");
  EXPECT_EQ(cached("b"), Store::Found::no);
  if (GetParam() != Kind::disk) return;

  ASSERT_TRUE(store_->flush());
  store_.reset();
  options_.budget = make_memory_budget(16 << 20);  // nothing of it is cached
  store_ = make("shard");
  EXPECT_EQ(cached("a"), Store::Found::unknown);
  EXPECT_EQ(get(Family::documents, "a"), "1");
  EXPECT_EQ(cached("a", &value), Store::Found::yes);
  EXPECT_EQ(value, "1");
}

TEST_P(StoreTest, a_value_comes_back_byte_for_byte) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(put(Family::documents, every_byte, every_byte));
  ASSERT_TRUE(put(Family::blobs, "large", large));
  ASSERT_TRUE(put(Family::meta, "", "the empty key"));
  ASSERT_TRUE(put(Family::meta, "empty", ""));
  EXPECT_EQ(get(Family::documents, every_byte), every_byte);
  EXPECT_EQ(get(Family::blobs, "large"), large);
  EXPECT_EQ(get(Family::meta, ""), "the empty key");
  EXPECT_EQ(get(Family::meta, "empty"), "");
  EXPECT_EQ(get(Family::meta, "absent"), std::nullopt);
}

TEST_P(StoreTest, many_values_are_read_at_once) {
  put(Family::documents, "a", "1");
  put(Family::documents, "c", "");
  put(Family::meta, "b", "of another family");
  const std::vector<std::string> keys{"c", "b", "a", "absent", "a"};
  std::vector<std::optional<std::string>> values(keys.size(), "not shown");
  ASSERT_TRUE(
      store_->get_many(Family::documents, keys, [&](std::size_t i, auto value) { values.at(i) = value; }));
  using Value = std::optional<std::string>;
  EXPECT_THAT(values, ::testing::ElementsAre(Value(""), Value(), Value("1"), Value(), Value("1")));
  EXPECT_TRUE(store_->get_many(Family::documents, {}, [](auto, auto) { FAIL(); }));
}

TEST_P(StoreTest, a_value_in_two_pieces_is_one) {
  const auto batch = store_->make_batch();
  batch->put(Family::documents, "a", "head ", "tail");
  batch->put(Family::documents, "b", "", "tail");
  batch->put(Family::documents, "c", "head", "");
  ASSERT_TRUE(store_->write(*batch, Sync::none));
  EXPECT_EQ(all(*store_, Family::documents), (Model{{"a", "head tail"}, {"b", "tail"}, {"c", "head"}}));
}

TEST_P(StoreTest, families_do_not_see_each_other) {
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    ASSERT_TRUE(put(family, "key", std::string(name(family))));
  }
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    EXPECT_EQ(all(*store_, family), (Model{{"key", std::string(name(family))}}));
  }
}

TEST_P(StoreTest, changes_of_a_batch_happen_in_their_order) {
  const auto batch = store_->make_batch();
  batch->put(Family::index, "a", "1");
  batch->put(Family::index, "a", "2");
  batch->put(Family::index, "b", "1");
  batch->erase(Family::index, "b");
  batch->put(Family::index, "c", "1");
  batch->erase_range(Family::index, "c", "d");
  batch->put(Family::index, "d", "1");
  batch->erase(Family::index, "d");
  batch->put(Family::index, "d", "2");
  ASSERT_TRUE(store_->write(*batch, Sync::disk));
  EXPECT_EQ(all(*store_, Family::index), (Model{{"a", "2"}, {"d", "2"}}));
}

TEST_P(StoreTest, a_batch_can_be_written_again_and_cleared) {
  const auto batch = store_->make_batch();
  EXPECT_TRUE(batch->empty());
  batch->put(Family::documents, "a", "1");
  EXPECT_FALSE(batch->empty());
  EXPECT_GE(batch->bytes(), 2u);
  ASSERT_TRUE(store_->write(*batch, Sync::none));
  ASSERT_TRUE(put(Family::documents, "a", "2"));
  const std::size_t bytes = batch->bytes();
  ASSERT_TRUE(store_->write(*batch, Sync::disk));
  EXPECT_EQ(batch->bytes(), bytes);
  EXPECT_EQ(get(Family::documents, "a"), "1");
  batch->clear();
  EXPECT_TRUE(batch->empty());
  batch->put(Family::documents, "b", "1");
  ASSERT_TRUE(store_->write(*batch, Sync::none));
  EXPECT_EQ(all(*store_, Family::documents), (Model{{"a", "1"}, {"b", "1"}}));
}

TEST_P(StoreTest, an_empty_batch_may_be_written) {
  const auto batch = store_->make_batch();
  EXPECT_TRUE(store_->write(*batch, Sync::none));
  EXPECT_TRUE(store_->write(*batch, Sync::disk));
  EXPECT_TRUE(store_->sync());
}

TEST_P(StoreTest, erase_range_takes_its_begin_and_leaves_its_end) {
  for (const char* key : {"a", "b", "ba", "c", "d"}) ASSERT_TRUE(put(Family::documents, key, "v"));
  const auto batch = store_->make_batch();
  batch->erase_range(Family::documents, "b", "c");
  batch->erase_range(Family::documents, "z", "a");
  batch->erase_range(Family::documents, "a", "a");
  batch->erase_range(Family::documents, "d", "");
  ASSERT_TRUE(store_->write(*batch, Sync::none));
  EXPECT_EQ(all(*store_, Family::documents), (Model{{"a", "v"}, {"c", "v"}, {"d", "v"}}));
}

TEST_P(StoreTest, iterators_stop_at_their_bounds) {
  for (const char* key : {"a", "b", "c", "d"}) ASSERT_TRUE(put(Family::documents, key, key));
  IterateOptions options;
  options.upper_bound = "c";
  const auto iterator = store_->iterate(Family::documents, options);
  iterator->seek_to_last();
  ASSERT_TRUE(iterator->valid());
  EXPECT_EQ(iterator->key(), "b");
  iterator->next();
  EXPECT_FALSE(iterator->valid());
  iterator->seek_for_prev("d");
  ASSERT_TRUE(iterator->valid());
  EXPECT_EQ(iterator->key(), "b");
  iterator->prev();
  ASSERT_TRUE(iterator->valid());
  EXPECT_EQ(iterator->key(), "a");
  iterator->prev();
  EXPECT_FALSE(iterator->valid());
  iterator->seek("c");
  EXPECT_FALSE(iterator->valid());
  EXPECT_TRUE(iterator->status());
  iterator->seek("aa");
  ASSERT_TRUE(iterator->valid());
  EXPECT_EQ(iterator->key(), "b");
}

TEST_P(StoreTest, an_iterator_turns_round) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(put(Family::documents, key, key));
  const auto iterator = store_->iterate(Family::documents);
  iterator->seek("b");
  iterator->next();
  iterator->prev();
  iterator->prev();
  ASSERT_TRUE(iterator->valid());
  EXPECT_EQ(iterator->key(), "a");
  iterator->next();
  EXPECT_EQ(iterator->key(), "b");
  EXPECT_EQ(iterator->value(), "b");
}

TEST_P(StoreTest, a_snapshot_and_an_iterator_do_not_see_later_writes) {
  ASSERT_TRUE(put(Family::documents, "a", "1"));
  ASSERT_TRUE(put(Family::documents, "b", "1"));
  auto snapshot = store_->snapshot();
  const auto iterator = store_->iterate(Family::documents);
  const auto batch = store_->make_batch();
  batch->put(Family::documents, "a", "2");
  batch->erase_range(Family::documents, "b", "c");
  batch->put(Family::documents, "c", "2");
  ASSERT_TRUE(store_->write(*batch, Sync::disk));
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(store_->compact(Family::documents, {}, {}));
  const Model before{{"a", "1"}, {"b", "1"}};
  IterateOptions options;
  options.snapshot = snapshot.get();
  EXPECT_EQ(all(*store_, Family::documents, options), before);
  EXPECT_EQ(get(Family::documents, "b", snapshot.get()), "1");
  EXPECT_EQ(get(Family::documents, "c", snapshot.get()), std::nullopt);
  Model walked;
  for (iterator->seek_to_first(); iterator->valid(); iterator->next()) {
    walked.emplace(iterator->key(), iterator->value());
  }
  EXPECT_EQ(walked, before);
  snapshot.reset();
  EXPECT_EQ(all(*store_, Family::documents), (Model{{"a", "2"}, {"c", "2"}}));
}

TEST_P(StoreTest, a_buffer_is_used_again_and_moved) {
  ASSERT_TRUE(put(Family::documents, "a", "first"));
  ASSERT_TRUE(put(Family::documents, "b", "second"));
  ReadBuffer buffer;
  ASSERT_TRUE(store_->get(Family::documents, "a", buffer));
  ASSERT_TRUE(store_->get(Family::documents, "b", buffer));
  EXPECT_EQ(buffer.view(), "second");
  ReadBuffer moved = std::move(buffer);
  EXPECT_EQ(moved.view(), "second");
  const auto absent = store_->get(Family::documents, "c", moved);
  ASSERT_TRUE(absent);
  EXPECT_FALSE(*absent);
}

TEST_P(StoreTest, a_checkpoint_is_a_store_of_its_own) {
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(put(Family::documents, std::to_string(i), "before"));
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(put(Family::history, "unflushed", "before"));
  const std::string copy_path = directory_ / "copy";
  const Status made = store_->checkpoint(copy_path);
  ASSERT_TRUE(made) << made.error().to_string();
  ASSERT_TRUE(put(Family::documents, "0", "after"));
  EXPECT_EQ(store_->checkpoint(copy_path).error().code(), ErrorCode::exists);
  auto copy = open(copy_path, options_);
  ASSERT_TRUE(copy) << copy.error().to_string();
  EXPECT_EQ(all(**copy, Family::documents).size(), 500u);
  EXPECT_EQ(get_from(**copy, Family::documents, "0"), "before");
  EXPECT_EQ(get_from(**copy, Family::history, "unflushed"), "before");
  const auto batch = (*copy)->make_batch();
  batch->put(Family::documents, "0", "in the copy");
  ASSERT_TRUE((*copy)->write(*batch, Sync::disk));
  EXPECT_EQ(get(Family::documents, "0"), "after");
}

TEST_P(StoreTest, a_sound_store_verifies) {
  for (int i = 0; i < 1000; ++i)
    ASSERT_TRUE(put(Family::documents, std::to_string(i), std::string(100, 'v')));
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(put(Family::documents, "late", "v", Sync::disk));
  const Status verified = store_->verify([](const std::string& finding) { ADD_FAILURE() << finding; });
  EXPECT_TRUE(verified);
  EXPECT_TRUE(store_->health());
}

TEST_P(StoreTest, stats_follow_what_is_written) {
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(put(Family::documents, std::to_string(i), std::string(1000, 'v')));
  const Stats stats = store_->stats();
  EXPECT_GT(stats.memory_bytes, 100'000u);
  if (GetParam() == Kind::map) return;
  EXPECT_GT(stats.log_bytes, 100'000u);
  EXPECT_GE(stats.disk_bytes, stats.log_bytes);
  ASSERT_TRUE(store_->flush());
  EXPECT_LT(store_->stats().log_bytes, 10'000u);
  EXPECT_GT(store_->stats().live_bytes_estimate, 0u);
}

TEST_P(StoreTest, what_was_closed_opens_as_it_was) {
  if (GetParam() == Kind::map) GTEST_SKIP() << "a map ends with its process";
  Model expected;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 300; ++i) {
      const std::string key = std::to_string(round * 200 + i);
      expected[key] = std::string(1 + round * 1500, static_cast<char>('a' + round));
      ASSERT_TRUE(put(Family::documents, key, expected[key]));
    }
    store_.reset();
    store_ = make("shard");
    ASSERT_NE(store_, nullptr);
    EXPECT_EQ(all(*store_, Family::documents), expected);
  }
}

TEST_P(StoreTest, a_second_handle_is_refused_and_the_first_goes_on) {
  if (GetParam() == Kind::map) GTEST_SKIP() << "a map has no directory";
  for (const char* path : {"shard", "shard/", "./shard", "x/../shard"}) {
    const auto second = open(directory_ / path, options_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::locked) << second.error().to_string();
    EXPECT_NE(second.error().message().find(directory_ / "shard"), std::string::npos);
  }
  EXPECT_TRUE(put(Family::documents, "a", "1", Sync::disk));
}

// A batch puts the same number under eight keys; whoever reads them at one moment must see one number.
TEST_P(StoreTest, readers_see_whole_batches_while_others_write) {
  constexpr int kKeys = 8;
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  const auto write = [&](int writer) {
    const auto batch = store_->make_batch();
    for (int n = 0; n < 300; ++n) {
      batch->clear();
      const std::string value = std::to_string(writer * 1000 + n);
      for (int key = 0; key < kKeys; ++key) batch->put(Family::documents, std::to_string(key), value);
      batch->put(Family::history, value, value);
      if (!store_->write(*batch, n % 50 == 0 ? Sync::disk : Sync::none)) ++failures;
    }
  };
  const auto read = [&] {
    ReadBuffer buffer;
    while (!stop) {
      const auto snapshot = store_->snapshot();
      IterateOptions options;
      options.snapshot = snapshot.get();
      const Model seen = all(*store_, Family::documents, options);
      for (const auto& [key, value] : seen) failures += value != seen.begin()->second;
      failures += !seen.empty() && seen.size() != kKeys;
      failures += seen.empty() ? 0 : get(Family::documents, "3", snapshot.get()) != seen.begin()->second;
    }
  };
  std::vector<std::thread> writers;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) writers.emplace_back(write, i);
  for (int i = 0; i < 2; ++i) readers.emplace_back(read);
  for (auto& thread : writers) thread.join();
  stop = true;
  for (auto& thread : readers) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(all(*store_, Family::history).size(), 900u);
}

// Any run of changes leaves what the same run leaves in a std::map, whichever way it is read, and so does any
// earlier state that a snapshot holds.
TEST_P(StoreTest, behaves_as_an_ordered_map) {
  EXPECT_TRUE(rc::check([this] {
    {
      const auto wipe = store_->make_batch();
      wipe->erase_range(Family::documents, "", "\xFF");
      RC_ASSERT(store_->write(*wipe, Sync::none).has_value());
    }
    const auto small_key = rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c'));
    Model model;
    Model held;
    std::unique_ptr<Snapshot> snapshot;
    const auto steps = *rc::gen::inRange(1, 30);
    for (int step = 0; step < steps; ++step) {
      const auto batch = store_->make_batch();
      const auto key = *small_key;
      const auto other = *small_key;
      switch (*rc::gen::inRange(0, 6)) {
        case 0:
        case 1:
          batch->put(Family::documents, key, std::to_string(step));
          model[key] = std::to_string(step);
          break;
        case 2:
          batch->erase(Family::documents, key);
          model.erase(key);
          break;
        case 3:
          batch->erase_range(Family::documents, key, other);
          if (key < other) model.erase(model.lower_bound(key), model.lower_bound(other));
          break;
        case 4:
          snapshot = store_->snapshot();
          held = model;
          break;
        default: RC_ASSERT(store_->flush().has_value()); break;
      }
      RC_ASSERT(store_->write(*batch, step % 7 == 0 ? Sync::disk : Sync::none).has_value());
    }
    RC_ASSERT(all(*store_, Family::documents) == model);
    if (snapshot) {
      IterateOptions options;
      options.snapshot = snapshot.get();
      RC_ASSERT(all(*store_, Family::documents, options) == held);
    }
    const auto target = *small_key;
    const auto iterator = store_->iterate(Family::documents);
    iterator->seek(target);
    const auto after = model.lower_bound(target);
    RC_ASSERT(iterator->valid() == (after != model.end()));
    if (iterator->valid()) RC_ASSERT(iterator->key() == after->first);
    iterator->seek_for_prev(target);
    const auto behind = model.upper_bound(target);
    RC_ASSERT(iterator->valid() == (behind != model.begin()));
    if (iterator->valid()) RC_ASSERT(iterator->key() == std::prev(behind)->first);
  }));
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreTest, ::testing::Values(Kind::disk, Kind::memory, Kind::map),
                         [](const auto& kind) {
                           switch (kind.param) {
                             case Kind::disk: return "disk";
                             case Kind::memory: return "memory";
                             default: return "map";
                           }
                         });

TEST(MapStoreTest, a_power_cut_takes_back_what_no_sync_covers) {
  const auto store = make_map_store();
  const auto write = [&](const std::string& key, const std::string& value, Sync sync) {
    const auto batch = store->make_batch();
    batch->put(Family::documents, key, value);
    if (value.empty()) batch->erase(Family::documents, key);
    ASSERT_TRUE(store->write(*batch, sync));
  };
  const auto read = [&](const std::string& key) {
    ReadBuffer buffer;
    return *store->get(Family::documents, key, buffer) ? std::string(buffer.view()) : "none";
  };
  write("a", "1", Sync::none);
  write("b", "1", Sync::disk);
  write("a", "2", Sync::none);
  write("b", "", Sync::none);
  write("c", "1", Sync::none);
  store->drop_unsynced();
  EXPECT_EQ(read("a"), "1");
  EXPECT_EQ(read("b"), "1");
  EXPECT_EQ(read("c"), "none");
  write("b", "", Sync::disk);
  store->drop_unsynced();
  EXPECT_EQ(read("b"), "none");
}

}  // namespace
}  // namespace quire::storage
