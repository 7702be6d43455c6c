#pragma once

#include <string>
#include <vector>

namespace quire::document {

// What an edit did to a document, as dotted paths, each list in order and each path once. Where an edit made
// containers on its way, the outermost one stands here; where it changed an array's length, the array.
struct ChangedFields {
  std::vector<std::string> updated;  // their values stand in the document
  std::vector<std::string> removed;

  bool empty() const { return updated.empty() && removed.empty(); }
  friend bool operator==(const ChangedFields&, const ChangedFields&) = default;
};

}  // namespace quire::document
