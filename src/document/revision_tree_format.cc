#include <algorithm>

#include "base/check.h"
#include "document/revision_tree.h"
#include "document/revision_tree_lookup.h"

// The encoding of trees: docs/formats/revision.md. It is canonical, which decoding relies on where a tree
// holds contradicting parents: such bytes are right when encoding the tree gives them back.

namespace quire::document {

namespace {

constexpr std::uint8_t kDeleted = 1;
constexpr std::uint8_t kAgain = 2;  // the run begins with a node of an earlier one, to give it another parent

constexpr std::size_t kDigestHashBytes = 17;

void put_run(std::string& out, std::uint8_t flags, std::uint64_t generation, std::uint64_t length,
             std::uint64_t parent) {
  put_u8(out, flags);
  put_varint(out, generation);
  put_varint(out, length);
  put_varint(out, parent);
}

}  // namespace

class RevisionTree::Encoder {
 public:
  Encoder(const RevisionTree& tree, std::string& out)
      : tree_(tree), nodes_(tree.nodes_), out_(out), run_of_(tree.nodes_.size(), -1) {}

  void encode() {
    std::vector<std::int32_t> leaves;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].leaf) leaves.push_back(static_cast<std::int32_t>(i));
    }
    std::sort(leaves.begin(), leaves.end(),
              [&](auto a, auto b) { return before(nodes_[at(a)], nodes_[at(b)]); });
    put_varint(out_, leaves.size() + tree_.other_parents_.size());
    for (const std::int32_t leaf : leaves) put_branch(leaf);
    if (tree_.other_parents_.empty()) return;
    for (std::size_t i = 0; i < written_.size(); ++i) put_other_parents(written_[i]);
  }

 private:
  // Counts the nodes from `first` upwards that stand in no run yet; `first` becomes the node above them, or
  // -1.
  std::uint64_t count_new(std::int32_t& first) const {
    std::uint64_t count = 0;
    for (; first >= 0 && run_of_[at(first)] < 0; first = nodes_[at(first)].parent) ++count;
    return count;
  }
  std::uint64_t reference(std::int32_t node) const {
    return node < 0 ? 0 : static_cast<std::uint64_t>(run_of_[at(node)]) + 1;
  }
  void put_nodes(std::int32_t node, std::uint64_t count) {
    for (; count > 0; --count, node = nodes_[at(node)].parent) {
      nodes_[at(node)].revision.hash.encode(out_);
      run_of_[at(node)] = runs_;
      if (!tree_.other_parents_.empty()) written_.push_back(node);
    }
    ++runs_;
  }

  void put_branch(std::int32_t leaf) {
    const Node& node = nodes_[at(leaf)];
    std::int32_t above = leaf;
    const std::uint64_t length = count_new(above);
    put_run(out_, node.deleted ? kDeleted : 0, node.revision.generation, length, reference(above));
    put_nodes(leaf, length);
  }

  void put_other_parents(std::int32_t child) {
    std::vector<std::int32_t> parents;
    const auto& edges = tree_.other_parents_;
    for (auto edge = edges.lower_bound({child, 0}); edge != edges.end() && edge->first == child; ++edge) {
      parents.push_back(edge->second);
    }
    std::sort(parents.begin(), parents.end(),
              [&](auto a, auto b) { return nodes_[at(a)].revision > nodes_[at(b)].revision; });
    for (const std::int32_t parent : parents) {
      std::int32_t above = parent;
      const std::uint64_t length = count_new(above);
      put_run(out_, kAgain, nodes_[at(child)].revision.generation, length + 1, reference(above));
      nodes_[at(child)].revision.hash.encode(out_);
      put_nodes(parent, length);
    }
  }

  const RevisionTree& tree_;
  const std::vector<Node>& nodes_;
  std::string& out_;
  std::vector<std::int32_t> run_of_;   // by node; -1: not written yet
  std::vector<std::int32_t> written_;  // in the order of the bytes
  std::int32_t runs_ = 0;
};

void RevisionTree::encode(std::string& out) const { Encoder(*this, out).encode(); }

class RevisionTree::Decoder {
 public:
  explicit Decoder(std::string_view bytes) : in_(bytes), lookup_(tree_.nodes_) {}

  // False where the bytes are malformed.
  bool decode() {
    const std::uint64_t count = in_.varint();
    if (count > in_.rest().size()) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!read_run()) return false;
    }
    return in_.done() && std::all_of(leaves_.begin(), leaves_.end(),
                                     [&](std::int32_t leaf) { return tree_.nodes_[at(leaf)].leaf; });
  }
  RevisionTree take() { return std::move(tree_); }
  // True where a run gave a node another parent: whether that was the right way to say it shows only when the
  // whole tree is there.
  bool contradicts() const { return contradicts_; }

 private:
  // The nodes that a run brought: `count` of them from `first` on, generations falling from `newest`.
  struct Run {
    std::uint64_t newest;
    std::uint64_t count;
    std::int32_t first;
  };

  bool read_run() {
    const std::uint8_t flags = in_.u8();
    const std::uint64_t generation = in_.varint();
    const std::uint64_t length = in_.varint();
    const std::uint64_t parent = in_.varint();
    // A hash takes a byte at least, so that the length is bounded by what is there.
    if (!in_.ok() || length == 0 || length > in_.rest().size()) return false;
    if (generation > kMaxStoredGeneration || length > generation || parent > runs_.size()) return false;
    if (flags == kAgain) return read_again(generation, length, parent);
    if (flags > kDeleted) return false;
    const auto leaf = static_cast<std::int32_t>(tree_.nodes_.size());
    if (!read_nodes(generation, length, -1) || !read_parent(parent)) return false;
    tree_.nodes_[at(leaf)].deleted = flags == kDeleted;
    const bool in_order = leaves_.empty() || before(tree_.nodes_[at(leaves_.back())], tree_.nodes_[at(leaf)]);
    leaves_.push_back(leaf);
    return in_order;
  }

  bool read_again(std::uint64_t generation, std::uint64_t length, std::uint64_t parent) {
    contradicts_ = true;
    const Revision revision{generation, RevisionHash::decode(in_)};
    const std::int32_t child = in_.ok() ? lookup_.find(revision) : -1;
    if (child < 0 || (length == 1 && parent == 0)) return false;
    return read_nodes(generation - 1, length - 1, child) && read_parent(parent);
  }

  // Reads hashes of nodes that no run has brought yet; the newest becomes a parent of `child`.
  bool read_nodes(std::uint64_t newest, std::uint64_t count, std::int32_t child) {
    if (runs_.empty()) tree_.nodes_.reserve(count);  // later ones grow it by doubling
    const auto first = static_cast<std::int32_t>(tree_.nodes_.size());
    last_ = child;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Revision revision{newest - i, RevisionHash::decode(in_)};
      // The first run's generations all differ.
      if (!in_.ok() || (!runs_.empty() && lookup_.find(revision) >= 0)) return false;
      const std::int32_t node = tree_.add(revision);
      lookup_.added();
      if (last_ >= 0) tree_.connect(last_, node);
      last_ = node;
    }
    runs_.push_back({newest, count, first});
    return true;
  }

  // Resolves the reference of the run that was just read: the parent stands in the run of that number, one
  // generation lower than the run's oldest node.
  bool read_parent(std::uint64_t reference) {
    if (reference == 0) return true;
    const Run& run = runs_[reference - 1];
    const std::uint64_t generation = tree_.nodes_[at(last_)].revision.generation - 1;
    if (generation == 0 || generation > run.newest || run.newest - generation >= run.count) return false;
    tree_.connect(last_, run.first + static_cast<std::int32_t>(run.newest - generation));
    return true;
  }

  ByteReader in_;
  RevisionTree tree_;
  Lookup lookup_;
  std::vector<Run> runs_;
  std::vector<std::int32_t> leaves_;
  bool contradicts_ = false;
  std::int32_t last_ = -1;  // the oldest node of the run being read
};

Result<RevisionTree> RevisionTree::decode(std::string_view bytes) {
  const auto malformed = [] { return Error(ErrorCode::corrupt, "a revision tree is malformed"); };
  Decoder decoder(bytes);
  if (!decoder.decode()) return malformed();
  RevisionTree tree = decoder.take();
  if (decoder.contradicts()) {
    std::string again;
    tree.encode(again);
    if (again != bytes) return malformed();
  }
  return tree;
}

namespace {

// True where `count` hashes, all of them digests, are what the bytes hold.
bool all_digests(std::string_view hashes, std::uint64_t count) {
  if (hashes.size() % kDigestHashBytes != 0 || hashes.size() / kDigestHashBytes != count) return false;
  for (std::size_t i = 0; i < hashes.size(); i += kDigestHashBytes) {
    if (hashes[i] != 0) return false;
  }
  return true;
}

// The length of the first `count` of some hashes; the reader that is left is bad where they are malformed.
std::size_t skip_hashes(ByteReader& in, std::uint64_t count) {
  const std::size_t before = in.rest().size();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) RevisionHash::skip(in);
  return before - in.rest().size();
}

}  // namespace

std::optional<LinearTree> view_linear(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint64_t branches = in.varint();
  const std::uint8_t flags = in.u8();
  LinearTree tree;
  tree.leaf.generation = in.varint();
  tree.count = in.varint();
  const std::uint64_t parent = in.varint();
  tree.deleted = flags == kDeleted;
  tree.hashes = in.rest();
  if (!in.ok() || branches != 1 || flags > kDeleted || parent != 0) return std::nullopt;
  if (tree.leaf.generation > kMaxStoredGeneration || tree.count == 0 || tree.count > tree.leaf.generation) {
    return std::nullopt;
  }
  tree.leaf.hash = RevisionHash::decode(in);
  if (!in.ok()) return std::nullopt;
  if (all_digests(tree.hashes, tree.count)) return tree;
  skip_hashes(in, tree.count - 1);
  if (!in.done()) return std::nullopt;
  return tree;
}

DroppedAncestors append_child_linear(std::string& out, const LinearTree& tree, const Revision& child,
                                     bool deleted, std::uint64_t keep_ancestors) {
  QUIRE_CHECK(child.generation != 0, "a child without a revision");
  QUIRE_CHECK(tree.count == 0 || child.generation == tree.leaf.generation + 1,
              "a child of another generation");
  const std::uint64_t kept = std::min(tree.count, keep_ancestors);
  std::size_t kept_bytes = tree.hashes.size();
  if (kept < tree.count) {
    ByteReader in(tree.hashes);
    kept_bytes = all_digests(tree.hashes, tree.count) ? kept * kDigestHashBytes : skip_hashes(in, kept);
  }
  put_varint(out, 1);
  put_run(out, deleted ? kDeleted : 0, child.generation, kept + 1, 0);
  child.hash.encode(out);
  out.append(tree.hashes.substr(0, kept_bytes));
  if (kept == tree.count) return {};
  return {tree.count - kept, tree.leaf.generation - kept, tree.hashes.substr(kept_bytes)};
}

}  // namespace quire::document
