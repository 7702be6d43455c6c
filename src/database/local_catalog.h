#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "database/catalog.h"
#include "database/catalog_store.h"
#include "database/data_directory.h"
#include "database/document_cache.h"
#include "database/open_database.h"
#include "database/scheduler.h"
#include "database/task_gate.h"
#include "storage/open.h"

namespace quire::database {

// The catalog of catalog.h over one directory. Its records are all in memory, in step with the store.
class LocalCatalog final : public Catalog {
 public:
  LocalCatalog(const std::string& directory, CatalogOptions options, const Clock& clock, Random& random,
               Executor& executor);
  ~LocalCatalog() override;
  Status start();

  Result<DatabaseInfo> create(std::string_view name, std::string_view owner,
                              const ShardSettings& settings) override;
  Result<DatabaseInfo> reserved(std::string_view name, const ShardSettings& settings) override;
  Result<DatabaseInfo> find(std::string_view name, std::string_view owner) override;
  Result<DatabaseInfo> find_id(const std::string& id) override;
  std::vector<DatabaseInfo> list() override;
  std::vector<DatabaseInfo> owned_by(std::string_view owner) override;
  std::size_t count_owned_by(std::string_view owner) override;
  Result<DatabaseInfo> change_settings(const std::string& id,
                                       const std::function<void(ShardSettings&)>& change) override;
  Status remove(const std::string& id) override;
  std::string node_id() const override { return to_hex(node_); }
  Status compact(const std::string& id) override;
  bool compacting(const std::string& id) const override;
  Result<std::shared_ptr<Shard>> use(const std::string& id) override;
  Status backup(const std::string& directory) override;
  Status verify(const std::function<void(const std::string&)>& damaged) override;
  std::uint64_t memory_used() const override;
  std::size_t open_databases() const override;
  std::size_t most_open_databases() const override { return most_open_; }
  std::uint64_t document_cache_used() const override { return documents_.used_bytes(); }
  DocumentCache::Looks document_cache_looks() const override { return documents_.looks(); }
  void each_open(const std::function<void(const DatabaseInfo&, Shard&)>& visit) override;

 private:
  // What is known of a database.
  struct Known {
    DatabaseRecord record;
    std::shared_ptr<OpenDatabase> database;
  };
  using Name = std::pair<std::string, std::string>;  // owner, name
  using ByName = std::map<Name, std::string>;
  using Databases = std::vector<std::pair<std::string, std::shared_ptr<OpenDatabase>>>;  // with their ids

  // --- starting
  Status open_store();
  Status begin();
  Status resume(const CatalogStore::Loaded& loaded);
  Result<DatabaseInfo> make(std::string_view name, std::string_view owner, const ShardSettings& settings);
  DatabaseRecord new_record(std::string_view name, std::string_view owner);
  void add(const DatabaseRecord& record);

  // --- several databases
  std::pair<ByName::const_iterator, ByName::const_iterator> owned_locked(std::string_view owner) const;

  // --- one database
  Result<DatabaseRecord> record_of(const std::string& id) const;
  std::shared_ptr<OpenDatabase> database_of(const std::string& id) const;
  // Durably, then in memory.
  Status change_record(const std::string& id, const std::function<void(DatabaseRecord&)>& change);
  Result<std::unique_ptr<Shard>> open_shard(const std::string& id);
  bool has_room(const std::string& id, Shard& shard) const;
  Status remove_files(const std::string& id);

  // --- care
  void care_for(const std::string& id);
  void schedule_tick();
  void tick();
  // Until no more than so many are open; what somebody has stays.
  void close_longest_unused(std::size_t most);
  Databases databases() const;
  // Those that are open or about to be.
  Databases opened() const;

  // --- copies
  std::vector<DatabaseRecord> records() const;
  Status back_up_into(const DataDirectory& copy);
  Result<bool> back_up_database(const DatabaseRecord& record, const DataDirectory& copy);
  Status verify_database(const DatabaseRecord& record,
                         const std::function<void(const std::string&)>& damaged);

  const DataDirectory directory_;
  const CatalogOptions options_;
  const Clock& clock_;
  Random& random_;
  Executor& executor_;
  const std::size_t most_open_;
  const Cancellation closing_;
  DocumentCache documents_;
  const std::shared_ptr<storage::MemoryBudget> budget_;
  const Environment environment_;
  std::unique_ptr<CatalogStore> store_;

  std::mutex lifecycle_;      // held by whoever creates or removes a database, or changes its settings
  std::mutex records_mutex_;  // held from the reading of a record to its writing
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Known> by_id_;  // guarded by mutex_; without those being removed
  ByName by_name_;                                // guarded by mutex_
  mutable std::mutex opened_mutex_;
  mutable Databases opened_;  // guarded by opened_mutex_; with some that were closed since the last look
  std::string node_;          // 16 bytes; set while it starts
  mutable std::mutex compacting_mutex_;
  std::set<std::string> compacting_;  // guarded by compacting_mutex_
  std::mutex tick_mutex_;
  bool tick_scheduled_ = false;  // guarded by tick_mutex_
  TaskGate gate_;
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace quire::database
