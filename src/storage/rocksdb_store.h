#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "storage/file_system.h"
#include "storage/floor.h"
#include "storage/health.h"
#include "storage/memory_budget.h"
#include "storage/store.h"

namespace quire::storage {

// What a RocksStore is made of; destroyed in the reverse order, the database first.
struct RocksParts {
  std::string directory;
  std::shared_ptr<RocksBudget> budget;
  std::shared_ptr<ShardFileSystem> files;
  std::unique_ptr<rocksdb::Env> env;
  std::shared_ptr<Health> health = std::make_shared<Health>();
  std::shared_ptr<Floor> floor;
  std::unique_ptr<rocksdb::DB> database;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> families{};

  // Ends the database, where there is one; work in the background is called off.
  rocksdb::Status close_database();
};

// A shard in RocksDB, on disk or in memory. The destructor closes it: compactions are called off, what was
// written is made durable, a long log is moved to tables, and the marker notes how far the files reach.
class RocksStore final : public Store, private BudgetMember {
 public:
  // Everything that the database holds is on the disk.
  explicit RocksStore(RocksParts parts)
      : parts_(std::move(parts)), durable_(parts_.database->GetLatestSequenceNumber()) {
    parts_.budget->join(*this);
  }
  ~RocksStore() override;

  std::unique_ptr<Batch> make_batch() override;
  Status write(Batch& batch, Sync sync) override;
  Result<bool> get(Family family, std::string_view key, ReadBuffer& out, const Snapshot* snapshot) override;
  Status get_many(Family family, std::span<const std::string> keys, const Show& show) override;
  Result<Found> get_cached(Family family, std::string_view key, ReadBuffer& out) override;
  std::uint64_t cache_bytes() const override { return parts_.budget->cache()->GetCapacity(); }
  std::unique_ptr<Snapshot> snapshot() override;
  std::unique_ptr<Iterator> iterate(Family family, const IterateOptions& options) override;
  std::uint64_t estimate_keys(Family family, std::string_view begin, std::string_view end) override;
  Status sync() override;
  Status flush() override;
  Status compact(Family family, std::string_view begin, std::string_view end) override;
  Status checkpoint(const std::string& directory, const std::string& previous) override;
  Status verify(const std::function<void(const std::string&)>& damaged) override;
  Stats stats() override;
  Status health() const override { return parts_.health->status(); }
  // Where its files are; for backups.
  ShardFileSystem& files() { return *parts_.files; }

 private:
  rocksdb::DB& database() const { return *parts_.database; }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return parts_.families[static_cast<std::size_t>(family)];
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles() const {
    return {parts_.families.begin(), parts_.families.end()};
  }
  std::uint64_t flushable_bytes() const override;
  void begin_flush() override;
  void keep_open(int files) override;
  // Of one family; 0 where it is not worth a table.
  std::uint64_t memtable_bytes(rocksdb::ColumnFamilyHandle* family) const;
  // The error of a call that changes something; the store takes no more writes.
  Error write_failed(const rocksdb::Status& status, std::string_view doing);
  rocksdb::Status write_vouching(rocksdb::WriteBatch& batch, bool sync);
  // The error of a call that reads; damage ends writing, since a compaction would spread or hide it.
  Error read_failed(const rocksdb::Status& status, std::string_view doing);
  Status close();
  bool log_is_long() const;
  Status copy_files(const std::string& directory, const std::string& previous);
  using Damaged = std::function<void(const std::string&)>;
  Status verify_tables(const Damaged& damaged);
  Status verify_logs(const Damaged& damaged);
  Status verify_small_files(const Damaged& damaged);

  RocksParts parts_;
  std::atomic<bool> closing_ = false;
  // Every write up to this sequence number is on the disk; each write says so in the log.
  std::atomic<std::uint64_t> durable_;
};

}  // namespace quire::storage
