#include "storage/open.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"
#include "storage/shard_marker_format.h"
#include "storage/testing/temporary_directory.h"

namespace quire::storage {
namespace {

namespace fs = std::filesystem;

class OpenTest : public ::testing::Test {
 protected:
  OpenTest() { options_.budget = make_memory_budget(8 << 20); }

  std::string shard() const { return directory_ / "shard"; }
  Error refusal(const OpenOptions& options) const {
    const auto store = open(shard(), options);
    return store ? Error(ErrorCode::internal, "was opened") : store.error();
  }
  Error refusal() const { return refusal(options_); }
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories(shard());
    std::ofstream(shard() + "/" + name, std::ios::binary) << bytes;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(shard())) found.push_back(entry.path().filename());
    return found;
  }

  testing::TemporaryDirectory directory_;
  OpenOptions options_;
};

std::string key_of(int table) { return "key" + std::to_string(1000 + table); }

// Tables of one key each.
void make_tables(Store& store, int tables) {
  for (int i = 0; i < tables; ++i) {
    const auto batch = store.make_batch();
    batch->put(Family::documents, key_of(i), "a value");
    ASSERT_TRUE(store.write(*batch, Sync::none));
    ASSERT_TRUE(store.flush());
    ASSERT_TRUE(store.compact(Family::documents, key_of(i), key_of(i) + "x"));
  }
}

// RocksDB opens sixteen tables with the store and each other one when it is first needed. What stands in one
// that is not open was once taken for an empty value: 500 for every key of a large database after a restart.
TEST_F(OpenTest, memory_alone_does_not_know_what_a_table_holds_that_is_not_open) {
  constexpr int kTables = 60;
  options_.budget = make_memory_budget(8 << 20, 200);
  {
    const auto store = std::move(*open(shard(), options_));
    make_tables(*store, kTables);
  }
  const auto store = std::move(*open(shard(), options_));
  const auto cached = [&](const std::string& key, std::string& value) {
    ReadBuffer buffer;
    const auto found = store->get_cached(Family::documents, key, buffer);
    value = buffer.view();
    return found ? *found : Store::Found::no;
  };
  std::string value;
  for (int i = 0; i < kTables; ++i) {
    ReadBuffer buffer;
    EXPECT_EQ(cached(key_of(i), value), Store::Found::unknown) << i;
    EXPECT_NE(cached(key_of(i) + "0", value), Store::Found::yes) << "nobody wrote it, " << i;
    ASSERT_TRUE(*store->get(Family::documents, key_of(i), buffer));
    EXPECT_EQ(cached(key_of(i), value), Store::Found::yes) << i;
    EXPECT_EQ(value, "a value");
  }
}

// Tables of keys are merged by themselves; attachments are moved only by whoever wants their space back.
TEST_F(OpenTest, large_values_are_copied_by_no_compaction_but_the_one_that_was_asked_for) {
  constexpr int kFlushes = 12;
  constexpr std::size_t kValueBytes = 512 << 10;
  const auto store = std::move(*open(shard(), options_));
  const auto files = [this](const std::string& ending) {
    std::map<std::string, std::uintmax_t> sizes;
    for (const std::string& name : names()) {
      std::error_code gone;  // a compaction removes files meanwhile
      const auto size = fs::file_size(shard() + "/" + name, gone);
      if (name.ends_with(ending) && !gone) sizes[name] = size;
    }
    return sizes;
  };
  // The tables' ranges overlap.
  for (int i = 0; i < kFlushes; ++i) {
    const auto batch = store->make_batch();
    for (const char letter : {'a', 'b'}) {
      std::string value(kValueBytes, '\0');
      system_random().fill(value.data(), value.size());  // no compression makes it smaller
      batch->put(Family::blobs, letter + std::to_string(i), value);
    }
    ASSERT_TRUE(store->write(*batch, Sync::none));
    ASSERT_TRUE(store->flush());
  }
  while (files(".sst").size() > kFlushes / 2) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(files(".blob").size(), static_cast<std::size_t>(kFlushes));

  // Half of each file.
  const auto batch = store->make_batch();
  for (int i = 0; i < kFlushes; ++i) batch->erase(Family::blobs, "b" + std::to_string(i));
  ASSERT_TRUE(store->write(*batch, Sync::none));
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->compact(Family::blobs, {}, {}));
  const auto left = [&] {
    std::uintmax_t bytes = 0;
    for (const auto& [name, size] : files(".blob")) bytes += size;
    return bytes;
  };
  // Files go when no compaction beside this one is under way any more.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (left() >= (kFlushes + 1) * kValueBytes && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LT(left(), (kFlushes + 1) * kValueBytes);
  EXPECT_GE(left(), kFlushes * kValueBytes);
}

TEST_F(OpenTest, makes_a_directory_that_only_its_owner_reads) {
  const mode_t old_mask = ::umask(0);
  {
    const auto store = std::move(*open(directory_ / "a/b/shard", options_));
    const auto batch = store->make_batch();
    batch->put(Family::blobs, "a", std::string(100'000, 'x'));
    ASSERT_TRUE(store->write(*batch, Sync::disk));
    ASSERT_TRUE(store->flush());
    ASSERT_TRUE(store->checkpoint(directory_ / "a/copy"));
  }
  ::umask(old_mask);
  for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
    const auto expected =
        entry.is_directory() ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write;
    EXPECT_EQ(entry.status().permissions(), expected) << entry.path();
  }
}

TEST_F(OpenTest, makes_nothing_where_it_is_told_not_to) {
  OpenOptions options = options_;
  options.create = false;
  EXPECT_EQ(refusal(options).code(), ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(shard()));
  fs::create_directory(shard());
  EXPECT_EQ(refusal(options).code(), ErrorCode::not_found);
  EXPECT_TRUE(fs::is_empty(shard()));
}

TEST_F(OpenTest, leaves_a_directory_of_something_else_alone) {
  write("letter.txt", "dear");
  const Error error = refusal();
  EXPECT_EQ(error.code(), ErrorCode::invalid);
  EXPECT_NE(error.message().find(shard()), std::string::npos);
  EXPECT_NE(error.message().find("letter.txt"), std::string::npos);
  EXPECT_EQ(names(), std::vector<std::string>{"letter.txt"});
  EXPECT_EQ(destroy(shard()).error().code(), ErrorCode::invalid);
  EXPECT_EQ(names(), std::vector<std::string>{"letter.txt"});
}

TEST_F(OpenTest, leaves_another_programs_rocksdb_alone) {
  write("CURRENT", "MANIFEST-000005\n");
  write("000012.sst", "table");
  EXPECT_EQ(refusal().code(), ErrorCode::invalid);
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(OpenTest, refuses_a_file_in_the_place_of_a_directory) {
  std::ofstream(shard()) << "a file";
  EXPECT_EQ(refusal().code(), ErrorCode::invalid);
  EXPECT_TRUE(fs::is_regular_file(shard()));
}

TEST_F(OpenTest, names_the_format_of_another_version) {
  std::string marker = encode(ShardMarker{});
  marker[15] = 9;
  write("QUIRE-SHARD", marker);
  EXPECT_EQ(refusal().code(), ErrorCode::corrupt);  // its checksum does not fit
  marker.resize(marker.size() - 4);
  put_u32(marker, crc32c(marker));
  write("QUIRE-SHARD", marker);
  write("something-new", "bytes");
  const Error error = refusal();
  EXPECT_EQ(error.code(), ErrorCode::invalid);
  EXPECT_NE(error.message().find("format 9"), std::string::npos) << error.message();
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(OpenTest, begins_anew_where_the_making_of_a_shard_was_cut_short) {
  { ASSERT_TRUE(open(shard(), options_)); }
  fs::rename(shard() + "/QUIRE-SHARD", shard() + "/QUIRE-SHARD.new");
  fs::remove(shard() + "/CURRENT");
  const auto store = open(shard(), options_);
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_FALSE(fs::exists(shard() + "/QUIRE-SHARD.new"));
}

TEST_F(OpenTest, says_when_another_process_has_the_shard) {
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open(shard(), options_);
    const char answer = store ? 'y' : 'n';
    char byte = 0;
    const bool told = ::write(ready[1], &answer, 1) == 1 && ::read(done[0], &byte, 1) == 1;
    ::_exit(told ? 0 : 1);
  }
  ::close(ready[1]);  // so that reading ends where the child has died
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  const Error error = refusal();
  EXPECT_EQ(error.code(), ErrorCode::locked) << error.to_string();
  EXPECT_NE(error.message().find(shard()), std::string::npos);
  EXPECT_EQ(destroy(shard()).error().code(), ErrorCode::locked);
  ASSERT_EQ(::write(done[1], "x", 1), 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(open(shard(), options_));
}

TEST_F(OpenTest, opening_again_and_again_leaves_few_files) {
  for (int i = 0; i < 30; ++i) {
    const auto store = std::move(*open(shard(), options_));
    const auto batch = store->make_batch();
    batch->put(Family::documents, std::to_string(i), "v");
    if (i % 3 == 0) continue;
    ASSERT_TRUE(store->write(*batch, Sync::none));
  }
  EXPECT_LE(names().size(), 25u);
  const auto store = std::move(*open(shard(), options_));
  const auto iterator = store->iterate(Family::documents);
  int seen = 0;
  for (iterator->seek_to_first(); iterator->valid(); iterator->next()) ++seen;
  EXPECT_EQ(seen, 20);
}

TEST_F(OpenTest, destroy_removes_a_closed_shard) {
  {
    const auto store = std::move(*open(shard(), options_));
    EXPECT_EQ(destroy(shard()).error().code(), ErrorCode::locked);
  }
  EXPECT_TRUE(destroy(shard()));
  EXPECT_FALSE(fs::exists(shard()));
  EXPECT_TRUE(destroy(shard()));
}

TEST_F(OpenTest, stores_of_one_budget_share_it) {
  options_.budget = make_memory_budget(24 << 20);
  const auto first = std::move(*open(directory_ / "first", options_));
  const auto second = std::move(*open(directory_ / "second", options_));
  for (Store* store : {first.get(), second.get()}) {
    for (int i = 0; i < 700; ++i) {
      const auto batch = store->make_batch();
      batch->put(Family::documents, std::to_string(i), std::string(20'000, static_cast<char>(i)));
      ASSERT_TRUE(store->write(*batch, Sync::none));
    }
    ASSERT_TRUE(store->flush());
    ReadBuffer buffer;
    for (int i = 0; i < 700; ++i) ASSERT_TRUE(*store->get(Family::documents, std::to_string(i), buffer));
  }
  EXPECT_EQ(options_.budget->capacity(), 24u << 20);
  EXPECT_GT(options_.budget->used(), 4u << 20);
  // Memtables that wait for the disk are over the budget for a moment.
  for (Store* store : {first.get(), second.get()}) ASSERT_TRUE(store->flush());
  EXPECT_LE(options_.budget->used(), 24u << 20);
}

// A large store alone may keep all its tables open, for a get of one that is not costs four times as much;
// and many stores together stay within the descriptors.
TEST_F(OpenTest, stores_of_one_budget_share_the_files_that_they_keep_open) {
  constexpr int kTables = 60;
  options_.budget = make_memory_budget(24 << 20, 128);
  const std::string large = directory_ / "large";
  const auto store = std::move(*open(large, options_));
  make_tables(*store, kTables);
  const auto tables_open_after_gets = [&] {
    ReadBuffer buffer;
    for (int i = 0; i < kTables; ++i) EXPECT_TRUE(*store->get(Family::documents, key_of(i), buffer));
    int open = 0;
    for (const auto& descriptor : fs::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      const std::string file = fs::read_symlink(descriptor, gone).string();
      if (file.starts_with(large) && file.ends_with(".sst")) ++open;
    }
    return open;
  };
  EXPECT_GE(tables_open_after_gets(), kTables);
  std::vector<std::unique_ptr<Store>> others;
  for (int i = 0; i < 7; ++i)
    others.push_back(std::move(*open(directory_ / ("other" + std::to_string(i)), options_)));
  EXPECT_LT(tables_open_after_gets(), kTables / 2);
  others.clear();
  EXPECT_GE(tables_open_after_gets(), kTables);
}

// RocksDB alone flushes whoever writes: the second store would get a table of every few hundred kilobytes for
// as long as the first one is open.
TEST_F(OpenTest, a_store_that_nobody_writes_to_makes_room_for_one_that_is_written_to) {
  options_.budget = make_memory_budget(40 << 20);  // of which 6 MB are for memtables
  const auto idle = std::move(*open(directory_ / "idle", options_));
  const auto busy = std::move(*open(directory_ / "busy", options_));
  const auto fill = [](Store& store, int mega) {
    for (int i = 0; i < mega * 50; ++i) {
      const auto batch = store.make_batch();
      batch->put(Family::documents, std::to_string(i), std::string(20'000, 'x'));
      ASSERT_TRUE(store.write(*batch, Sync::none));
    }
  };
  fill(*idle, 3);
  const std::uint64_t before = idle->stats().memory_bytes;
  EXPECT_GT(before, 2u << 20);
  fill(*busy, 1);
  // The flush is another thread's, and memory that it has not given back yet counts too.
  for (int i = 0; i < 1000 && idle->stats().memory_bytes > before / 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  fill(*busy, 2);
  EXPECT_LT(idle->stats().memory_bytes, before / 2);
  EXPECT_GT(busy->stats().memory_bytes, 2u << 20);
  ReadBuffer buffer;
  EXPECT_TRUE(*idle->get(Family::documents, "149", buffer));
}

TEST(ShardMarkerFormatTest, is_the_bytes_of_the_format_page) {
  ShardMarker marker;
  marker.sequence = 0x0102;
  marker.manifest_number = 5;
  marker.manifest_bytes = 0x300;
  marker.log_number = 4;
  marker.log_bytes = 0x2000;
  const unsigned char golden[] = {'Q', 'U', 'I', 'R', 'E', '-', 'S', 'H', 'A', 'R',  'D', '\n', 0, 0, 0,
                                  1,   0,   0,   0,   0,   0,   0,   1,   2,   0,    0,   0,    0, 0, 0,
                                  0,   5,   0,   0,   0,   0,   0,   0,   3,   0,    0,   0,    0, 0, 0,
                                  0,   0,   4,   0,   0,   0,   0,   0,   0,   0x20, 0,   0,    0, 0, 0};
  std::string bytes(reinterpret_cast<const char*>(golden), sizeof golden);
  const std::string encoded = encode(marker);
  ASSERT_EQ(encoded.size(), bytes.size());
  EXPECT_EQ(encoded.substr(0, 56), bytes.substr(0, 56));
  EXPECT_EQ(decode_marker(encoded).value(), marker);
}

TEST(ShardMarkerFormatTest, no_damaged_marker_is_read) {
  const std::string good = encode(ShardMarker{7, 5, 100, 4, 200});
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(decode_marker(good.substr(0, size)));
  EXPECT_FALSE(decode_marker(good + "x"));
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << i % 8));
    const auto decoded = decode_marker(bad);
    ASSERT_FALSE(decoded) << i;
    EXPECT_EQ(decoded.error().code(), ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace quire::storage
