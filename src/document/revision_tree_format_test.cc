#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <utility>

#include "document/revision_tree.h"
#include "document/testing/revision_edits.h"

namespace quire::document {
namespace {

using namespace testing;

RC_GTEST_PROP(RevisionTreeFormat, EncodeDecodeRoundTrip, ()) {
  const auto tree = tree_of(*any_edits());
  const std::string bytes = encoded(tree);
  const auto decoded = RevisionTree::decode(bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == tree);
  RC_ASSERT(decoded->leaves() == tree.leaves());
  RC_ASSERT(encoded(*decoded) == bytes);
}

// Whatever is not refused is exactly what the encoder writes.
RC_GTEST_PROP(RevisionTreeFormat, DecodeRefusesDamage, ()) {
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

// The examples of docs/formats/revision.md.
TEST(RevisionTreeFormat, GoldenBytes) {
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

TEST(RevisionTreeFormat, DecodeRefusesEachMalformedForm) {
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

TEST(RevisionTreeFormat, ThousandsOfLeavesDecodeFast) {
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
