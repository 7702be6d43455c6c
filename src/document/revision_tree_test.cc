#include "document/revision_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace quire::document {
namespace {

Revision revision(const std::string& text) {
  auto parsed = Revision::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Revision();
}

std::vector<Revision> revisions(const std::vector<std::string>& texts) {
  std::vector<Revision> list;
  for (const auto& text : texts) list.push_back(revision(text));
  return list;
}

std::vector<std::string> texts(const std::vector<Revision>& list) {
  std::vector<std::string> out;
  for (const auto& one : list) out.push_back(one.to_string());
  return out;
}

std::string encoded(const RevisionTree& tree) {
  std::string out;
  tree.encode(out);
  return out;
}

struct Edit {
  std::vector<Revision> path;  // newest first
  bool deleted = false;
};

RevisionTree tree_of(const std::vector<Edit>& edits) {
  RevisionTree tree;
  for (const Edit& edit : edits) tree.merge(edit.path, edit.deleted);
  return tree;
}

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

// Few hashes, so that paths meet, contradict each other, and hold the same hash at several generations.
rc::Gen<Edit> any_edit() {
  static const std::vector<std::string> hashes = {"", "a", "b", "00112233445566778899aabbccddeeff",
                                                  "ff112233445566778899aabbccddeeff"};
  return rc::gen::mapcat(rc::gen::inRange<std::uint64_t>(1, 9), [](std::uint64_t generation) {
    const auto length = rc::gen::inRange<std::size_t>(1, generation + 1);
    return rc::gen::mapcat(length, [generation](std::size_t count) {
      const auto path = rc::gen::container<std::vector<std::string>>(count, rc::gen::elementOf(hashes));
      return rc::gen::apply(
          [generation](const std::vector<std::string>& chosen, bool deleted) {
            Edit edit;
            for (std::size_t i = 0; i < chosen.size(); ++i) {
              edit.path.push_back({generation - i, RevisionHash::from_text(chosen[i])});
            }
            edit.deleted = deleted;
            return edit;
          },
          path, rc::gen::arbitrary<bool>());
    });
  });
}

// Edits as they happen: a hash is made of its parent, so that every revision has one parent. The choices are
// the edits below each other; `known` is how many ancestors come along.
rc::Gen<Edit> honest_edit() {
  const auto choices = rc::gen::resize(
      9, rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("aab")))));
  return rc::gen::apply(
      [](const std::string& chosen, std::size_t known, bool deleted) {
        Edit edit;
        for (std::size_t length = chosen.size(); length > 0 && edit.path.size() < known; --length) {
          edit.path.push_back({length, RevisionHash::from_text(chosen.substr(0, length))});
        }
        edit.deleted = deleted;
        return edit;
      },
      choices, rc::gen::inRange<std::size_t>(1, 10), rc::gen::arbitrary<bool>());
}

rc::Gen<std::vector<Edit>> any_edits() {
  const auto few = [](const rc::Gen<Edit>& edit) {
    return rc::gen::resize(7, rc::gen::container<std::vector<Edit>>(edit));
  };
  return rc::gen::oneOf(few(any_edit()), few(honest_edit()));
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
  if (!replaced.empty()) {
    RC_ASSERT(merged.outcome == RevisionTree::Outcome::extended);
    RC_ASSERT(merged.replaced_leaf == replaced.front());
  } else {
    RC_ASSERT(merged.replaced_leaf == std::nullopt);
    RC_ASSERT(merged.outcome == (before.contains(edit.path.front()) ? RevisionTree::Outcome::known
                                                                    : RevisionTree::Outcome::branched));
  }
}

RC_GTEST_PROP(RevisionTree, EncodeDecodeRoundTrip, ()) {
  const auto tree = tree_of(*any_edits());
  const std::string bytes = encoded(tree);
  const auto decoded = RevisionTree::decode(bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == tree);
  RC_ASSERT(decoded->leaves() == tree.leaves());
  RC_ASSERT(encoded(*decoded) == bytes);
}

// Whatever is not refused is exactly what the encoder writes.
RC_GTEST_PROP(RevisionTree, DecodeRefusesDamage, ()) {
  const std::string bytes = encoded(tree_of(*any_edits()));
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    RC_ASSERT(RevisionTree::decode(std::string_view(bytes).substr(0, cut)).has_error());
  }
  RC_ASSERT(RevisionTree::decode(bytes + std::string(1, '\0')).has_error());
  auto damaged = bytes;
  const auto where = *rc::gen::inRange<std::size_t>(0, bytes.size());
  damaged[where] = *rc::gen::arbitrary<char>();
  const auto decoded = RevisionTree::decode(damaged);
  if (decoded) {
    RC_ASSERT(encoded(*decoded) == damaged);
  } else {
    RC_ASSERT(decoded.error().code() == ErrorCode::corrupt);
  }
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
  EXPECT_EQ(merged.outcome, RevisionTree::Outcome::extended);
  EXPECT_EQ(merged.replaced_leaf, revision("2-b"));
  EXPECT_EQ(texts(tree.path(revision("5-e"))), (std::vector<std::string>{"5-e", "4-d", "3-c", "2-b", "1-a"}));
}

TEST(RevisionTree, ARevisionWithTwoParentsKeepsBoth) {
  auto tree = tree_of({{revisions({"2-c", "1-a"}), false}, {revisions({"2-c", "1-b"}), false}});
  EXPECT_EQ(tree.leaves().size(), 1U);
  EXPECT_EQ(texts(tree.path(revision("2-c"))), (std::vector<std::string>{"2-c", "1-b"}));
  EXPECT_EQ(tree.leaves_below(revision("1-a")).size(), 1U);
  EXPECT_EQ(tree.purge(revisions({"2-c"})), revisions({"2-c"}));
  EXPECT_TRUE(tree.empty());
}

// The examples of docs/formats/revision.md.
TEST(RevisionTree, GoldenBytes) {
  const auto golden = [](const RevisionTree& tree, const std::string& hex) {
    EXPECT_EQ(to_hex(encoded(tree)), hex);
    const auto decoded = RevisionTree::decode(*from_hex(hex));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, tree);
  };
  golden({}, "00");
  golden(tree_of({{revisions({"2-00112233445566778899aabbccddeeff", "1-x"}), false}}),
         "010002020000001122334455667788"
         "99aabbccddeeff0278");
  auto forked = tree_of({{revisions({"3-c", "2-b", "1-a"}), false}, {revisions({"3-d", "2-b"}), true}});
  golden(forked,
         "02000303000263026202610103010102"
         "64");
  forked.merge(revisions({"3-c", "2-e"}), false);
  golden(forked,
         "030003020002630265"
         "01030300026402620261"
         "020301020263");
}

TEST(RevisionTree, DecodeRefusesEachMalformedForm) {
  const std::vector<std::pair<std::string, std::string>> forms = {
      {"nothing", ""},
      {"branches that are not there", "01"},
      {"more branches than bytes", "ffffffff0f00"},
      {"an unknown flag",
       "0104010100"
       "0261"},
      {"generation 0",
       "0100000100"
       "0261"},
      {"a generation past the last",
       "0100818080808080808040"
       "0100"
       "0261"},
      {"a run of nothing", "0100010000"},
      {"a run longer than its generation",
       "0100010200"
       "0261"
       "0262"},
      {"a run longer than the bytes",
       "0100ffffffff0fffffffff0f00"
       "0261"},
      {"a first branch with a parent",
       "0100020101"
       "0261"},
      {"a parent in a later branch",
       "0200020100"
       "0262"
       "00020102"
       "0261"},
      {"a parent below generation 1",
       "0200020200"
       "02620261"
       "00010101"
       "0262"},
      {"a parent above the branch's newest",
       "0200020100"
       "0262"
       "0004"
       "0101"
       "0261"},
      {"a parent under the branch's oldest",
       "0200030100"
       "0263"
       "0002"
       "0101"
       "0262"},
      {"a leaf with a child",
       "0200030100"
       "0263"
       "0002"
       "0101"
       "0262"
       "01040101"
       "0264"},
      {"losers before the winner",
       "0200010100"
       "0261"
       "00020100"
       "0261"},
      {"a deleted leaf before a live one",
       "0201020100"
       "0261"
       "00010100"
       "0261"},
      {"the same leaf twice",
       "0200020100"
       "0261"
       "00020100"
       "0261"},
      {"an ancestor twice",
       "0200020200"
       "02620261"
       "00020200"
       "02610261"},
      {"bytes at the end",
       "0100010100"
       "0261"
       "00"},
      {"a digest written as a text",
       "0100010100"
       "21" +
           to_hex("00112233445566778899aabbccddeeff")},
      {"a padded varint",
       "81000001010002"
       "61"},
      {"another parent of a node that is not there",
       "0200020100"
       "0262"
       "02020200"
       "0263"
       "0261"},
      {"another parent that is not said",
       "0200020100"
       "0262"
       "02020100"
       "0262"},
      {"another parent that should be the first",
       "0200020100"
       "0262"
       "02020200"
       "0262"
       "0261"},
      {"a lower hash as the first parent",
       "0200020200"
       "02620261"
       "02020200"
       "02620263"},
  };
  for (const auto& [what, hex] : forms) {
    const auto decoded = RevisionTree::decode(*from_hex(hex));
    ASSERT_FALSE(decoded) << what;
    EXPECT_EQ(decoded.error().code(), ErrorCode::corrupt);
  }
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

TEST(RevisionTree, ThousandsOfLeavesDecodeFast) {
  RevisionTree tree;
  for (int i = 0; i < 2'000; ++i) tree.merge(revisions({"2-" + std::to_string(i), "1-a"}), false);
  for (int i = 0; i < 2'000; ++i) tree.merge(revisions({"3-a", "2-" + std::to_string(i)}), false);
  const auto decoded = RevisionTree::decode(encoded(tree));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, tree);
}

Edit linear_edit() {
  const auto hash = rc::gen::elementOf(
      std::vector<std::string>{"", std::string(15, 'a'), std::string(17, 'b'),
                               "long " + std::string(200, 'x'), "00112233445566778899aabbccddeeff"});
  const auto hashes = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(hash));
  const std::uint64_t newest = hashes.size() + *rc::gen::inRange<std::uint64_t>(0, 300);
  Edit edit;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    edit.path.push_back({newest - i, RevisionHash::from_text(hashes[i])});
  }
  edit.deleted = *rc::gen::arbitrary<bool>();
  return edit;
}

RC_GTEST_PROP(LinearTree, ViewIsTheTreeOfOneBranch, ()) {
  const auto edit = linear_edit();
  const std::string bytes = encoded(tree_of({edit}));
  const auto view = view_linear(bytes);
  RC_ASSERT(view.has_value());
  RC_ASSERT(view->leaf == edit.path.front());
  RC_ASSERT(view->deleted == edit.deleted);
  RC_ASSERT(view->count == edit.path.size());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    RC_ASSERT(!view_linear(std::string_view(bytes).substr(0, cut)).has_value());
  }
  RC_ASSERT(!view_linear(bytes + "x").has_value());
}

RC_GTEST_PROP(LinearTree, ViewAgreesWithDecode, ()) {
  auto bytes = encoded(tree_of(*any_edits()));
  if (*rc::gen::arbitrary<bool>()) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
  }
  const auto tree = RevisionTree::decode(bytes);
  RC_ASSERT(view_linear(bytes).has_value() == (tree && bytes[0] == 1));
}

RC_GTEST_PROP(LinearTree, AppendingAChildIsMergingIt, ()) {
  const auto edit = linear_edit();
  const auto deleted = *rc::gen::arbitrary<bool>();
  const auto keep = *rc::gen::inRange<std::uint64_t>(0, edit.path.size() + 2);
  const std::string bytes = encoded(tree_of({edit}));
  const Revision child{edit.path.front().generation + 1,
                       RevisionHash::from_text(*rc::gen::element<std::string>("c", std::string(32, '0')))};
  std::string appended = "before";
  const auto dropped = append_child_linear(appended, *view_linear(bytes), child, deleted, keep);

  auto path = edit.path;
  path.insert(path.begin(), child);
  const std::size_t kept = std::min<std::size_t>(path.size(), keep + 1);
  const std::vector<Revision> rest(path.begin() + static_cast<std::ptrdiff_t>(kept), path.end());
  path.resize(kept);
  RC_ASSERT(appended == "before" + encoded(tree_of({{path, deleted}})));
  RC_ASSERT(dropped.count == rest.size());
  RC_ASSERT(dropped.newest_generation == (rest.empty() ? 0 : rest.front().generation));
  ByteReader in(dropped.hashes);
  for (const auto& revision : rest) RC_ASSERT(RevisionHash::decode(in) == revision.hash);
  RC_ASSERT(in.done());
}

TEST(LinearTree, AChildOfNothingIsARoot) {
  std::string bytes;
  append_child_linear(bytes, {}, revision("7-a"), true, 16);
  EXPECT_EQ(bytes, encoded(tree_of({{revisions({"7-a"}), true}})));
}

}  // namespace
}  // namespace quire::document
