#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/arena.h"
#include "query/aggregate/accumulator.h"

namespace quire::query {

// Groups by their keys, in the order in which they came: for each a text, which is what the group is called,
// and a slot for each accumulator. Knows how much memory it takes. One thread at a time.
class GroupTable {
 public:
  struct Group {
    std::uint64_t hash;
    std::string_view key;
    std::string_view text;
    Slot* slots;
  };

  explicit GroupTable(std::size_t slots) : slots_(slots) { clear(); }
  ~GroupTable() { destroy(); }
  GroupTable(const GroupTable&) = delete;
  GroupTable& operator=(const GroupTable&) = delete;

  // Null where there is none.
  Group* find(std::uint64_t hash, std::string_view key) {
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      const Place place = places_[at];
      if (place.number == 0) return nullptr;
      if (place.hash == static_cast<std::uint32_t>(hash >> 32) && groups_[place.number - 1].key == key)
        return &groups_[place.number - 1];
    }
  }
  // Of a key that is not there.
  Group& insert(std::uint64_t hash, std::string_view key, std::string_view text);

  std::size_t size() const { return groups_.size(); }
  Group& operator[](std::size_t index) { return groups_[index]; }
  std::size_t memory() const { return memory_; }
  // What the states of slots have grown by.
  void add_memory(std::size_t bytes) { memory_ += bytes; }
  void clear();

 private:
  struct Place {
    std::uint32_t number = 0;  // of a group, plus one; 0: free
    std::uint32_t hash = 0;    // its upper half
  };
  void grow();
  void destroy();

  const std::size_t slots_;
  std::vector<Place> places_;  // a power of two; free ones end a search
  std::uint64_t mask_ = 0;
  std::vector<Group> groups_;
  std::unique_ptr<document::Arena> arena_;
  std::size_t memory_ = 0;
};

}  // namespace quire::query
