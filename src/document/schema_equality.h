#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "document/value.h"

// Equality as JSON Schema has it: that of value_order.h, but that the order of an object's members does not
// matter.
namespace quire::document {

bool equal_as_json(const Value& left, const Value& right);

// The same for what is equal. Keyed at random for each process. Adds to `steps` what it took: one a node, and
// one for every 64 bytes of text.
std::uint64_t hash_as_json(const Value& value, std::uint64_t& steps);

// The first element that is equal to one before it, and that one's index: {earlier, later}. Time grows as
// n log n.
std::optional<std::pair<std::size_t, std::size_t>> find_equal_elements(std::span<const Value> elements,
                                                                       std::uint64_t& steps);

}  // namespace quire::document
