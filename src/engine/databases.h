#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "database/catalog.h"
#include "engine/address.h"

namespace quire::engine {

// From a database's name to its open shard. Remembers which id a name stands for, since every call asks.
// Thread-safe; the catalog outlives it.
class Databases {
 public:
  explicit Databases(database::Catalog& catalog) : catalog_(catalog) {}

  // Opened if need be; it stays open while the pointer lives. Errors: not_found (field "database"),
  // unavailable, and what opening meets.
  Result<std::shared_ptr<database::Shard>> use(const DatabaseAddress& address);
  // The id that the name stands for.
  Result<std::string> id_of(const DatabaseAddress& address);
  void forget(const DatabaseAddress& address);

  database::Catalog& catalog() { return catalog_; }

 private:
  Result<std::string> look_up(const DatabaseAddress& address);

  database::Catalog& catalog_;
  std::shared_mutex mutex_;
  std::map<std::string, std::string, std::less<>> server_ids_;  // by name, where no owner; guarded by mutex_
};

// The collection of this name. Errors: not_found (field "collection").
Result<database::CollectionInfo> find_collection(const database::Shard& shard, std::string_view name);

}  // namespace quire::engine
