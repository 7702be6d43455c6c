#include "database/index_check.h"

#include <algorithm>
#include <vector>

namespace quire::database {

namespace {

// What is found of one index.
struct Looked {
  ViewIndex index;
  std::uint64_t present = 0;  // entries that documents ask for and that are there
  std::uint64_t missing = 0;
  std::uint64_t refused = 0;  // documents that cannot stand in it
  bool by_array = false;      // some document has keys by way of one
};

Status look_at(ReadView& view, std::string_view id, std::string_view body, IndexKeys& keys, Looked& looked) {
  keys.clear();
  if (!looked.index.hook->keys_of(id, body, keys)) {
    ++looked.refused;
    return ok();
  }
  looked.by_array = looked.by_array || keys.multikey;
  std::sort(keys.keys.begin(), keys.keys.end());
  keys.keys.erase(std::unique(keys.keys.begin(), keys.keys.end()), keys.keys.end());
  for (const std::string& key : keys.keys) {
    QUIRE_TRY(const bool there, view.has_entry(looked.index.id, key, id));
    ++(there ? looked.present : looked.missing);
  }
  return ok();
}

struct Entries {
  std::uint64_t count = 0;
  std::uint64_t twins = 0;  // under the key of the one before
};

Result<Entries> count_entries(ReadView& view, std::uint32_t index) {
  Entries entries;
  std::string last;
  const auto cursor = view.entries(index, {});
  for (;;) {
    QUIRE_TRY(const bool more, cursor->advance());
    if (!more) return entries;
    if (entries.count++ > 0 && cursor->key() == last) ++entries.twins;
    last = cursor->key();
  }
}

void tell(const CollectionInfo& collection, const Looked& looked, const Entries& entries,
          const std::function<void(const std::string&)>& damaged) {
  const std::string name = looked.index.hook->name();
  const std::string which = "the index " +
                            (name.empty() ? std::to_string(looked.index.id) : "'" + name + "'") +
                            " of the collection '" + collection.name + "' ";
  const std::uint64_t strangers = entries.count - std::min(entries.count, looked.present);
  if (looked.missing != 0)
    damaged(which + "lacks entries of its documents: " + std::to_string(looked.missing));
  if (strangers != 0) damaged(which + "has entries that no document asks for: " + std::to_string(strangers));
  if (looked.refused != 0)
    damaged(which + "cannot hold documents that are there: " + std::to_string(looked.refused));
  if (looked.index.hook->unique() && entries.twins != 0)
    damaged(which + "is unique, and has entries under the key of another: " + std::to_string(entries.twins));
  if (looked.by_array && !looked.index.multikey)
    damaged(which + "does not say that it holds elements of arrays");
}

Status check_collection(ReadView& view, const CollectionInfo& collection,
                        const std::function<void(const std::string&)>& damaged) {
  std::vector<Looked> all;
  for (ViewIndex& index : view.indexes(collection.id)) all.push_back({.index = std::move(index)});
  if (all.empty()) return ok();
  IndexKeys keys;
  const auto documents = view.documents(collection.id, {});
  for (;;) {
    QUIRE_TRY(const bool more, documents->advance());
    if (!more) break;
    for (Looked& one : all) QUIRE_TRY_STATUS(look_at(view, documents->id(), documents->body(), keys, one));
  }
  for (const Looked& one : all) {
    QUIRE_TRY(const Entries entries, count_entries(view, one.index.id));
    tell(collection, one, entries, damaged);
  }
  return ok();
}

}  // namespace

Status check_indexes(Shard& shard, const std::function<void(const std::string&)>& damaged) {
  QUIRE_TRY(const auto view, shard.view());
  for (const CollectionInfo& collection : shard.collections().list())
    QUIRE_TRY_STATUS(check_collection(*view, collection, damaged));
  return ok();
}

}  // namespace quire::database
