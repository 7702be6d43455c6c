#include "database/tombstone.h"

#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "database/records.h"
#include "document/revision_tree.h"

// The sequence stands before the digests, with nothing between, because both differ from record to record:
// one run of bytes that nothing compresses, and all around it is as in the record before.

namespace quire::database {

namespace {

using document::LinearTree;
using document::Revision;
using document::RevisionHash;

constexpr std::size_t kDigestBytes = 16;
constexpr std::size_t kEncodedBytes = kDigestBytes + 1;  // with the 0 before it
constexpr std::string_view kEmptyBody = "{}";

// Flags.
constexpr std::uint8_t kOwnHash = 1;
constexpr std::uint8_t kStub = 2;

Error damaged() { return Error(ErrorCode::corrupt, "a tombstone is malformed"); }

// The revision that Quire gives to the deletion of `parent`.
Revision deletion_of(const Revision& parent) {
  return document::derive_revision(parent, true, kEmptyBody, {});
}

// The only line of a tree of digests; nullopt for any other tree.
std::optional<LinearTree> digests_of(std::string_view tree) {
  auto linear = document::view_linear(tree);
  if (!linear || linear->hashes.size() % kEncodedBytes != 0) return std::nullopt;
  if (linear->hashes.size() / kEncodedBytes != linear->count) return std::nullopt;
  for (std::size_t at = 0; at < linear->hashes.size(); at += kEncodedBytes) {
    if (linear->hashes[at] != 0) return std::nullopt;
  }
  return linear;
}

std::string_view digest_at(const LinearTree& tree, std::uint64_t node) {
  return tree.hashes.substr(node * kEncodedBytes + 1, kDigestBytes);
}

// Whether the leaf need not be stored: it follows from its parent, the digest given.
bool is_derived(const Revision& leaf, std::string_view parent) {
  return deletion_of({leaf.generation - 1, RevisionHash::from_digest(parent)}) == leaf;
}

// The tree of a leaf with the given ancestors, digests newest first.
std::string tree_of(const Revision& leaf, std::string_view ancestors) {
  std::string hashes;
  leaf.hash.encode(hashes);
  for (std::size_t at = 0; at < ancestors.size(); at += kDigestBytes) {
    RevisionHash::from_digest(ancestors.substr(at, kDigestBytes)).encode(hashes);
  }
  const std::uint64_t count = ancestors.size() / kDigestBytes;
  const LinearTree above{.leaf = {leaf.generation - 1, {}},
                         .deleted = false,
                         .count = count,
                         .hashes = std::string_view(hashes).substr(kEncodedBytes)};
  std::string tree;
  document::append_child_linear(tree, above, leaf, true, count);
  return tree;
}

// A tombstone taken apart.
struct Parts {
  Revision leaf;
  bool stub = false;
  Sequence sequence = 0;
  std::string_view ancestors;  // digests, newest first
};

Result<Parts> decode(std::string_view tombstone) {
  ByteReader in(tombstone);
  if (const std::uint8_t version = in.u8(); in.ok() && version != kRecordVersion) {
    return Error(ErrorCode::corrupt, "a tombstone record is of version " + std::to_string(version) +
                                         ", and this program reads version " +
                                         std::to_string(kRecordVersion));
  }
  const std::uint8_t flags = in.u8();
  Parts parts;
  parts.leaf.generation = in.varint();
  parts.stub = (flags & kStub) != 0;
  parts.sequence = in.u64();
  parts.ancestors = in.rest();
  const bool whole = !parts.ancestors.empty() && parts.ancestors.size() % kDigestBytes == 0;
  if (!in.ok() || !whole || flags > (kOwnHash | kStub)) return damaged();
  const bool derived = (flags & kOwnHash) == 0;
  const std::uint64_t nodes = parts.ancestors.size() / kDigestBytes + (derived ? 1 : 0);
  if (parts.leaf.generation > document::kMaxStoredGeneration || nodes > parts.leaf.generation) {
    return damaged();
  }
  const std::string_view newest = parts.ancestors.substr(0, kDigestBytes);
  if (derived) {
    parts.leaf = deletion_of({parts.leaf.generation - 1, RevisionHash::from_digest(newest)});
    return parts;
  }
  parts.leaf.hash = RevisionHash::from_digest(newest);
  parts.ancestors.remove_prefix(kDigestBytes);
  // What could have been left out must have been.
  const bool padded =
      !parts.ancestors.empty() && is_derived(parts.leaf, parts.ancestors.substr(0, kDigestBytes));
  if (padded) return damaged();
  return parts;
}

}  // namespace

bool to_tombstone(std::string_view head_record, std::string& out) {
  const auto head = decode_head(head_record);
  if (!head || !head->deleted || head->chunked != 0 || !head->attachments.empty()) return false;
  if (head->body != (head->stub ? std::string_view() : kEmptyBody)) return false;
  const auto tree = digests_of(head->tree);
  if (!tree || !tree->deleted) return false;
  const bool derived = tree->count > 1 && is_derived(tree->leaf, digest_at(*tree, 1));
  out.reserve(out.size() + 20 + tree->count * kDigestBytes);
  put_u8(out, kRecordVersion);
  put_u8(out, static_cast<std::uint8_t>((derived ? 0 : kOwnHash) | (head->stub ? kStub : 0)));
  put_varint(out, tree->leaf.generation);
  put_u64(out, head->sequence);
  for (std::uint64_t node = derived ? 1 : 0; node < tree->count; ++node) out.append(digest_at(*tree, node));
  return true;
}

Result<TombstoneView> view_tombstone(std::string_view tombstone) {
  QUIRE_TRY(Parts parts, decode(tombstone));
  return TombstoneView{std::move(parts.leaf), parts.sequence};
}

Result<std::string> head_of_tombstone(std::string_view tombstone) {
  QUIRE_TRY(const Parts parts, decode(tombstone));
  const std::string tree = tree_of(parts.leaf, parts.ancestors);
  std::string head;
  encode(HeadRecord{.deleted = true,
                    .stub = parts.stub,
                    .sequence = parts.sequence,
                    .chunked = 0,
                    .tree = tree,
                    .attachments = {},
                    .body = parts.stub ? std::string_view() : kEmptyBody},
         head);
  return head;
}

void set_tombstone_sequence(std::string& tombstone, Sequence sequence) {
  ByteReader in(tombstone);
  in.u8();
  in.u8();
  in.varint();
  const std::size_t at = tombstone.size() - in.rest().size();
  QUIRE_CHECK(in.ok() && in.rest().size() >= 8, "a tombstone too short for its sequence");
  store_u64(tombstone.data() + at, sequence);
}

}  // namespace quire::database
