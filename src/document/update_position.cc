#include "document/update_position.h"

#include <algorithm>

#include "document/arena.h"

namespace quire::document {

namespace {

using Steps = std::span<const PathStep>;

bool leads_to(Steps path, Steps array) {
  return path.size() >= array.size() && std::equal(array.begin(), array.end(), path.begin());
}

bool holds_by_one_element(const FilterNode& node) {
  switch (node.op) {
    case FilterOperator::any_of:
    case FilterOperator::none_of:
    case FilterOperator::negation:
    case FilterOperator::not_equal:
    case FilterOperator::not_in:
    case FilterOperator::size: return false;
    case FilterOperator::exists: return node.wanted;
    default: return true;
  }
}

}  // namespace

FoundElement::FoundElement(const Filter& filter, Steps array) { collect(filter.root(), array); }

void FoundElement::collect(const FilterNode& node, Steps array) {
  if (node.op == FilterOperator::all_of) {
    for (const FilterNode& child : node.children) collect(child, array);
    return;
  }
  if (!holds_by_one_element(node) || !leads_to(node.path.steps(), array)) return;
  const Steps rest = Steps(node.path.steps()).subspan(array.size());
  if (!rest.empty() && rest[0].index) return;  // it names its element itself
  if (node.op == FilterOperator::all) {
    for (const FilterNode& child : node.children) conditions_.push_back({&child, rest});
  } else {
    conditions_.push_back({&node, rest});
  }
}

// As a predicate takes an array: because of this element, where it has no other.
bool FoundElement::Condition::takes(const Value& element) const {
  Arena arena;
  Value alone = Value::array();
  alone.append(arena, element);
  return predicate_matches(*node, &alone, rest);
}

std::optional<std::size_t> FoundElement::in(const Value& array) const {
  if (conditions_.empty()) return std::nullopt;
  std::optional<std::size_t> by_last;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const Value& element = array.elements()[i];
    if (!conditions_.back().takes(element)) continue;
    if (!by_last) by_last = i;
    const auto takes = [&](const Condition& condition) { return condition.takes(element); };
    if (std::all_of(conditions_.begin(), conditions_.end(), takes)) return i;
  }
  return by_last;
}

}  // namespace quire::document
