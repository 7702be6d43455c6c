#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "document/arena.h"
#include "document/tuning.h"

namespace quire::document {

// Finds names that stand twice in one object. The names of all objects that are open lie on one stack.
//
// The first names of an object are compared as they come: a bitmap of 64 bits says for most of them at once
// that they are new. An object with more names is checked whole when it closes, in a table keyed by a hash
// that nobody outside can predict; either way the work is linear in the number of names, whoever chose them.
class NameSet {
 public:
  struct Mark {
    std::uint64_t seen = 0;  // bit h is set: a name whose hash ends in h is there
    std::uint32_t first = 0;
  };
  static constexpr std::size_t kNone = ~std::size_t{0};

  void clear() {
    if (names_.capacity() * sizeof(Name) > kScratchBytesKept) names_ = {};
    names_.clear();
    unescaped_.reset();
  }
  Mark open() const { return {0, static_cast<std::uint32_t>(names_.size())}; }

  // A name without escapes, which stays where it is until the object closes; `offset` is where it stands in
  // the text. False: the object has it already.
  bool add(Mark& mark, std::string_view name, std::size_t offset) {
    const std::uint64_t hash = quick_hash(name);
    const std::uint64_t bit = std::uint64_t{1} << (hash >> 58);
    const std::size_t count = names_.size() - mark.first;
    if ((mark.seen & bit) != 0 && count <= kComparedNames && contains(mark, hash, name)) return false;
    mark.seen |= bit;
    names_.push_back({hash, name, offset});
    return true;
  }
  std::string_view keep(std::string_view unescaped) { return unescaped_.copy(unescaped); }

  // Forgets the names since the mark; the offset of one that was there before it, or kNone.
  std::size_t close(const Mark& mark) {
    const std::size_t twice = names_.size() - mark.first > kComparedNames ? find_twice(mark) : kNone;
    names_.resize(mark.first);
    return twice;
  }

 private:
  struct Name {
    std::uint64_t hash = 0;
    std::string_view text;
    std::size_t offset = 0;
  };
  // Past this many, comparing costs more than the table does.
  static constexpr std::size_t kComparedNames = 32;

  // Cheap and predictable, which costs an attacker's object no more than comparing 32 names with each other.
  static std::uint64_t quick_hash(std::string_view name) {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    const char* const data = name.data();
    const std::size_t size = name.size();
    if (size >= 8) {
      std::memcpy(&head, data, 8);
      std::memcpy(&tail, data + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(&head, data, 4);
      std::memcpy(&tail, data + size - 4, 4);
    } else if (size > 0) {
      head = static_cast<unsigned char>(data[0]);
      tail = static_cast<std::uint64_t>(static_cast<unsigned char>(data[size / 2])) << 8 |
             static_cast<unsigned char>(data[size - 1]);
    }
    const std::uint64_t mixed = (head ^ (tail << 24 | tail >> 40) ^ size) * 0x9E3779B97F4A7C15ULL;
    return (mixed ^ mixed >> 32) * 0xD6E8FEB86659FD93ULL;
  }

  bool contains(const Mark& mark, std::uint64_t hash, std::string_view name) const {
    for (std::size_t i = mark.first; i < names_.size(); ++i) {
      if (names_[i].hash == hash && names_[i].text == name) return true;
    }
    return false;
  }
  std::size_t find_twice(const Mark& mark);

  std::vector<Name> names_;
  std::vector<std::uint32_t> table_;
  Arena unescaped_;
};

}  // namespace quire::document
