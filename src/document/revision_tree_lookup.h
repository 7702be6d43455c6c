#pragma once

#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "document/revision_tree.h"
#include "document/tuning.h"

namespace quire::document {

// Finds nodes by their revisions: the first few times by looking at all of them, then with a table (open
// addressing, linear probing, at most half full). For the sources of RevisionTree alone; lives as long as one
// call.
class RevisionTree::Lookup {
 public:
  explicit Lookup(const std::vector<Node>& nodes) : nodes_(nodes) {}

  // The node's index, or -1.
  std::int32_t find(const Revision& revision) {
    if (slots_.empty()) {
      if (nodes_.size() <= kScannedNodes || ++scans_ <= kScansBeforeTable) return scan(revision);
      build();
    }
    for (std::size_t at = slot_of(revision);; at = next(at)) {
      const std::int32_t node = slots_[at];
      if (node < 0 || nodes_[static_cast<std::size_t>(node)].revision == revision) return node;
    }
  }

  // To be called after a node was added at the end.
  void added() {
    if (slots_.empty()) return;
    if (nodes_.size() * 2 > slots_.size()) {
      build();
    } else {
      insert(nodes_.size() - 1);
    }
  }

 private:
  std::int32_t scan(const Revision& revision) const {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].revision == revision) return static_cast<std::int32_t>(i);
    }
    return -1;
  }
  void build() {
    std::size_t size = 64;
    while (size < nodes_.size() * 4) size *= 2;
    slots_.assign(size, -1);
    for (std::size_t i = 0; i < nodes_.size(); ++i) insert(i);
  }
  void insert(std::size_t node) {
    std::size_t at = slot_of(nodes_[node].revision);
    while (slots_[at] >= 0) at = next(at);
    slots_[at] = static_cast<std::int32_t>(node);
  }
  std::size_t slot_of(const Revision& revision) const {
    return table_hash(revision.generation ^ revision.hash.table_hash()) & (slots_.size() - 1);
  }
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

  const std::vector<Node>& nodes_;
  std::vector<std::int32_t> slots_;
  std::size_t scans_ = 0;
};

}  // namespace quire::document
