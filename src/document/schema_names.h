#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace quire::document {

// The names that an object's rules name, each with a number; found by a hash that nobody outside can predict,
// so that neither a schema nor a document can make the search slow. The names' text is somebody else's.
class SchemaNames {
 public:
  std::size_t size() const { return names_.size(); }
  std::string_view name(std::uint32_t number) const { return names_[number].text; }

  std::optional<std::uint32_t> find(std::string_view text) const {
    if (names_.empty()) return std::nullopt;
    const std::uint64_t hash = table_hash(text);
    for (std::size_t slot = hash & mask_; slots_[slot] != 0; slot = (slot + 1) & mask_) {
      const Name& name = names_[slots_[slot] - 1];
      if (name.hash == hash && name.text == text) return slots_[slot] - 1;
    }
    return std::nullopt;
  }

  // The number of the name, a new one where it is new.
  std::uint32_t add(std::string_view text) {
    if (const auto found = find(text)) return *found;
    names_.push_back({table_hash(text), text});
    if (names_.size() * 2 > slots_.size()) {
      grow();
    } else {
      place(static_cast<std::uint32_t>(names_.size()));
    }
    return static_cast<std::uint32_t>(names_.size() - 1);
  }

 private:
  struct Name {
    std::uint64_t hash;
    std::string_view text;
  };

  void grow() {
    slots_.assign(std::max<std::size_t>(8, std::bit_ceil(names_.size() * 4)), 0);
    mask_ = slots_.size() - 1;
    for (std::uint32_t number = 1; number <= names_.size(); ++number) place(number);
  }
  void place(std::uint32_t number) {
    std::size_t slot = names_[number - 1].hash & mask_;
    while (slots_[slot] != 0) slot = (slot + 1) & mask_;
    slots_[slot] = number;
  }

  std::vector<Name> names_;
  std::vector<std::uint32_t> slots_;  // a name's number and one, or 0
  std::size_t mask_ = 0;
};

}  // namespace quire::document
