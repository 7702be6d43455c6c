#pragma once

#include <optional>
#include <span>
#include <vector>

#include "document/filter.h"
#include "document/filter_node.h"

namespace quire::document {

// What "$" in the path of an update means: of an array, the element by which the filter found the document.
class FoundElement {
 public:
  // The conditions that `filter` has, all of which hold, on the array at this path or on what is in it.
  // Negations are no conditions here: they do not hold by one element.
  FoundElement(const Filter& filter, std::span<const PathStep> array);

  // The first element that all conditions take by themselves; where they hold by different ones, the first
  // that the last condition takes. Nullopt: none.
  std::optional<std::size_t> in(const Value& array) const;

 private:
  struct Condition {
    const FilterNode* node;
    std::span<const PathStep> rest;  // of its path, behind the array

    bool takes(const Value& element) const;
  };

  void collect(const FilterNode& node, std::span<const PathStep> array);

  std::vector<Condition> conditions_;  // into the filter
};

}  // namespace quire::document
