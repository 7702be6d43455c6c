#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/shard.h"

namespace quire::database {

struct DatabaseInfo {
  std::string id;  // stable: 16 hexadecimal digits, names its folder
  std::string name;
  std::string owner;  // empty: the server's own
  WallMs created_ms = 0;
  ShardSettings settings;
};

// Of the settings, with the default in its place.
std::uint64_t revision_limit_of(const ShardSettings& settings);

struct CatalogOptions {
  storage::Medium medium = storage::Medium::disk;
  bool create = true;                         // false: not_found where there is no data directory
  std::uint64_t memory_bytes = 256ULL << 20;  // of all open shards together, caches included
  // Of memory_bytes, for documents in parsed-out form, half of it at most; 0: a quarter.
  std::uint64_t document_cache_bytes = 0;
  std::chrono::milliseconds idle_close{60'000};
  std::vector<const IndexHookFactory*> index_kinds;
  std::vector<const DocumentRuleFactory*> rule_kinds;
};

// Whether a text could be a database's id: 16 hexadecimal digits, small ones. No new database's name is such.
bool is_database_id(std::string_view text);

// What every catalog asks of settings. Errors: invalid, too_large.
Status check_settings(const ShardSettings& settings);

// The databases of one data directory. One process owns the directory; a second gets `locked`. Databases open
// with use and close when idle; what a closed one owes (trimming, sweeping) is noted here, and a scheduler
// opens it when that is due. Thread-safe. Everything given to open() outlives it.
class Catalog {
 public:
  static Result<std::unique_ptr<Catalog>> open(const std::string& directory, const CatalogOptions& options,
                                               const Clock& clock, Random& random, Executor& executor);
  // Waits for shards in use to be let go, then closes all.
  virtual ~Catalog() = default;

  // "main" exists from the start. Errors: exists, invalid, too_large.
  virtual Result<DatabaseInfo> create(std::string_view name, std::string_view owner = {},
                                      const ShardSettings& settings = {}) = 0;
  // The database in which a layer of the server keeps records of its own, made where it is not there yet. Its
  // name begins with '_', so that create() never makes it; it has no owner and stands in list(): whoever
  // shows databases to others leaves such out. Errors: invalid.
  virtual Result<DatabaseInfo> reserved(std::string_view name, const ShardSettings& settings = {}) = 0;
  virtual Result<DatabaseInfo> find(std::string_view name, std::string_view owner = {}) = 0;
  // Looks in memory alone. Errors: not_found.
  virtual Result<DatabaseInfo> find_id(const std::string& id) = 0;
  virtual std::vector<DatabaseInfo> list() = 0;
  // By name; looks at no others.
  virtual std::vector<DatabaseInfo> owned_by(std::string_view owner) = 0;
  virtual std::size_t count_owned_by(std::string_view owner) = 0;
  // Changes the settings by `change`, which sees those of now and must not call back, and answers the
  // database as it is then: durably, and at once where it is open. Errors: invalid, too_large.
  virtual Result<DatabaseInfo> change_settings(const std::string& id,
                                               const std::function<void(ShardSettings&)>& change) = 0;
  // 32 hexadecimal digits that name this node: drawn when its data directory was made, and never changed. A
  // backup and what is restored from it have the same: a restored directory stands for the one that was lost.
  virtual std::string node_id() const = 0;
  // Begins to compact a database (Shard::compact()) and returns; once is enough, where it is under way.
  // What a stop interrupts is not taken up again. Errors: not_found.
  virtual Status compact(const std::string& id) = 0;
  virtual bool compacting(const std::string& id) const = 0;
  // Removes the database and its files; waits for those who use it.
  virtual Status remove(const std::string& id) = 0;

  // The open shard of a database, opened if need be; while the pointer lives it is not closed. One that
  // failed a write is closed and reopened from disk as soon as nobody holds it; until then this answers
  // unavailable.
  virtual Result<std::shared_ptr<Shard>> use(const std::string& id) = 0;

  // A consistent copy of everything into a directory that must not exist; and of such a copy, a fresh data
  // directory.
  virtual Status backup(const std::string& directory) = 0;
  static Status restore(const std::string& backup_directory, const std::string& data_directory);
  // Reads every block of every file of all databases; a line a finding.
  virtual Status verify(const std::function<void(const std::string&)>& damaged) = 0;

  virtual std::uint64_t memory_used() const = 0;
  virtual std::size_t open_databases() const = 0;
  // As many stay open as fit in the budget: where one more is opened, the longest unused is closed first.
  // Only those that somebody has make them more.
  virtual std::size_t most_open_databases() const = 0;
  // Of the memory in use, the cache of documents.
  virtual std::uint64_t document_cache_used() const = 0;
  // How often that cache was asked, and had the document or not, since the start.
  virtual DocumentCache::Looks document_cache_looks() const = 0;
  // Shows each database that is open now, held open meanwhile; that is no use of it.
  virtual void each_open(const std::function<void(const DatabaseInfo&, Shard&)>& visit) = 0;
};

}  // namespace quire::database
