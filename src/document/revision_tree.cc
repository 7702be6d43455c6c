#include "document/revision_tree.h"

#include <algorithm>

#include "base/check.h"
#include "document/revision_tree_lookup.h"

// A tree is a set of revisions and a set of parents, and merging is the union of both; whether a node is a
// leaf follows from them. That is what makes merging associative whatever arrives: an edge is never taken
// back, so a node that has a child once has one in every order of merges. Honest histories give each node one
// parent, which stands in the node; only contradicting ones fill other_parents_. A parent's generation is
// always one less than its child's, so there are no cycles.

namespace quire::document {

namespace {

void check_path(const std::vector<Revision>& path) {
  QUIRE_CHECK(!path.empty() && path.back().generation != 0, "a path without a revision");
  for (std::size_t i = 1; i < path.size(); ++i) {
    QUIRE_CHECK(path[i].generation + 1 == path[i - 1].generation,
                "a path whose generations do not fall by one");
  }
}

}  // namespace

// The order of leaves: winners first.
bool RevisionTree::before(const Node& a, const Node& b) {
  if (a.deleted != b.deleted) return b.deleted;
  return a.revision > b.revision;
}

std::int32_t RevisionTree::find(const Revision& revision) const { return Lookup(nodes_).find(revision); }

std::int32_t RevisionTree::add(const Revision& revision) {
  QUIRE_CHECK(nodes_.size() < INT32_MAX, "a revision tree of 2^31 nodes");
  nodes_.push_back({.revision = revision});
  return static_cast<std::int32_t>(nodes_.size() - 1);
}

template <class Visitor>
void RevisionTree::for_each_parent(std::int32_t node, Visitor visit) const {
  if (nodes_[at(node)].parent < 0) return;
  visit(nodes_[at(node)].parent);
  if (other_parents_.empty()) return;
  for (auto edge = other_parents_.lower_bound({node, 0}); edge != other_parents_.end() && edge->first == node;
       ++edge) {
    visit(edge->second);
  }
}

// Makes `parent` a parent of `child`. True where that took a leaf away.
bool RevisionTree::connect(std::int32_t child, std::int32_t parent) {
  Node& above = nodes_[at(parent)];
  const bool was_leaf = above.leaf;
  above.leaf = false;
  std::int32_t& first = nodes_[at(child)].parent;
  if (first == parent) return was_leaf;
  if (first < 0) {
    first = parent;
  } else if (nodes_[at(first)].revision < above.revision) {
    other_parents_.emplace(child, first);
    first = parent;
  } else {
    other_parents_.emplace(child, parent);
  }
  return was_leaf;
}

RevisionTree::Merged RevisionTree::merge(const std::vector<Revision>& path, bool deleted) {
  check_path(path);
  Lookup lookup(nodes_);
  Merged merged{Outcome::known, std::nullopt, {}};
  std::int32_t child = -1;
  for (const Revision& revision : path) {
    // Once the path has met the tree, the next node is nearly always the parent of the one before.
    std::int32_t node = child < 0 ? -1 : nodes_[at(child)].parent;
    if (node < 0 || nodes_[at(node)].revision != revision) node = lookup.find(revision);
    const bool is_new = node < 0;
    if (is_new) {
      node = add(revision);
      lookup.added();
    }
    if (child >= 0) {
      const bool took_leaf = connect(child, node) && !is_new;
      if (took_leaf && merged.replaced_leaf) merged.older_replaced.push_back(revision);
      if (took_leaf && !merged.replaced_leaf) merged.replaced_leaf = revision;
    } else if (is_new) {
      merged.outcome = Outcome::branched;
      nodes_.back().deleted = deleted;
    } else if (!deleted) {
      nodes_[at(node)].deleted = false;
    }
    child = node;
  }
  if (merged.replaced_leaf) {
    merged.outcome = merged.outcome == Outcome::known ? Outcome::joined : Outcome::extended;
  }
  return merged;
}

void RevisionTree::merge(const RevisionTree& other) {
  if (this == &other) return;
  Lookup lookup(nodes_);
  const std::size_t known = nodes_.size();
  std::vector<std::int32_t> mine;  // by the other tree's index
  mine.reserve(other.nodes_.size());
  for (const Node& node : other.nodes_) {
    std::int32_t index = lookup.find(node.revision);
    if (index < 0) {
      index = add(node.revision);
      nodes_.back().deleted = node.deleted;
      lookup.added();
    }
    mine.push_back(index);
  }
  for (std::size_t i = 0; i < mine.size(); ++i) {
    const bool in_both = at(mine[i]) < known;
    if (in_both && other.nodes_[i].leaf && !other.nodes_[i].deleted) nodes_[at(mine[i])].deleted = false;
    other.for_each_parent(static_cast<std::int32_t>(i),
                          [&](std::int32_t parent) { connect(mine[i], mine[at(parent)]); });
  }
}

bool RevisionTree::contains(const Revision& revision) const { return find(revision) >= 0; }

bool RevisionTree::is_leaf(const Revision& revision) const {
  const std::int32_t node = find(revision);
  return node >= 0 && nodes_[at(node)].leaf;
}

std::vector<Leaf> RevisionTree::sorted_leaves(const std::vector<std::int32_t>& nodes) const {
  std::vector<Leaf> leaves;
  leaves.reserve(nodes.size());
  for (const std::int32_t node : nodes)
    leaves.push_back({nodes_[at(node)].revision, nodes_[at(node)].deleted});
  return leaves;
}

std::vector<Leaf> RevisionTree::leaves() const {
  std::vector<std::int32_t> order;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].leaf) order.push_back(static_cast<std::int32_t>(i));
  }
  std::sort(order.begin(), order.end(),
            [&](std::int32_t a, std::int32_t b) { return before(nodes_[at(a)], nodes_[at(b)]); });
  return sorted_leaves(order);
}

std::optional<Leaf> RevisionTree::winner() const {
  const Node* best = nullptr;
  for (const Node& node : nodes_) {
    if (node.leaf && (best == nullptr || before(node, *best))) best = &node;
  }
  if (best == nullptr) return std::nullopt;
  return Leaf{best->revision, best->deleted};
}

std::vector<Revision> RevisionTree::path(const Revision& revision) const {
  std::vector<Revision> path;
  for (std::int32_t node = find(revision); node >= 0; node = nodes_[at(node)].parent) {
    path.push_back(nodes_[at(node)].revision);
  }
  return path;
}

std::vector<Leaf> RevisionTree::leaves_below(const Revision& revision) const {
  const std::int32_t top = find(revision);
  if (top < 0) return {};
  std::vector<std::int32_t> order(nodes_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  const auto generation = [&](std::int32_t node) { return nodes_[at(node)].revision.generation; };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return generation(a) < generation(b); });
  std::vector<char> below(nodes_.size(), 0);
  below[at(top)] = 1;
  std::vector<std::int32_t> found;
  for (const std::int32_t node : order) {
    for_each_parent(node, [&](std::int32_t parent) { below[at(node)] |= below[at(parent)]; });
    if (below[at(node)] != 0 && nodes_[at(node)].leaf) found.push_back(node);
  }
  std::sort(found.begin(), found.end(), [&](auto a, auto b) { return before(nodes_[at(a)], nodes_[at(b)]); });
  return sorted_leaves(found);
}

std::vector<Revision> RevisionTree::missing(const std::vector<Revision>& revisions) const {
  Lookup lookup(nodes_);
  std::vector<Revision> missing;
  for (const Revision& revision : revisions) {
    if (lookup.find(revision) < 0) missing.push_back(revision);
  }
  return missing;
}

void RevisionTree::stem(std::uint64_t limit) {
  // Level by level from the leaves upwards; a node is met first from its nearest leaf.
  std::vector<char> keep(nodes_.size(), 0);
  std::vector<std::int32_t> level;
  std::size_t kept = 0;
  const auto meet = [&](std::int32_t node, std::vector<std::int32_t>& into) {
    if (keep[at(node)] != 0) return;
    keep[at(node)] = 1;
    ++kept;
    into.push_back(node);
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].leaf) meet(static_cast<std::int32_t>(i), level);
  }
  for (std::uint64_t depth = 1; depth < limit && !level.empty(); ++depth) {
    std::vector<std::int32_t> above;
    for (const std::int32_t node : level)
      for_each_parent(node, [&](std::int32_t parent) { meet(parent, above); });
    level = std::move(above);
  }
  if (kept < nodes_.size()) keep_only(keep);
}

std::vector<Revision> RevisionTree::purge(const std::vector<Revision>& leaves) {
  std::vector<std::uint32_t> children(nodes_.size(), 0);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for_each_parent(static_cast<std::int32_t>(i), [&](std::int32_t parent) { ++children[at(parent)]; });
  }
  std::vector<char> keep(nodes_.size(), 1);
  std::vector<Revision> purged;
  std::vector<std::int32_t> gone;
  Lookup lookup(nodes_);
  for (const Revision& revision : leaves) {
    const std::int32_t node = lookup.find(revision);
    if (node < 0 || !nodes_[at(node)].leaf || keep[at(node)] == 0) continue;
    keep[at(node)] = 0;
    gone.push_back(node);
    purged.push_back(revision);
  }
  while (!gone.empty()) {
    const std::int32_t node = gone.back();
    gone.pop_back();
    for_each_parent(node, [&](std::int32_t parent) {
      if (--children[at(parent)] != 0) return;
      keep[at(parent)] = 0;
      gone.push_back(parent);
    });
  }
  if (!purged.empty()) keep_only(keep);
  return purged;
}

// Takes nodes away together with all that descends from them or all that is above them; a node that stays
// keeps those of its parents that stay.
void RevisionTree::keep_only(const std::vector<char>& keep) {
  RevisionTree kept;
  std::vector<std::int32_t> moved(nodes_.size(), -1);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (keep[i] == 0) continue;
    moved[i] = kept.add(nodes_[i].revision);
    kept.nodes_.back().deleted = nodes_[i].deleted;
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (keep[i] == 0) continue;
    for_each_parent(static_cast<std::int32_t>(i), [&](std::int32_t parent) {
      if (moved[at(parent)] >= 0) kept.connect(moved[i], moved[at(parent)]);
    });
  }
  *this = std::move(kept);
}

bool operator==(const RevisionTree& a, const RevisionTree& b) {
  if (a.nodes_.size() != b.nodes_.size()) return false;
  std::string a_bytes;
  std::string b_bytes;
  a.encode(a_bytes);
  b.encode(b_bytes);
  return a_bytes == b_bytes;
}

}  // namespace quire::document
