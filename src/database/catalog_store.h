#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "database/catalog_records.h"
#include "storage/open.h"

namespace quire::database {

// The records of a catalog, in the store of their own. Thread-safe.
class CatalogStore {
 public:
  struct Loaded {
    std::vector<DatabaseRecord> databases;  // with their ids
    std::vector<std::pair<std::string, WallMs>> dues;
    std::string node;  // its id; empty, where it has none yet
  };

  explicit CatalogStore(std::unique_ptr<storage::Store> store) : store_(std::move(store)) {}

  // Everything; nullopt where the store is empty. Errors: corrupt, io.
  Result<std::optional<Loaded>> load();
  // The first records of an empty store, in one step.
  Status begin(const CatalogRecord& catalog, const NodeRecord& node,
               const std::vector<DatabaseRecord>& databases);
  Status put(const NodeRecord& node);
  Status put(const DatabaseRecord& database);
  Status erase(const std::string& id);
  // When the database asks for care; none: not at all. Not synced: what a crash loses was due earlier.
  void note_due(const std::string& id, std::optional<WallMs> due);

  storage::Store& store() { return *store_; }

 private:
  std::unique_ptr<storage::Store> store_;
};

}  // namespace quire::database
