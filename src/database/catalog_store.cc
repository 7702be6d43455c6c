#include "database/catalog_store.h"

#include <unordered_set>

#include "database/keys.h"

namespace quire::database {

using storage::Family;

namespace {

template <class Record>
std::string encoded(const Record& record) {
  std::string bytes;
  encode(record, bytes);
  return bytes;
}

Error unknown_key() { return Error(ErrorCode::corrupt, "the catalog holds a key of another kind"); }

Status take(std::string_view key, std::string_view value, CatalogStore::Loaded& all) {
  if (key == keys::kNode) {
    QUIRE_TRY(NodeRecord node, decode_node(value));
    all.node = std::move(node.id);
    return ok();
  }
  const std::string id = keys::database_id(key);
  if (id.empty()) return unknown_key();
  if (key.front() == 'D') {
    QUIRE_TRY(DatabaseRecord database, decode_database(value));
    database.info.id = id;
    all.databases.push_back(std::move(database));
  } else if (key.front() == 'W') {
    QUIRE_TRY(const DueRecord due, decode_due(value));
    all.dues.emplace_back(id, due.due_ms);
  } else {
    return unknown_key();
  }
  return ok();
}

// Two databases of one name would make the second unreachable.
Status check(const CatalogStore::Loaded& all) {
  std::unordered_set<std::string> names;
  for (const DatabaseRecord& database : all.databases) {
    if (database.state == DatabaseState::removing) continue;
    if (!names.insert(database.info.owner + '\0' + database.info.name).second) {
      return Error(ErrorCode::corrupt, "the catalog holds the database '" + database.info.name + "' twice");
    }
  }
  return ok();
}

}  // namespace

Result<std::optional<CatalogStore::Loaded>> CatalogStore::load() {
  auto it = store_->iterate(Family::meta);
  it->seek_to_first();
  QUIRE_TRY_STATUS(it->status());
  if (!it->valid()) return std::optional<Loaded>{};
  if (it->key() != keys::kCatalog) return unknown_key();
  QUIRE_TRY_STATUS(decode_catalog(it->value()));
  Loaded all;
  for (it->next(); it->valid(); it->next()) QUIRE_TRY_STATUS(take(it->key(), it->value(), all));
  QUIRE_TRY_STATUS(it->status());
  QUIRE_TRY_STATUS(check(all));
  return std::optional(std::move(all));
}

Status CatalogStore::begin(const CatalogRecord& catalog, const NodeRecord& node,
                           const std::vector<DatabaseRecord>& databases) {
  auto batch = store_->make_batch();
  batch->put(Family::meta, keys::kCatalog, encoded(catalog));
  batch->put(Family::meta, keys::kNode, encoded(node));
  for (const DatabaseRecord& database : databases) {
    batch->put(Family::meta, keys::database(database.info.id), encoded(database));
  }
  return store_->write(*batch, storage::Sync::disk);
}

Status CatalogStore::put(const NodeRecord& node) {
  auto batch = store_->make_batch();
  batch->put(Family::meta, keys::kNode, encoded(node));
  return store_->write(*batch, storage::Sync::disk);
}

Status CatalogStore::put(const DatabaseRecord& database) {
  auto batch = store_->make_batch();
  batch->put(Family::meta, keys::database(database.info.id), encoded(database));
  return store_->write(*batch, storage::Sync::disk);
}

Status CatalogStore::erase(const std::string& id) {
  auto batch = store_->make_batch();
  batch->erase(Family::meta, keys::database(id));
  batch->erase(Family::meta, keys::due(id));
  return store_->write(*batch, storage::Sync::disk);
}

void CatalogStore::note_due(const std::string& id, std::optional<WallMs> due) {
  auto batch = store_->make_batch();
  if (due) {
    batch->put(Family::meta, keys::due(id), encoded(DueRecord{*due}));
  } else {
    batch->erase(Family::meta, keys::due(id));
  }
  (void)store_->write(*batch, storage::Sync::none);
}

}  // namespace quire::database
