#include "database/stored_tree.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "database/keys.h"
#include "database/tuning.h"

namespace quire::database {

namespace {

using document::Revision;
using document::RevisionHash;
using document::RevisionTree;

// Shows `visit` the chunks of a document, oldest first, each with the generation of its oldest hash, until it
// answers false.
template <class Visit>
Status each_chunk(storage::Store& store, CollectionId collection, std::string_view id,
                  const storage::Snapshot* snapshot, Visit visit) {
  const std::string prefix = keys::ancestors_of(collection, id);
  auto it = store.iterate(storage::Family::documents,
                          {.snapshot = snapshot, .upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    if (it->key().size() != prefix.size() + 8)
      return Error(ErrorCode::corrupt, "an ancestor's key has another length");
    QUIRE_TRY(const AncestorChunk record, decode_ancestors(it->value()));
    if (!visit(load_u64(it->key().data() + prefix.size()), record)) return ok();
  }
  return it->status();
}

void put_chunk(PreparedChange& change, std::string_view id, std::uint64_t oldest,
               const AncestorChunk& chunk) {
  std::string value;
  encode(chunk, value);
  change.puts.push_back(
      {storage::Family::documents, keys::ancestors(change.collection, id, oldest), std::move(value)});
}

void erase_chunk(PreparedChange& change, std::string_view id, std::uint64_t oldest) {
  change.erases.push_back({storage::Family::documents, keys::ancestors(change.collection, id, oldest)});
}

// Takes the chunks that stood there before, but for those that were put in their place.
Status erase_old_chunks(storage::Store& store, std::uint64_t chunked_before, std::string_view id,
                        PreparedChange& change, const std::set<std::uint64_t>& put) {
  if (chunked_before == 0) return ok();
  return each_chunk(store, change.collection, id, nullptr, [&](std::uint64_t oldest, const AncestorChunk&) {
    if (!put.contains(oldest)) erase_chunk(change, id, oldest);
    return true;
  });
}

// Lets the oldest chunks go that lie wholly past the limit.
Status stem_chunks(storage::Store& store, std::uint64_t leaf_generation, std::uint64_t revision_limit,
                   std::string_view id, PreparedChange& change, std::uint64_t& chunked) {
  const auto stem = [&](std::uint64_t oldest, const AncestorChunk& chunk) {
    const bool past = oldest + chunk.count + revision_limit <= leaf_generation + 1;
    if (!past || chunk.count > chunked) return false;
    erase_chunk(change, id, oldest);
    chunked -= chunk.count;
    return true;
  };
  return each_chunk(store, change.collection, id, nullptr, stem);
}

}  // namespace

Result<RevisionTree> load_tree(storage::Store& store, CollectionId collection, std::string_view id,
                               const HeadRecord& head, const storage::Snapshot* snapshot) {
  QUIRE_TRY(RevisionTree tree, RevisionTree::decode(head.tree));
  if (head.chunked == 0) return tree;
  std::vector<std::pair<std::uint64_t, std::string>> chunks;  // how many, and their hashes; oldest first
  QUIRE_TRY_STATUS(
      each_chunk(store, collection, id, snapshot, [&](std::uint64_t, const AncestorChunk& chunk) {
        chunks.emplace_back(chunk.count, chunk.hashes);
        return true;
      }));
  const auto leaf = tree.winner();
  if (!leaf) return Error(ErrorCode::corrupt, "a document's tree has no leaf");
  std::vector<Revision> path = tree.path(leaf->revision);
  for (auto chunk = chunks.rbegin(); chunk != chunks.rend(); ++chunk) {
    ByteReader in(chunk->second);
    for (std::uint64_t i = 0; i < chunk->first; ++i) {
      if (path.back().generation <= 1)
        return Error(ErrorCode::corrupt, "a document has more ancestors than generations");
      path.push_back({path.back().generation - 1, RevisionHash::decode(in)});
    }
  }
  RevisionTree whole;
  whole.merge(path, leaf->deleted);
  return whole;
}

Result<StoredTree> extend_linear(storage::Store& store, const document::LinearTree& linear,
                                 std::uint64_t chunked, const Revision& child, bool deleted,
                                 std::uint64_t revision_limit, std::string_view id, PreparedChange& change) {
  StoredTree stored;
  stored.chunked = chunked;
  const std::uint64_t ancestors = linear.count;  // of the child, in the head
  const bool short_history = revision_limit <= tuning::kHeadAncestors + tuning::kChunkRevisions;
  std::uint64_t keep = ancestors;
  if (short_history) {
    keep = std::min<std::uint64_t>(ancestors, revision_limit - 1);
  } else if (ancestors >= tuning::kHeadAncestors + tuning::kChunkRevisions) {
    keep = tuning::kHeadAncestors;
  }
  const auto dropped = document::append_child_linear(stored.tree, linear, child, deleted, keep);
  if (dropped.count == 0 || short_history) return stored;
  put_chunk(change, id, dropped.newest_generation - dropped.count + 1, {dropped.count, dropped.hashes});
  stored.chunked += dropped.count;
  if (stored.chunked + keep > revision_limit) {
    QUIRE_TRY_STATUS(stem_chunks(store, child.generation, revision_limit, id, change, stored.chunked));
  }
  return stored;
}

Result<StoredTree> store_tree(storage::Store& store, RevisionTree tree, std::uint64_t chunked_before,
                              std::uint64_t revision_limit, std::string_view id, PreparedChange& change) {
  tree.stem(revision_limit);
  StoredTree stored;
  const std::vector<document::Leaf> leaves = tree.leaves();
  constexpr std::size_t kMost = 1 + tuning::kHeadAncestors + tuning::kChunkRevisions;
  std::vector<Revision> path =
      leaves.size() == 1 ? tree.path(leaves.front().revision) : std::vector<Revision>{};
  const bool linear = path.size() == tree.node_count();
  if (!linear || path.size() <= kMost) {
    tree.encode(stored.tree);
    QUIRE_TRY_STATUS(erase_old_chunks(store, chunked_before, id, change, {}));
    return stored;
  }
  RevisionTree recent;
  recent.merge({path.begin(), path.begin() + 1 + tuning::kHeadAncestors}, leaves.front().deleted);
  recent.encode(stored.tree);
  std::set<std::uint64_t> put;
  for (std::size_t from = 1 + tuning::kHeadAncestors; from < path.size(); from += tuning::kChunkRevisions) {
    const std::size_t to = std::min(path.size(), from + tuning::kChunkRevisions);
    std::string hashes;
    for (std::size_t i = from; i < to; ++i) path[i].hash.encode(hashes);
    put_chunk(change, id, path[to - 1].generation, {to - from, hashes});
    put.insert(path[to - 1].generation);
    stored.chunked += to - from;
  }
  QUIRE_TRY_STATUS(erase_old_chunks(store, chunked_before, id, change, put));
  return stored;
}

}  // namespace quire::database
