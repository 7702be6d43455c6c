#include <string>
#include <vector>

#include "base/check.h"
#include "document/revision_tree.h"
#include "input.h"

// Two inputs: trees made of edits, which must merge the same in every order; and bytes, of which only what
// encoding writes may decode.

namespace {

using namespace quire;
using namespace quire::document;

std::string encoded(const RevisionTree& tree) {
  std::string bytes;
  tree.encode(bytes);
  return bytes;
}

RevisionTree merged(RevisionTree a, const RevisionTree& b) {
  a.merge(b);
  return a;
}

// An edit a few bytes: hashes are few, so that paths meet and contradict each other.
RevisionTree take_tree(fuzz::Input& input) {
  static const std::vector<std::string> kHashes = {"", "a", "b", "00112233445566778899aabbccddeeff"};
  RevisionTree tree;
  for (int edits = input.byte() % 6; edits > 0; --edits) {
    const std::uint8_t shape = input.byte();
    const std::uint64_t newest = 1 + shape % 16;
    const std::uint64_t length = 1 + (shape >> 4) % newest;
    std::vector<Revision> path;
    std::uint8_t choices = 0;
    for (std::uint64_t i = 0; i < length; ++i) {
      if (i % 4 == 0) choices = input.byte();
      path.push_back({newest - i, RevisionHash::from_text(kHashes[choices & 3])});
      choices = static_cast<std::uint8_t>(choices >> 2);
    }
    tree.merge(path, (input.byte() & 1) != 0);
  }
  return tree;
}

void check_tree(const RevisionTree& tree) {
  const std::string bytes = encoded(tree);
  const auto decoded = RevisionTree::decode(bytes);
  QUIRE_CHECK(decoded.has_value() && *decoded == tree, "a tree comes back");
  QUIRE_CHECK(decoded->leaves() == tree.leaves(), "its leaves come back");
  const auto leaves = tree.leaves();
  QUIRE_CHECK(leaves.empty() == tree.empty(), "a tree has leaves");
  if (leaves.empty()) return;
  QUIRE_CHECK(tree.winner() == leaves.front(), "the winner is the first leaf");
  // Each look takes as long as the tree is large.
  constexpr std::size_t kLooks = 4;
  for (std::size_t i = 0; i < std::min(leaves.size(), kLooks); ++i) {
    const Leaf& leaf = leaves[i];
    const auto path = tree.path(leaf.revision);
    QUIRE_CHECK(tree.missing(path).empty(), "a path is in the tree");
    QUIRE_CHECK(!tree.leaves_below(path.back()).empty(), "a root has leaves below");
    RevisionTree again = tree;
    QUIRE_CHECK(again.merge(path, leaf.deleted).outcome == RevisionTree::Outcome::known && again == tree,
                "merging what is known changes nothing");
  }
}

void check_stem_and_purge(const RevisionTree& tree, std::uint64_t limit) {
  RevisionTree stemmed = tree;
  stemmed.stem(limit);
  QUIRE_CHECK(stemmed.leaves() == tree.leaves(), "stemming keeps the leaves");
  for (const Leaf& leaf : stemmed.leaves()) {
    QUIRE_CHECK(
        stemmed.path(leaf.revision).size() >= std::min<std::size_t>(limit, tree.path(leaf.revision).size()),
        "stemming keeps the nearest ancestors");
  }
  QUIRE_CHECK(merged(tree, stemmed) == tree, "a tree knows all that it was stemmed to");
  check_tree(stemmed);
  std::vector<Revision> leaves;
  for (const Leaf& leaf : tree.leaves()) leaves.push_back(leaf.revision);
  RevisionTree purged = tree;
  QUIRE_CHECK(purged.purge(leaves) == leaves && purged.empty(), "purging every leaf leaves nothing");
}

void check_any_bytes(std::string_view bytes) {
  const auto tree = RevisionTree::decode(bytes);
  const auto linear = view_linear(bytes);
  QUIRE_CHECK(tree || tree.error().code() == ErrorCode::corrupt, "what is no tree is corrupt");
  QUIRE_CHECK(linear.has_value() == (tree && bytes.front() == 1), "one branch is seen as such");
  if (!tree) return;
  QUIRE_CHECK(encoded(*tree) == bytes, "only what encoding writes decodes");
  check_tree(*tree);
  if (!linear) return;
  QUIRE_CHECK(linear->count == tree->node_count() && linear->leaf == tree->winner()->revision,
              "a view is the tree's");
  const Revision child{linear->leaf.generation + 1, RevisionHash::from_text("child")};
  auto path = tree->path(linear->leaf);
  path.insert(path.begin(), child);
  if (child.generation > kMaxStoredGeneration) return;
  std::string appended;
  const std::uint64_t keep = linear->count / 2;
  const auto dropped = append_child_linear(appended, *linear, child, true, keep);
  QUIRE_CHECK(dropped.count == linear->count - keep, "what is not kept is dropped");
  path.resize(keep + 1);
  RevisionTree expected;
  expected.merge(path, true);
  QUIRE_CHECK(encoded(expected) == appended, "appending a child is merging it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t mode = input.byte();
  if ((mode & 1) != 0) {
    check_any_bytes(input.rest());
    return 0;
  }
  const RevisionTree a = take_tree(input);
  const RevisionTree b = take_tree(input);
  const RevisionTree c = take_tree(input);
  QUIRE_CHECK(merged(a, b) == merged(b, a), "merging commutes");
  QUIRE_CHECK(merged(merged(a, b), c) == merged(a, merged(b, c)), "merging is associative");
  QUIRE_CHECK(merged(a, a) == a && merged(merged(a, b), b) == merged(a, b), "merging is idempotent");
  check_tree(merged(merged(a, b), c));
  check_stem_and_purge(merged(a, b), 1 + (mode >> 1) % 8);
  return 0;
}
