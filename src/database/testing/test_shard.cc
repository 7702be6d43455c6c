#include "database/testing/test_shard.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "database/keys.h"
#include "database/records.h"
#include "document/revision_tree.h"

namespace quire::database::testing {

namespace {

class MemberIndex final : public IndexHook {
 public:
  MemberIndex(const std::string& member, bool unique) : opening_("\"" + member + "\":\""), unique_(unique) {}

  // Test documents hold no escapes and no such text below the top level.
  Status keys_of(std::string_view, std::string_view body, IndexKeys& found) const override {
    const auto at = body.find(opening_);
    if (at == std::string_view::npos) return ok();
    const auto from = at + opening_.size();
    found.keys.push_back(MemberIndexes::key_of(body.substr(from, body.find('"', from) - from)));
    return ok();
  }
  bool unique() const override { return unique_; }

 private:
  std::string opening_;
  bool unique_;
};

}  // namespace

std::string MemberIndexes::key_of(std::string_view value) {
  std::string key(value);
  key.push_back('\0');
  return key;
}

Result<std::unique_ptr<IndexHook>> MemberIndexes::make(std::string_view definition) const {
  const bool unique = definition.starts_with("unique ");
  if (unique) definition.remove_prefix(7);
  if (definition.empty()) return Error(ErrorCode::invalid, "a member index needs a member");
  return std::make_unique<MemberIndex>(std::string(definition), unique);
}

std::unique_ptr<Shard> ShardWorld::open(std::unique_ptr<storage::Store> store,
                                        const ShardSettings& settings) {
  auto shard = Shard::open(std::move(store), environment(), settings);
  QUIRE_CHECK(shard.has_value(), "a test's shard did not open");
  return std::move(*shard);
}

std::unique_ptr<Shard> ShardWorld::in_memory(const ShardSettings& settings) {
  return open(storage::make_map_store(), settings);
}

std::unique_ptr<Shard> ShardWorld::on_disk(const std::string& directory, const ShardSettings& settings) {
  auto store = storage::open(directory, {});
  QUIRE_CHECK(store.has_value(), "a test's store did not open");
  return open(std::move(*store), settings);
}

namespace {

// Walks a shard once and notes what does not fit.
class Audit {
 public:
  explicit Audit(Shard& shard) : shard_(shard) {}

  std::vector<std::string> run(const std::vector<std::uint32_t>& indexes) {
    for (const CollectionInfo& collection : shard_.collections().list()) audit(collection);
    audit_history();
    const std::vector<IndexInfo> all = shard_.indexes();
    for (const IndexInfo& index : all) audit_index(index);
    for (const std::uint32_t wanted : indexes) {
      const auto is_it = [&](const IndexInfo& index) { return index.id == wanted; };
      if (std::none_of(all.begin(), all.end(), is_it))
        note("index " + std::to_string(wanted) + " is not there");
    }
    return std::move(lines_);
  }

 private:
  // The last change of a document, and its winner then.
  struct Last {
    Sequence sequence = 0;
    document::Revision winner;
    std::string to_string() const { return std::to_string(sequence) + " " + winner.to_string(); }
    friend bool operator==(const Last&, const Last&) = default;
  };

  void note(const std::string& line) { lines_.push_back(line); }

  void audit(const CollectionInfo& collection) {
    Counts counts;
    const Status listed = shard_.list(
        collection.id, {.include_deleted = true}, {}, [&](std::string_view id, const StoredDocument& head) {
          // A trimmed tombstone has no entry in the history any more.
          if (!head.deleted || !head.body.empty())
            heads_[{collection.id, std::string(id)}] = {head.sequence, head.revision};
          (head.deleted ? counts.deleted : counts.documents) += 1;
          if (!head.deleted) counts.bytes += head.body.size();
          audit(collection.id, std::string(id), head);
          return true;
        });
    if (!listed) note(listed.error().to_string());
    counts.edge = collection.counts.edge;  // of what is gone nothing can be recomputed
    if (counts != collection.counts) {
      note("collection " + collection.name + ": counted " + std::to_string(counts.documents) + "/" +
           std::to_string(counts.deleted) + "/" + std::to_string(counts.bytes) + ", kept " +
           std::to_string(collection.counts.documents) + "/" + std::to_string(collection.counts.deleted) +
           "/" + std::to_string(collection.counts.bytes));
    }
  }

  void audit(CollectionId collection, const std::string& id, const StoredDocument& head) {
    const auto encoded = shard_.tree(collection, id);
    if (!encoded) return note(id + ": " + encoded.error().to_string());
    const auto tree = document::RevisionTree::decode(*encoded);
    if (!tree) return note(id + ": " + tree.error().to_string());
    const auto winner = tree->winner();
    if (!winner || winner->revision != head.revision || winner->deleted != head.deleted) {
      note(id + ": the head is not the tree's winner");
    }
    for (const document::Leaf& leaf : tree->leaves()) {
      const auto text = shard_.get(collection, id, {.revision = leaf.revision});
      if (!text) {
        note(id + ": leaf " + leaf.revision.to_string() + ": " + text.error().to_string());
      } else if (text->deleted != leaf.deleted) {
        note(id + ": leaf " + leaf.revision.to_string() + " is deleted in one place only");
      }
    }
  }

  // Every head is named by the history's entry of its sequence, and the current entries are exactly those.
  void audit_history() {
    std::map<std::pair<CollectionId, std::string>, Last> current;
    const auto cursor = shard_.history({.current_only = true});
    Sequence last = 0;
    while (true) {
      const auto entry = cursor->next();
      if (!entry) return note(entry.error().to_string());
      if (!*entry) break;
      const auto& [sequence, change] = **entry;
      if (sequence <= last) note("the history goes back at " + std::to_string(sequence));
      last = sequence;
      if (change.operation == Operation::create_collection || change.operation == Operation::drop_collection)
        continue;
      if (!shard_.collections().find(change.collection)) continue;
      const auto [at, fresh] = current.try_emplace({change.collection, std::string(change.id)},
                                                   Last{sequence, change.winner.value_or(change.revision)});
      if (!fresh) note(std::string(change.id) + " stands twice in the current history");
    }
    for (const auto& [key, last_change] : heads_) {
      const auto found = current.find(key);
      if (found == current.end()) {
        note(key.second + ": no current entry of the history names it");
      } else if (found->second != last_change) {
        note(key.second + ": its head says " + last_change.to_string() + ", the history " +
             found->second.to_string());
      }
    }
    if (current.size() != heads_.size()) note("the history names documents that are not there");
  }

  void audit_index(const IndexInfo& index) {
    const std::string name = "index " + std::to_string(index.id);
    std::map<std::pair<std::string, std::string>, bool> wanted;
    bool multikey = false;
    const Status listed =
        shard_.list(index.collection, {}, {}, [&](std::string_view id, const StoredDocument& document) {
          IndexKeys found;
          const Status keyed = index.hook->keys_of(id, document.body, found);
          if (!keyed && index.state == IndexState::ready) note(name + ": " + keyed.error().to_string());
          if (index.state == IndexState::failed || !keyed) return true;
          for (const auto& key : found.keys) wanted[{key, std::string(id)}] = false;
          multikey = multikey || found.multikey;
          return true;
        });
    if (!listed) note(listed.error().to_string());
    if (multikey && !index.multikey && index.state == IndexState::ready)
      note(name + " is not marked multikey");
    std::string last_key;
    std::string last_id;
    const Status scanned =
        shard_.scan_index(index.id, "", "", [&](std::string_view key, std::string_view id) {
          if (index.hook->unique() && index.state == IndexState::ready && key == last_key && !last_id.empty())
            note(name + " is unique, and " + last_id + " and " + std::string(id) + " have one key");
          last_key = key;
          last_id = id;
          const auto at = wanted.find({std::string(key), std::string(id)});
          if (at == wanted.end()) {
            note(name + " has an entry of " + std::string(id) + " that no document has");
          } else {
            at->second = true;
          }
          return true;
        });
    if (!scanned) note(scanned.error().to_string());
    if (index.state == IndexState::building) return;  // what is there has to be right, but need not be all
    for (const auto& [entry, seen] : wanted) {
      if (!seen) note(name + " has no entry of " + entry.second);
    }
  }

  Shard& shard_;
  std::vector<std::string> lines_;
  std::map<std::pair<CollectionId, std::string>, Last> heads_;
};

}  // namespace

std::vector<std::string> disagreements(Shard& shard, const std::vector<std::uint32_t>& indexes) {
  return Audit(shard).run(indexes);
}

}  // namespace quire::database::testing
