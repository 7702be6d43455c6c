#include "document/revision_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "document/testing/revision_edits.h"

namespace quire::document {
namespace {

using namespace testing;

// The same by sets, as slow as it is plain.
struct Model {
  std::set<Revision> nodes;
  std::set<std::pair<Revision, Revision>> edges;  // child, parent
  std::set<Revision> live;                        // somebody said so of it as a leaf
  std::set<Revision> dead;

  void add(const Edit& edit) {
    for (const auto& node : edit.path) nodes.insert(node);
    for (std::size_t i = 1; i < edit.path.size(); ++i) edges.emplace(edit.path[i - 1], edit.path[i]);
    (edit.deleted ? dead : live).insert(edit.path.front());
  }
  bool leaf(const Revision& node) const {
    return std::none_of(edges.begin(), edges.end(), [&](const auto& edge) { return edge.second == node; });
  }
  bool deleted(const Revision& node) const { return live.count(node) == 0 && dead.count(node) != 0; }
  std::vector<Leaf> leaves() const {
    std::vector<Leaf> out;
    for (const auto& node : nodes) {
      if (leaf(node)) out.push_back({node, deleted(node)});
    }
    std::sort(out.begin(), out.end(), [](const Leaf& a, const Leaf& b) {
      if (a.deleted != b.deleted) return !a.deleted;
      return a.revision > b.revision;
    });
    return out;
  }
  std::vector<Revision> parents(const Revision& node) const {
    std::vector<Revision> out;
    for (const auto& edge : edges) {
      if (edge.first == node) out.push_back(edge.second);
    }
    return out;
  }
  std::vector<Revision> path(Revision node) const {
    std::vector<Revision> out;
    while (node) {
      out.push_back(node);
      const auto above = parents(node);
      node = above.empty() ? Revision() : *std::max_element(above.begin(), above.end());
    }
    return out;
  }
  bool descends(const Revision& node, const Revision& ancestor) const {
    if (node == ancestor) return true;
    const auto above = parents(node);
    return std::any_of(above.begin(), above.end(),
                       [&](const auto& parent) { return descends(parent, ancestor); });
  }
  void keep_only(const std::set<Revision>& kept) {
    nodes = kept;
    std::erase_if(
        edges, [&](const auto& edge) { return kept.count(edge.first) == 0 || kept.count(edge.second) == 0; });
  }
  void stem(std::uint64_t limit) {
    std::set<Revision> kept;
    for (const auto& node : nodes) {
      for (const auto& below : leaves()) {
        const bool near = below.revision == node || below.revision.generation - node.generation < limit;
        if (near && descends(below.revision, node)) kept.insert(node);
      }
    }
    keep_only(kept);
  }
  void purge(const Revision& gone) {
    std::set<Revision> kept;
    for (const auto& node : nodes) {
      for (const auto& below : leaves()) {
        if (below.revision != gone && descends(below.revision, node)) kept.insert(node);
      }
    }
    keep_only(kept);
  }
};

Model model_of(const std::vector<Edit>& edits) {
  Model model;
  for (const Edit& edit : edits) model.add(edit);
  return model;
}

void check_equal(const RevisionTree& tree, const Model& model) {
  RC_ASSERT(tree.node_count() == model.nodes.size());
  RC_ASSERT(tree.empty() == model.nodes.empty());
  const auto leaves = model.leaves();
  RC_ASSERT(tree.leaves() == leaves);
  RC_ASSERT(tree.winner() == (leaves.empty() ? std::nullopt : std::optional(leaves.front())));
  for (const auto& node : model.nodes) {
    RC_ASSERT(tree.contains(node));
    RC_ASSERT(tree.is_leaf(node) == model.leaf(node));
    RC_ASSERT(tree.path(node) == model.path(node));
    auto below = leaves;
    std::erase_if(below, [&](const Leaf& leaf) { return !model.descends(leaf.revision, node); });
    RC_ASSERT(tree.leaves_below(node) == below);
  }
}

RC_GTEST_PROP(RevisionTree, AgreesWithTheModel, ()) {
  const auto edits = *any_edits();
  const auto tree = tree_of(edits);
  check_equal(tree, model_of(edits));
  const auto asked = *any_edit();
  auto absent = asked.path;
  std::erase_if(absent, [&](const auto& node) { return tree.contains(node); });
  RC_ASSERT(tree.missing(asked.path) == absent);
}

RC_GTEST_PROP(RevisionTree, MergeIsAssociativeCommutativeAndIdempotent, ()) {
  const auto a = tree_of(*any_edits());
  const auto b = tree_of(*any_edits());
  const auto c = tree_of(*any_edits());
  const auto merged = [](RevisionTree x, const RevisionTree& y) {
    x.merge(y);
    return x;
  };
  RC_ASSERT(merged(a, b) == merged(b, a));
  RC_ASSERT(merged(merged(a, b), c) == merged(a, merged(b, c)));
  RC_ASSERT(merged(a, a) == a);
  RC_ASSERT(merged(merged(a, b), b) == merged(a, b));
  RC_ASSERT(merged(a, RevisionTree()) == a);
  RC_ASSERT(merged(RevisionTree(), a) == a);
}

RC_GTEST_PROP(RevisionTree, MergingATreeIsMergingItsEdits, ()) {
  const auto first = *any_edits();
  const auto second = *any_edits();
  auto by_tree = tree_of(first);
  by_tree.merge(tree_of(second));
  auto both = first;
  both.insert(both.end(), second.begin(), second.end());
  check_equal(by_tree, model_of(both));
  RC_ASSERT(by_tree == tree_of(both));
}

RC_GTEST_PROP(RevisionTree, TheOrderOfEditsDoesNotCount, ()) {
  const auto edits = *any_edits();
  auto order = edits;
  std::reverse(order.begin(), order.end());
  RC_ASSERT(tree_of(edits) == tree_of(order));
  std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2), order.end());
  RC_ASSERT(tree_of(edits) == tree_of(order));
}

RC_GTEST_PROP(RevisionTree, MergeSaysWhatItDid, ()) {
  const auto edits = *any_edits();
  const auto edit = *any_edit();
  auto tree = tree_of(edits);
  const auto before = tree;
  const auto merged = tree.merge(edit.path, edit.deleted);
  std::vector<Revision> replaced;
  for (const auto& leaf : before.leaves()) {
    if (!tree.is_leaf(leaf.revision)) replaced.push_back(leaf.revision);
  }
  std::sort(replaced.rbegin(), replaced.rend());
  using Outcome = RevisionTree::Outcome;
  const bool known = before.contains(edit.path.front());
  if (replaced.empty()) {
    RC_ASSERT(merged.outcome == (known ? Outcome::known : Outcome::branched));
    RC_ASSERT(!merged.replaced_leaf.has_value());
    RC_ASSERT(merged.older_replaced.empty());
    return;
  }
  RC_ASSERT(merged.outcome == (known ? Outcome::joined : Outcome::extended));
  RC_ASSERT(merged.replaced_leaf == replaced.front());
  replaced.erase(replaced.begin());
  RC_ASSERT(merged.older_replaced == replaced);
}

RC_GTEST_PROP(RevisionTree, StemKeepsTheNearestGenerations, ()) {
  const auto edits = *any_edits();
  const auto limit = *rc::gen::inRange<std::uint64_t>(0, 6);
  auto tree = tree_of(edits);
  auto model = model_of(edits);
  tree.stem(limit);
  model.stem(limit);
  check_equal(tree, model);
  const auto once = tree;
  tree.stem(limit);
  RC_ASSERT(tree == once);
}

RC_GTEST_PROP(RevisionTree, PurgeForgetsWhatOnlyTheLeafHas, ()) {
  const auto edits = *any_edits();
  auto tree = tree_of(edits);
  auto model = model_of(edits);
  std::vector<Revision> asked;
  std::vector<Revision> expected;
  for (const auto& leaf : tree.leaves()) {
    if (*rc::gen::arbitrary<bool>()) asked.push_back(leaf.revision);
  }
  expected = asked;
  for (const auto& gone : asked) model.purge(gone);
  if (!asked.empty()) asked.push_back(asked.front());
  const auto inner = (*any_edit()).path;
  for (const auto& node : inner) {
    if (!tree.is_leaf(node)) asked.push_back(node);
  }
  RC_ASSERT(tree.purge(asked) == expected);
  check_equal(tree, model);
}

// What the header promises of merging with stemming on.
RC_GTEST_PROP(RevisionTree, StemmedMergesKeepEveryLeafOfTheUnion, ()) {
  const auto first = *any_edits();
  const auto second = *any_edits();
  const auto third = *any_edits();
  const auto limit = *rc::gen::inRange<std::uint64_t>(1, 7);
  const auto merged = [limit](RevisionTree x, const RevisionTree& y) {
    x.merge(y);
    x.stem(limit);
    return x;
  };
  const auto a = tree_of(first);
  const auto b = tree_of(second);
  const auto c = tree_of(third);
  RC_ASSERT(merged(a, b) == merged(b, a));
  RC_ASSERT(merged(merged(a, b), b) == merged(merged(merged(a, b), b), b));
  auto all = first;
  all.insert(all.end(), second.begin(), second.end());
  all.insert(all.end(), third.begin(), third.end());
  const auto model = model_of(all);
  const auto leaves = model.leaves();
  for (const auto& tree : {merged(merged(a, b), c), merged(a, merged(b, c)), merged(merged(c, a), b)}) {
    bool extra = false;
    for (const auto& leaf : tree.leaves()) {
      if (std::count(leaves.begin(), leaves.end(), leaf) != 0) continue;
      extra = true;
      const bool far = std::any_of(model.nodes.begin(), model.nodes.end(), [&](const Revision& node) {
        return node.generation >= leaf.revision.generation + limit && model.descends(node, leaf.revision);
      });
      RC_ASSERT(far);
    }
    const auto found = tree.leaves();
    for (const auto& leaf : leaves) RC_ASSERT(std::count(found.begin(), found.end(), leaf) == 1);
    if (!extra) RC_ASSERT(found == leaves);
  }
}

TEST(RevisionTree, AReplicaThatWasAwayTooLongSeesAConflict) {
  RevisionTree here = tree_of({{revisions({"4-d", "3-c", "2-b", "1-a"}), false}});
  here.stem(2);
  here.merge(revisions({"1-a"}), false);
  EXPECT_EQ(here.leaves().size(), 2U);
  here.merge(revisions({"3-c", "2-b", "1-a"}), false);
  EXPECT_EQ(here.leaves(), (std::vector<Leaf>{{revision("4-d"), false}}));
}

TEST(RevisionTree, LiveBeforeDeletedThenGenerationThenHash) {
  const auto tree = tree_of({{revisions({"9-z"}), true},
                             {revisions({"2-b"}), false},
                             {revisions({"10-a"}), true},
                             {revisions({"2-c"}), false},
                             {revisions({"3-a"}), false},
                             {revisions({"2-ffffffffffffffffffffffffffffffff"}), false}});
  std::vector<std::string> order;
  for (const auto& leaf : tree.leaves()) order.push_back(leaf.revision.to_string());
  EXPECT_EQ(order, (std::vector<std::string>{"3-a", "2-ffffffffffffffffffffffffffffffff", "2-c", "2-b",
                                             "10-a", "9-z"}));
}

TEST(RevisionTree, TheSameHashAtTwoGenerationsIsTwoRevisions) {
  auto tree = tree_of({{revisions({"2-a", "1-a"}), false}});
  EXPECT_EQ(tree.node_count(), 2U);
  EXPECT_FALSE(tree.contains(revision("3-a")));
  tree.merge(revisions({"3-a", "2-a"}), false);
  EXPECT_EQ(texts(tree.path(revision("3-a"))), (std::vector<std::string>{"3-a", "2-a", "1-a"}));
  EXPECT_EQ(tree.leaves().size(), 1U);
}

TEST(RevisionTree, AStemmedRootIsJoinedToItsAncestors) {
  auto tree = tree_of({{revisions({"5-e", "4-d"}), false}, {revisions({"2-b", "1-a"}), false}});
  const auto merged = tree.merge(revisions({"5-e", "4-d", "3-c", "2-b"}), false);
  EXPECT_EQ(merged.outcome, RevisionTree::Outcome::joined);
  EXPECT_EQ(merged.replaced_leaf, revision("2-b"));
  EXPECT_EQ(texts(tree.path(revision("5-e"))), (std::vector<std::string>{"5-e", "4-d", "3-c", "2-b", "1-a"}));
}

TEST(RevisionTree, APathMayReplaceSeveralLeaves) {
  auto tree =
      tree_of({{revisions({"5-e"}), true}, {revisions({"2-b", "1-a"}), false}, {revisions({"3-x"}), false}});
  const auto merged = tree.merge(revisions({"6-f", "5-e", "4-d", "3-c", "2-b"}), false);
  EXPECT_EQ(merged.outcome, RevisionTree::Outcome::extended);
  EXPECT_EQ(merged.replaced_leaf, revision("5-e"));
  EXPECT_EQ(merged.older_replaced, revisions({"2-b"}));
  EXPECT_EQ(tree.leaves().size(), 2U);
}

TEST(RevisionTree, ARevisionWithTwoParentsKeepsBoth) {
  auto tree = tree_of({{revisions({"2-c", "1-a"}), false}, {revisions({"2-c", "1-b"}), false}});
  EXPECT_EQ(tree.leaves().size(), 1U);
  EXPECT_EQ(texts(tree.path(revision("2-c"))), (std::vector<std::string>{"2-c", "1-b"}));
  EXPECT_EQ(tree.leaves_below(revision("1-a")).size(), 1U);
  EXPECT_EQ(tree.purge(revisions({"2-c"})), revisions({"2-c"}));
  EXPECT_TRUE(tree.empty());
}

std::vector<Revision> long_path(std::uint64_t newest, std::uint64_t count, std::string_view salt) {
  std::vector<Revision> path;
  for (std::uint64_t i = 0; i < count; ++i) {
    path.push_back(
        {newest - i, derive_revision({}, false, std::to_string(newest - i) + std::string(salt), {}).hash});
  }
  return path;
}

// Quadratic work would take minutes here.
TEST(RevisionTree, ThousandsOfAncestorsMergeFast) {
  constexpr std::uint64_t kCount = 50'000;
  RevisionTree tree;
  tree.merge(long_path(kCount, kCount, ""), false);
  EXPECT_EQ(tree.merge(long_path(kCount, kCount, "other"), false).outcome, RevisionTree::Outcome::branched);
  EXPECT_EQ(tree.merge(long_path(kCount + 1, kCount + 1, ""), false).outcome,
            RevisionTree::Outcome::extended);
  EXPECT_EQ(tree.node_count(), 2 * kCount + 1);
  RevisionTree copy;
  copy.merge(tree);
  EXPECT_EQ(copy, tree);
  EXPECT_EQ(tree.missing(long_path(kCount, kCount, "third")).size(), kCount);
}

}  // namespace
}  // namespace quire::document
