#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/revision.h"

namespace quire::document {

// A leaf and what is known of it.
struct Leaf {
  Revision revision;
  bool deleted = false;
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

// The revisions of one document: a forest of edits, each node known by generation and hash together (the same
// hash may stand at two generations). A value: copyable, no threads inside.
//
// Merging is associative, commutative and idempotent: any two nodes that saw the same edits hold the same
// tree. It is the union of revisions and of parents, so two claims that contradict each other both stay: a
// revision whose parent is told in two ways has both (path() follows the one with the higher hash), and a
// leaf that one side calls deleted and the other live is live.
//
// With stemming after each merge it stays commutative and idempotent. A leaf that the union of all would have
// is never lost, nor its flag changed. A revision that is no leaf of the union may show as one besides, but
// only where some edit below it is `limit` generations newer or more: that is how a replica that was away for
// so long comes to see a conflict. Where no edit is, leaves and winner are those of the union in whatever
// order the trees were merged; how many of the oldest ancestors are known may depend on the order.
class RevisionTree {
 public:
  // What merge() did.
  enum class Outcome : std::uint8_t {
    known,   // the revision was in the tree already, and no leaf came or went; ancestors may have been learnt
    joined,  // it was in the tree already, but ancestors that were learnt have leaves among them
    extended,  // a new leaf below an existing one: that leaf is a leaf no more
    branched,  // a new leaf beside the others
  };
  struct Merged {
    Outcome outcome;
    // The leaf that got a descendant, if any; and older ones, where the path fills a gap that stemming had
    // left between leaves.
    std::optional<Revision> replaced_leaf;
    std::vector<Revision> older_replaced;  // newest first
  };

  bool empty() const { return nodes_.empty(); }
  std::size_t node_count() const { return nodes_.size(); }

  // Adds a leaf with its ancestors: `path` is newest first and not empty, generations falling by one;
  // anything else is a defect of the caller. Grafts at the newest ancestor that the tree knows; with none,
  // the path becomes a branch of its own. Ancestors that the tree had forgotten are learnt again.
  Merged merge(const std::vector<Revision>& path, bool deleted);
  // All of another tree.
  void merge(const RevisionTree& other);

  bool contains(const Revision& revision) const;
  bool is_leaf(const Revision& revision) const;
  // Winner first: live before deleted, then higher generation, then higher hash; the others in the same
  // order.
  std::vector<Leaf> leaves() const;
  std::optional<Leaf> winner() const;
  // The revision and its known ancestors, newest first; empty if it is not in the tree.
  std::vector<Revision> path(const Revision& revision) const;
  // The leaves that descend from this node (itself, if it is one), in the order of leaves().
  std::vector<Leaf> leaves_below(const Revision& revision) const;
  // Of these revisions, those that are not in the tree, in their order.
  std::vector<Revision> missing(const std::vector<Revision>& revisions) const;

  // Keeps at most `limit` generations above and including each leaf; the leaf itself always stays.
  void stem(std::uint64_t limit);
  // Forgets leaves with the ancestors that only they have (purge). Returns those that were leaves.
  std::vector<Revision> purge(const std::vector<Revision>& leaves);

  // docs/formats/revision.md: branches, each a run of hashes newest first; the winner's branch stands first.
  // Equal trees have equal bytes.
  void encode(std::string& out) const;
  // Errors: corrupt, for everything that encode() does not write. Memory is bounded by the size of `bytes`.
  static Result<RevisionTree> decode(std::string_view bytes);

  friend bool operator==(const RevisionTree& a, const RevisionTree& b);

 private:
  struct Node {
    Revision revision;
    std::int32_t parent = -1;  // index into nodes_, -1: none known; of several, the one with the highest hash
    bool leaf = true;
    bool deleted = false;  // of a leaf; else it means nothing
  };
  class Lookup;
  class Encoder;
  class Decoder;

  static std::size_t at(std::int32_t node) { return static_cast<std::size_t>(node); }
  static bool before(const Node& a, const Node& b);
  std::int32_t find(const Revision& revision) const;
  std::int32_t add(const Revision& revision);
  bool connect(std::int32_t child, std::int32_t parent);
  template <class Visitor>
  void for_each_parent(std::int32_t node, Visitor visit) const;
  std::vector<Leaf> sorted_leaves(const std::vector<std::int32_t>& nodes) const;
  void keep_only(const std::vector<char>& keep);

  std::vector<Node> nodes_;
  std::set<std::pair<std::int32_t, std::int32_t>> other_parents_;  // (child, parent) besides Node::parent
};

// What follows works on encoded trees of one branch, as nearly all are, without building a RevisionTree.

// An encoded tree of one branch. `hashes` points into the encoding.
struct LinearTree {
  Revision leaf;
  bool deleted = false;
  std::uint64_t count = 0;  // nodes, the leaf among them; their generations fall by one
  std::string_view hashes;  // encoded, newest first
};

// nullopt where the tree is empty or has several branches, and where the bytes are malformed: then
// RevisionTree::decode() has the answer.
std::optional<LinearTree> view_linear(std::string_view bytes);

// The ancestors that append_child_linear() left out: a part of the tree it was given.
struct DroppedAncestors {
  std::uint64_t count = 0;
  std::uint64_t newest_generation = 0;
  std::string_view hashes;  // encoded, newest first
};

// Appends to `out`, which the tree does not point into, the encoding of `tree` with a child of its leaf. The
// child keeps at most `keep_ancestors` ancestors; the oldest beyond it are left out and returned. With an
// empty tree (count 0) the child is the root of a new one, else its generation is one more than the leaf's.
DroppedAncestors append_child_linear(std::string& out, const LinearTree& tree, const Revision& child,
                                     bool deleted, std::uint64_t keep_ancestors);

}  // namespace quire::document
