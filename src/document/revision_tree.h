#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/revision.h"

namespace quire::document {

// A leaf and what is known of it.
struct Leaf {
  Revision revision;
  bool deleted = false;
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

// The revisions of one document: a forest of edits, each node known by generation and hash together (the same hash
// may stand at two generations). A value: copyable, no threads inside.
//
// Merging is associative, commutative and idempotent: any two nodes that saw the same edits hold the same tree.
class RevisionTree {
 public:
  // What merge() did.
  enum class Outcome : std::uint8_t {
    known,     // the revision was in the tree already; nothing changed
    extended,  // an existing leaf got a child: that leaf is a leaf no more
    branched,  // a new leaf beside the others
  };
  struct Merged {
    Outcome outcome;
    std::optional<Revision> replaced_leaf;  // the leaf that got a descendant, if any
  };

  bool empty() const;
  std::size_t node_count() const;

  // Adds a leaf with its ancestors: `path` is newest first, generations falling by one. Grafts at the newest ancestor that
  // the tree knows; with none, the path becomes a branch of its own. A path that ends in the root of an existing branch (its
  // oldest node is a child of nothing there, and known here with ancestors) joins it.
  Merged merge(const std::vector<Revision>& path, bool deleted);
  // All of another tree.
  void merge(const RevisionTree& other);

  bool contains(const Revision& revision) const;
  bool is_leaf(const Revision& revision) const;
  // Winner first: live before deleted, then higher generation, then higher hash; the others in the same order.
  std::vector<Leaf> leaves() const;
  std::optional<Leaf> winner() const;
  // The revision and its known ancestors, newest first; empty if it is not in the tree.
  std::vector<Revision> path(const Revision& revision) const;
  // The leaves that descend from this node (itself, if it is one).
  std::vector<Leaf> leaves_below(const Revision& revision) const;
  // Of these revisions, those that are not in the tree.
  std::vector<Revision> missing(const std::vector<Revision>& revisions) const;

  // Keeps at most `limit` generations above and including each leaf.
  void stem(std::uint64_t limit);
  // Forgets leaves with the ancestors that only they have (purge). Returns those that were leaves.
  std::vector<Revision> purge(const std::vector<Revision>& leaves);

  // docs/formats/revision.md: branches, each a run of hashes newest first; the winner's branch stands first.
  void encode(std::string& out) const;
  static Result<RevisionTree> decode(std::string_view bytes);

  friend bool operator==(const RevisionTree&, const RevisionTree&);

 private:
  struct Node {
    Revision revision;
    std::int32_t parent = -1;  // index into nodes_, -1: none known
    bool leaf = true;
    bool deleted = false;      // of a leaf
  };
  std::vector<Node> nodes_;
};

}  // namespace quire::document
