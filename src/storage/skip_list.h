#pragma once

#include <array>
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "storage/tuning.h"

namespace quire::storage {

// What a memtable sorts by: keys by their bytes, and of one key the later change first.
struct MemtableKey {
  std::string_view user_key;
  std::uint64_t change = 0;  // RocksDB's sequence number and the kind of the change
  // The first sixteen bytes of the user's key as numbers of their order, with zeros behind a shorter one.
  struct Front {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend auto operator<=>(const Front&, const Front&) = default;
  } front{};

  // Of an internal key of RocksDB: the user's key, then `change`.
  static MemtableKey of_internal(std::string_view internal_key);
  // Of an entry: the length of its internal key as a varint, the internal key, then what is of no interest
  // here.
  static MemtableKey of_entry(const char* entry);
};
// Below, at or above 0.
int compare(const MemtableKey& left, const MemtableKey& right);

// Entries in the order of their keys: a skip list (W. Pugh, "Skip Lists: A Probabilistic Alternative to
// Balanced Trees", 1990). Its nodes lie close together, apart from the entries, and hold the front of the
// key: a search goes through memory that the processor has at hand, and looks at entries only where fronts
// are equal. Nothing is ever taken out.
//
// One thread inserts at a time, and whoever inserts next has seen what it did; any number read meanwhile.
class SkipList {
 public:
  static constexpr std::size_t kMaxHeight = 12;  // with four nodes for each of the level above: 16 million

  class Node {
   public:
    const char* entry() const { return entry_; }

   private:
    friend class SkipList;
    using Link = std::atomic<const Node*>;
    MemtableKey::Front front_;
    const char* entry_ = nullptr;
    // As many links as the node has levels follow, the lowest level's first.
    Link* links() const { return reinterpret_cast<Link*>(const_cast<Node*>(this) + 1); }
  };

  // Where the last entry was put, so that one that belongs right behind is put there without a search.
  class Finger {
    friend class SkipList;
    std::array<const Node*, kMaxHeight> before_{};  // on each level, the last node that is not behind it
  };

  // `allocate` gives bytes that live as long as the list, aligned anyhow.
  explicit SkipList(std::function<char*(std::size_t)> allocate) : allocate_(std::move(allocate)) {}

  // The entry stays the caller's, and has to outlive the list. False, and nothing is done, where one with the
  // same key and change is there.
  bool insert(const char* entry, Finger& finger);

  // Each null where there is none.
  const Node* first() const { return next(head(), 0); }
  const Node* last() const { return unless_head(end().before); }
  const Node* after(const Node* node) const { return next(node, 0); }
  const Node* at_or_after(const MemtableKey& key) const { return gap_at(key).after; }
  const Node* last_below(const MemtableKey& key) const { return unless_head(gap_at(key).before); }
  // About how many entries lie below, told from the levels that a search goes down.
  std::uint64_t rank(const MemtableKey& key) const;

 private:
  struct Gap {
    const Node* before;
    const Node* after;
  };
  struct Head {
    Node node;
    std::array<Node::Link, kMaxHeight> links{};
  };
  static const Node* next(const Node* node, std::size_t level) {
    return node->links()[level].load(std::memory_order_acquire);
  }
  static bool is_behind(const MemtableKey& key, const Node* node);
  const Node* head() const { return &head_.node; }
  const Node* unless_head(const Node* node) const { return node == head() ? nullptr : node; }
  bool fits(const Finger& finger, const MemtableKey& key) const;
  template <class Goes, class Step>
  Gap descend(const Goes& goes_on_to, const Step& step) const;
  Gap gap_at(const MemtableKey& key) const;
  Gap end() const;
  std::size_t draw_height();
  Node* make_node(const MemtableKey& key, const char* entry, std::size_t height);

  const std::function<char*(std::size_t)> allocate_;
  Head head_;
  std::atomic<std::size_t> height_{1};
  // Of the inserting thread: the bytes for the next nodes, and what the heights are drawn from.
  char* room_ = nullptr;
  std::size_t room_bytes_ = 0;
  std::size_t piece_bytes_ = kFirstNodePiece;
  std::uint64_t chance_ = 0x9e3779b97f4a7c15;
};

}  // namespace quire::storage
