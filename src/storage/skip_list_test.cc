#include "storage/skip_list.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace quire::storage::testing {
namespace {

std::string fixed64(std::uint64_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

std::string internal(const std::string& user_key, std::uint64_t change) { return user_key + fixed64(change); }

// The list with what owns its bytes.
class OwnedList {
 public:
  bool insert(const std::string& user_key, std::uint64_t change, std::size_t finger = 0) {
    const std::string key = internal(user_key, change);
    std::string entry;
    std::size_t size = key.size();
    for (; size >= 0x80; size >>= 7) entry.push_back(static_cast<char>(size | 0x80));
    entry.push_back(static_cast<char>(size));
    entry += key;
    std::copy(entry.begin(), entry.end(), allocate(entry.size()));
    return list.insert(pieces_.back().get(), fingers_[finger]);
  }

 private:
  char* allocate(std::size_t bytes) {
    return pieces_.emplace_back(std::make_unique<char[]>(bytes + 1)).get();
  }
  std::deque<std::unique_ptr<char[]>> pieces_;
  std::array<SkipList::Finger, 3> fingers_;

 public:
  // One byte off, so that alignment is the list's own doing.
  SkipList list{[this](std::size_t bytes) { return allocate(bytes) + 1; }};
};

using Key = std::pair<std::string, std::uint64_t>;
struct Order {
  bool operator()(const Key& a, const Key& b) const {
    return a.first != b.first ? a.first < b.first : a.second > b.second;
  }
};
using Model = std::map<Key, char, Order>;

Key key_of(const SkipList::Node* node) {
  const MemtableKey key = MemtableKey::of_entry(node->entry());
  return {std::string(key.user_key), key.change};
}

rc::Gen<std::string> user_keys() {
  // Few different bytes, zero among them, so that keys share fronts and are each other's beginnings.
  const auto byte = rc::gen::element('\0', '\x01', 'a', '\x7f', '\xff');
  return rc::gen::apply(
      [](bool shared, std::string tail) { return (shared ? std::string("Dcollection-and") : "") + tail; },
      rc::gen::arbitrary<bool>(), rc::gen::resize(12, rc::gen::container<std::string>(byte)));
}

rc::Gen<std::vector<Key>> keys() {
  return rc::gen::container<std::vector<Key>>(
      rc::gen::pair(user_keys(), rc::gen::inRange<std::uint64_t>(0, 4)));
}

// If this fails, a write is lost in the memtable, or a scan has it in the wrong place.
RC_GTEST_PROP(SkipListTest, holds_what_an_ordered_map_holds, ()) {
  OwnedList owned;
  Model model;
  for (const Key& key : *keys()) {
    const bool fresh = model.emplace(key, 0).second;
    RC_ASSERT(owned.insert(key.first, key.second, *rc::gen::inRange<std::size_t>(0, 3)) == fresh);
  }
  const SkipList::Node* node = owned.list.first();
  for (const auto& [key, nothing] : model) {
    RC_ASSERT(node != nullptr);
    RC_ASSERT(key_of(node) == key);
    node = owned.list.after(node);
  }
  RC_ASSERT(node == nullptr);
  RC_ASSERT((owned.list.last() == nullptr) == model.empty());
  if (!model.empty()) RC_ASSERT(key_of(owned.list.last()) == model.rbegin()->first);
}

// If this fails, a get or a seek misses what is there.
RC_GTEST_PROP(SkipListTest, finds_what_is_next_to_a_key, ()) {
  OwnedList owned;
  Model model;
  for (const Key& key : *keys()) {
    model.emplace(key, 0);
    owned.insert(key.first, key.second);
  }
  const Key wanted = *rc::gen::pair(user_keys(), rc::gen::inRange<std::uint64_t>(0, 4));
  const std::string bytes = internal(wanted.first, wanted.second);
  const MemtableKey key = MemtableKey::of_internal(bytes);
  const auto found = model.lower_bound(wanted);
  const SkipList::Node* const after = owned.list.at_or_after(key);
  RC_ASSERT((after == nullptr) == (found == model.end()));
  if (after != nullptr) RC_ASSERT(key_of(after) == found->first);
  const SkipList::Node* const below = owned.list.last_below(key);
  RC_ASSERT((below == nullptr) == (found == model.begin()));
  if (below != nullptr) RC_ASSERT(key_of(below) == std::prev(found)->first);
}

// If this fails, a long key is cut where its length takes two bytes, or where it leaves its front.
TEST(SkipListTest, long_keys_are_compared_to_their_ends) {
  OwnedList owned;
  const std::string front(300, 'k');
  EXPECT_TRUE(owned.insert(front + "b", 1));
  EXPECT_TRUE(owned.insert(front + "a", 1));
  EXPECT_TRUE(owned.insert(front, 1));
  EXPECT_FALSE(owned.insert(front + "a", 1));
  std::vector<std::string> tails;
  for (const SkipList::Node* node = owned.list.first(); node != nullptr; node = owned.list.after(node))
    tails.push_back(key_of(node).first.substr(front.size()));
  EXPECT_EQ(tails, (std::vector<std::string>{"", "a", "b"}));
}

// If this fails, sizes of ranges are told wrongly, by which RocksDB and the planner choose.
TEST(SkipListTest, a_rank_is_about_right) {
  OwnedList owned;
  for (int i = 0; i < 10'000; ++i) owned.insert(std::to_string(100'000 + i * 7919 % 10'000), 1);
  const std::string middle = internal("105000", 1);
  const std::uint64_t rank = owned.list.rank(MemtableKey::of_internal(middle));
  EXPECT_GT(rank, 2'500U);
  EXPECT_LT(rank, 10'000U);
}

// If this fails, a reader meets an entry before it is whole, or misses one that was there when it began.
TEST(SkipListTest, readers_see_a_whole_list_while_another_thread_inserts) {
  constexpr int kEntries = 20'000;
  const auto name = [](int i) { return std::to_string(i * 7919LL % kEntries); };
  OwnedList owned;
  std::atomic<int> inserted{0};
  std::atomic<bool> failed{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (inserted.load() < kEntries) {
        const int before = inserted.load();
        int seen = 0;
        std::string last;
        for (const SkipList::Node* node = owned.list.first(); node != nullptr;
             node = owned.list.after(node)) {
          const std::string key = key_of(node).first;
          if (seen++ > 0 && key <= last) failed = true;
          last = key;
        }
        if (seen < before) failed = true;
        if (before == 0) continue;
        const std::string wanted = internal(name(before - 1), 1);
        const SkipList::Node* const found = owned.list.at_or_after(MemtableKey::of_internal(wanted));
        if (found == nullptr || key_of(found).first != name(before - 1)) failed = true;
      }
    });
  }
  for (int i = 0; i < kEntries; ++i) {
    ASSERT_TRUE(owned.insert(name(i), 1, static_cast<std::size_t>(i % 3)));
    inserted = i + 1;
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_FALSE(failed);
}

}  // namespace
}  // namespace quire::storage::testing
