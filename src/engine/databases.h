#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/executor.h"
#include "database/catalog.h"
#include "engine/address.h"

namespace quire::engine {

// A database's id, without an allocation.
class DatabaseId {
 public:
  explicit DatabaseId(std::string_view text) { text.copy(text_.data(), text_.size()); }
  std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 16> text_{};
};

// What the server keeps for itself, and no door shows.
bool is_hidden(std::string_view name, std::string_view owner);
Error no_database();

// From a database's name to its open shard. Every call asks, so that names and shards that were asked for
// lately are kept at hand, as many as the catalog can spare; a shard that nobody asked for during
// kShardAtHandMs is let go, and the catalog may close it. Thread-safe. The catalog outlives it; the executor
// outlives what it is still to run.
class Databases {
 public:
  Databases(database::Catalog& catalog, Executor& executor);

  // Opened if need be; it stays open while the pointer lives. Errors: not_found (field "database"),
  // unavailable, and what opening meets.
  Result<std::shared_ptr<database::Shard>> use(const DatabaseAddress& address);
  // The same without waiting: only of shards that are at hand. Errors: unavailable (needs_disk()).
  Result<std::shared_ptr<database::Shard>> use_at_hand(const DatabaseAddress& address);
  // From memory. Errors: not_found (field "database").
  Result<DatabaseId> id_of(const DatabaseAddress& address);
  // Removes a database with its files, once nobody uses it; nobody begins to meanwhile. Errors: not_found,
  // io.
  Status remove(const DatabaseAddress& address);

  database::Catalog& catalog() { return catalog_; }

 private:
  class AtHand;

  database::Catalog& catalog_;
  const std::shared_ptr<AtHand> at_hand_;
};

// The collection of this name. Errors: not_found (field "collection").
Result<database::CollectionInfo> find_collection(const database::Shard& shard, std::string_view name);

}  // namespace quire::engine
