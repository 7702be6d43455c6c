#include "state_check.h"

#include <algorithm>
#include <random>

#include "base/hash.h"
#include "database/blob_store.h"
#include "database/testing/test_shard.h"
#include "document/revision_tree.h"
#include "workload.h"

namespace quire::crash {

using database::Sequence;
using database::StoredDocument;
using document::Revision;

void StateCheck::run() {
  if (history_.knows_all()) {
    check_collections();
    for (const auto& [collection, name] : history_.model().collections()) check_documents(collection);
  }
  check_indexes();
  check_feeds();
}

void StateCheck::check_collections() {
  const auto& wanted = history_.model().collections();
  const auto there = shard_.collections().list();
  for (const auto& info : there) {
    const auto found = wanted.find(info.id);
    if (found == wanted.end() || found->second != info.name)
      wrong("collection " + info.name + " is there, and the history does not make it");
  }
  if (there.size() != wanted.size()) {
    wrong(std::to_string(there.size()) + " collections are there, the history makes " +
          std::to_string(wanted.size()));
  }
}

// --- documents

void StateCheck::check_documents(database::CollectionId collection) {
  const auto& documents = history_.model().documents();
  auto next = documents.lower_bound({collection, std::string()});
  const auto listed = shard_.list(
      collection, {.include_deleted = true}, {}, [&](std::string_view id, const StoredDocument& head) {
        for (; next != documents.end() && next->first.first == collection && next->first.second < id; ++next)
          wrong(next->first.second + " is not there");
        if (next == documents.end() || next->first != Model::Key{collection, std::string(id)}) {
          wrong(std::string(id) + " is there, and no change made it");
        } else {
          check_document(next->first, head);
          ++next;
        }
        return true;
      });
  if (!listed) wrong("a list failed: " + listed.error().to_string());
  for (; next != documents.end() && next->first.first == collection; ++next)
    wrong(next->first.second + " is not there");
}

void StateCheck::check_document(const Model::Key& key, const StoredDocument& head) {
  const ModelDocument& wanted = history_.model().documents().at(key);
  const Revision winner = *wanted.winner();
  if (head.revision != winner)
    wrong(key.second + " is at " + head.revision.to_string() + ", not at " + winner.to_string());
  if (head.sequence != history_.model().last_of(key)) {
    wrong(key.second + " names change " + std::to_string(head.sequence) + ", its last is " +
          std::to_string(history_.model().last_of(key)));
  }
  check_tree(key, wanted);
  check_texts(key, wanted);
}

// The leaves are those of the model; of ancestors the oldest may be forgotten.
void StateCheck::check_tree(const Model::Key& key, const ModelDocument& wanted) {
  const auto encoded = shard_.tree(key.first, key.second);
  if (!encoded) return wrong(key.second + ": " + encoded.error().to_string());
  const auto tree = document::RevisionTree::decode(*encoded);
  if (!tree) return wrong(key.second + ": " + tree.error().to_string());
  const auto leaves = tree->leaves();
  if (leaves.size() != wanted.leaves().size()) {
    wrong(key.second + " has " + std::to_string(leaves.size()) + " leaves, not " +
          std::to_string(wanted.leaves().size()));
  }
  const auto settings = shard_.collections().settings(key.first);
  const std::uint64_t limit = settings ? settings->revision_limit : 0;
  for (const auto& leaf : leaves) {
    if (!wanted.leaves().contains(leaf.revision)) {
      wrong(key.second + " has a leaf " + leaf.revision.to_string() + " that no change made");
      continue;
    }
    const auto known = tree->path(leaf.revision);
    const auto whole = wanted.path(leaf.revision);
    const bool right = known.size() <= whole.size() &&
                       known.size() >= std::min<std::size_t>(limit, whole.size()) &&
                       std::equal(known.begin(), known.end(), whole.begin());
    if (!right) wrong(key.second + ": the ancestors of " + leaf.revision.to_string() + " are others");
  }
}

// All leaves have their text; a replaced one that is still there is what it was.
void StateCheck::check_texts(const Model::Key& key, const ModelDocument& wanted) {
  for (const auto& [revision, text] : wanted.texts()) {
    const std::string place = key.second + " " + revision.to_string();
    const auto stored = shard_.get(key.first, key.second, {.revision = revision});
    if (stored) {
      check_text(place, *stored, text);
    } else if (stored.error().code() != ErrorCode::not_found || wanted.leaves().contains(revision)) {
      wrong(place + ": " + stored.error().to_string());
    }
  }
}

void StateCheck::check_text(const std::string& place, const StoredDocument& text,
                            const ModelDocument::Text& wanted) {
  if (text.deleted != wanted.deleted || text.body != wanted.body) wrong(place + " has another text");
  std::vector<database::Attachment> attachments;
  if (!text.attachments.empty()) {
    auto decoded = database::decode_attachments(text.attachments);
    if (!decoded) return wrong(place + ": " + decoded.error().to_string());
    attachments = std::move(*decoded);
  }
  if (attachments != wanted.attachments) wrong(place + " has other attachments");
  for (const auto& attachment : attachments) check_blob(place, attachment);
}

void StateCheck::check_blob(const std::string& place, const database::Attachment& attachment) {
  if (whole_blobs_.contains(attachment.digest)) return;
  std::string bytes;
  Blake2b hash(32);
  const auto read = shard_.blobs().read(attachment.digest, 0, attachment.length, [&](std::string_view piece) {
    bytes.append(piece);
    hash.update(piece);
    return true;
  });
  std::string digest(32, '\0');
  hash.finish(digest.data());
  if (!read) return wrong(place + ", attachment " + attachment.name + ": " + read.error().to_string());
  if (bytes != attachment_content(attachment) || digest != attachment.digest)
    return wrong(place + ", attachment " + attachment.name + ": its bytes are others");
  whole_blobs_.insert(attachment.digest);
}

// --- what is derived

void StateCheck::check_indexes() {
  const auto indexes = stored_indexes(shard_);
  if (!indexes) return wrong(indexes.error().to_string());
  std::vector<std::uint32_t> numbers;
  for (const auto& [number, index] : *indexes) {
    numbers.push_back(number);
    if (const auto built = shard_.wait_for_index(number); !built) wrong(built.error().to_string());
    if (index.definition.starts_with("unique ")) check_unique(number);
  }
  for (const auto& line : database::testing::disagreements(shard_, numbers)) wrong(line);
}

void StateCheck::check_unique(std::uint32_t index) {
  std::string last;
  std::string last_id;
  const auto scanned = shard_.scan_index(index, "", "", [&](std::string_view key, std::string_view id) {
    if (key == last) wrong(last_id + " and " + std::string(id) + " have one key of a unique index");
    last = key;
    last_id = id;
    return true;
  });
  if (!scanned) wrong("a unique index cannot be read: " + scanned.error().to_string());
}

void StateCheck::check_feeds() {
  std::mt19937_64 dice(seed_);
  std::set<Sequence> positions{0, history_.last(), record_.last_sighting()};
  for (int i = 0; i < 4 && history_.last() > 0; ++i) positions.insert(dice() % history_.last());
  for (const Round& round : record_.rounds) {
    if (round.checked) positions.insert(*round.checked);
  }
  for (const Sequence since : positions) {
    if (since <= history_.last()) check_feed(since);
  }
}

void StateCheck::check_feed(Sequence since) {
  const auto cursor = shard_.history({.since = since});
  const std::string place = "the feed since " + std::to_string(since);
  const auto end = history_.changes().end();
  for (auto wanted = history_.changes().begin() + static_cast<std::ptrdiff_t>(since);; ++wanted) {
    while (wanted != end && wanted->trimmed) ++wanted;
    const auto entry = cursor->next();
    if (!entry) return report_.add("feed", place + ": " + entry.error().to_string());
    if (wanted == end && !*entry) return;
    const bool same = wanted != end && *entry && (*entry)->first == wanted->sequence &&
                      (*entry)->second.id == wanted->id &&
                      (*entry)->second.revision == wanted->entry.revision;
    if (same) continue;
    const std::string found = *entry ? std::to_string((*entry)->first) : "its end";
    return report_.add("feed", place + " has " + found + " where another change should stand");
  }
}

}  // namespace quire::crash
