#include "document/json_names.h"

#include <bit>

#include "base/hash.h"

namespace quire::document {

std::size_t NameSet::find_twice(const Mark& mark) {
  const std::size_t slots = std::bit_ceil((names_.size() - mark.first) * 2);
  table_.assign(slots, 0);
  for (std::size_t i = mark.first; i < names_.size(); ++i) {
    std::size_t slot = table_hash(names_[i].text) & (slots - 1);
    for (; table_[slot] != 0; slot = (slot + 1) & (slots - 1)) {
      if (names_[table_[slot] - 1].text == names_[i].text) return names_[i].offset;
    }
    table_[slot] = static_cast<std::uint32_t>(i + 1);
  }
  return kNone;
}

}  // namespace quire::document
