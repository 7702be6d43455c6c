#include "storage/skip_list.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <new>

#include "base/bytes.h"

namespace quire::storage {

namespace {

// One node in four of a level stands on the next one too.
constexpr int kBitsPerLevel = 2;
constexpr std::uint64_t kNodesPerUpper = 1 << kBitsPerLevel;

std::uint32_t varint(const char*& at) {
  std::uint32_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

// Eight bytes of a key from `at` on, as a number of their order; those behind its end count as 0. The
// change's eight bytes stand behind a key, so that all that is loaded is there.
std::uint64_t word_at(std::string_view key, std::size_t at) {
  if (at >= key.size()) return 0;
  const std::uint64_t word = load_u64(key.data() + at);
  const std::size_t left = key.size() - at;
  return left >= sizeof word ? word : word & ~(~std::uint64_t{0} >> (8 * left));
}

}  // namespace

MemtableKey MemtableKey::of_internal(std::string_view internal_key) {
  const std::string_view key = internal_key.substr(0, internal_key.size() - sizeof(std::uint64_t));
  MemtableKey made{.user_key = key, .front = {word_at(key, 0), word_at(key, 8)}};
  std::memcpy(&made.change, key.data() + key.size(), sizeof made.change);
  return made;
}

MemtableKey MemtableKey::of_entry(const char* entry) {
  const std::uint32_t size = varint(entry);
  return of_internal({entry, size});
}

int compare(const MemtableKey& left, const MemtableKey& right) {
  if (left.front != right.front) return left.front < right.front ? -1 : 1;
  if (const int keys = left.user_key.compare(right.user_key); keys != 0) return keys;
  if (left.change == right.change) return 0;
  return left.change > right.change ? -1 : 1;
}

bool SkipList::is_behind(const MemtableKey& key, const Node* node) {
  if (key.front != node->front_) return key.front > node->front_;
  return compare(key, MemtableKey::of_entry(node->entry_)) > 0;
}

std::size_t SkipList::draw_height() {
  chance_ ^= chance_ << 13;
  chance_ ^= chance_ >> 7;
  chance_ ^= chance_ << 17;
  return std::min<std::size_t>(kMaxHeight, 1 + std::countr_zero(chance_) / kBitsPerLevel);
}

SkipList::Node* SkipList::make_node(const MemtableKey& key, const char* entry, std::size_t height) {
  const std::size_t bytes = sizeof(Node) + height * sizeof(Node::Link);
  if (room_bytes_ < bytes) {
    void* piece = allocate_(piece_bytes_);
    room_bytes_ = piece_bytes_;
    room_ = static_cast<char*>(std::align(alignof(Node), bytes, piece, room_bytes_));
    piece_bytes_ = std::min(2 * piece_bytes_, kMostNodePiece);
  }
  Node* const node = new (room_) Node;
  for (std::size_t level = 0; level < height; ++level) new (node->links() + level) Node::Link(nullptr);
  room_ += bytes;
  room_bytes_ -= bytes;
  node->front_ = key.front;
  node->entry_ = entry;
  return node;
}

bool SkipList::insert(const char* entry, Finger& finger) {
  const MemtableKey key = MemtableKey::of_entry(entry);
  if (!fits(finger, key)) {
    finger.before_.fill(head());
    descend([&](const Node* node) { return is_behind(key, node); },
            [&](const Node* before, std::size_t level) { finger.before_[level] = before; });
  }
  const Node* const there = next(finger.before_[0], 0);
  if (there != nullptr && compare(key, MemtableKey::of_entry(there->entry_)) == 0) return false;

  const std::size_t height = draw_height();
  if (height > height_.load(std::memory_order_relaxed)) height_.store(height, std::memory_order_relaxed);
  const Node* const node = make_node(key, entry, height);
  for (std::size_t level = 0; level < height; ++level) {
    const Node*& before = finger.before_[level];
    const Node* after = next(before, level);
    // A finger that was set by an earlier insert may have been left behind on the upper levels.
    for (; level > 0 && after != nullptr && is_behind(key, after); after = next(after, level)) before = after;
    node->links()[level].store(after, std::memory_order_relaxed);
    before->links()[level].store(node, std::memory_order_release);
    before = node;
  }
  return true;
}

bool SkipList::fits(const Finger& finger, const MemtableKey& key) const {
  const Node* const before = finger.before_[0];
  if (before == nullptr || (before != head() && !is_behind(key, before))) return false;
  const Node* const after = next(before, 0);
  return after == nullptr || !is_behind(key, after);
}

// From the highest level down, on each as far as `goes_on_to` says; `step` gets the last node of each level.
template <class Goes, class Step>
SkipList::Gap SkipList::descend(const Goes& goes_on_to, const Step& step) const {
  Gap gap{.before = head(), .after = nullptr};
  for (std::size_t level = height_.load(std::memory_order_relaxed); level-- > 0;) {
    const Node* const stopped_at = gap.after;  // on the level above
    for (gap.after = next(gap.before, level);
         gap.after != nullptr && gap.after != stopped_at && goes_on_to(gap.after);
         gap.after = next(gap.before, level)) {
      gap.before = gap.after;
    }
    step(gap.before, level);
  }
  return gap;
}

SkipList::Gap SkipList::gap_at(const MemtableKey& key) const {
  return descend([&](const Node* node) { return is_behind(key, node); }, [](const Node*, std::size_t) {});
}

SkipList::Gap SkipList::end() const {
  return descend([](const Node*) { return true; }, [](const Node*, std::size_t) {});
}

std::uint64_t SkipList::rank(const MemtableKey& key) const {
  std::uint64_t steps = 0;
  descend(
      [&](const Node* node) {
        const bool goes = is_behind(key, node);
        steps += goes ? 1 : 0;
        return goes;
      },
      [&](const Node*, std::size_t level) { steps *= level > 0 ? kNodesPerUpper : 1; });
  return steps;
}

}  // namespace quire::storage
