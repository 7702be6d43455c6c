#include "storage/rocksdb_store.h"

#include <rocksdb/convenience.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>

#include "storage/log_check.h"
#include "storage/read_buffer.h"
#include "storage/rocksdb_status.h"
#include "storage/tuning.h"

namespace quire::storage {

namespace {

// An empty view may point nowhere, which RocksDB takes for a defect.
rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data() == nullptr ? "" : bytes.data(), bytes.size()};
}
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

// RocksDB counts for each thread what it does, at every comparison of two keys; nobody asks for the counts.
void count_nothing() {
  thread_local const bool done = [] {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    return true;
  }();
  (void)done;
}

// Every key of a batch carries eight bytes of checksum from here until it is in the memtable.
constexpr std::size_t kProtectionBytes = 8;

class RocksBatch final : public Batch {
 public:
  explicit RocksBatch(const std::array<rocksdb::ColumnFamilyHandle*, kFamilies>& families)
      : families_(families), batch_(0, 0, kProtectionBytes, 0) {}

  void put(Family family, std::string_view key, std::string_view value) override {
    note(batch_.Put(handle(family), slice(key), slice(value)));
  }
  void put(Family family, std::string_view key, std::string_view head, std::string_view tail) override {
    const rocksdb::Slice key_part = slice(key);
    const rocksdb::Slice value_parts[] = {slice(head), slice(tail)};
    note(batch_.Put(handle(family), rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(value_parts, 2)));
  }
  void erase(Family family, std::string_view key) override {
    note(batch_.Delete(handle(family), slice(key)));
  }
  void erase_range(Family family, std::string_view begin, std::string_view end) override {
    if (begin >= end) return;
    note(batch_.DeleteRange(handle(family), slice(begin), slice(end)));
  }
  void clear() override {
    batch_.Clear();
    status_ = rocksdb::Status::OK();
  }
  std::size_t bytes() const override { return batch_.GetDataSize(); }
  bool empty() const override { return batch_.Count() == 0; }

  rocksdb::WriteBatch& rocks() { return batch_; }
  // The first change that could not be added (a key or value beyond 4 GiB), or ok.
  const rocksdb::Status& status() const { return status_; }

 private:
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return families_[static_cast<std::size_t>(family)];
  }
  void note(const rocksdb::Status& status) {
    if (status_.ok()) status_ = status;
  }

  const std::array<rocksdb::ColumnFamilyHandle*, kFamilies>& families_;
  rocksdb::WriteBatch batch_;
  rocksdb::Status status_;
};

class RocksSnapshot final : public Snapshot {
 public:
  explicit RocksSnapshot(rocksdb::DB& database) : database_(database), snapshot_(database.GetSnapshot()) {}
  ~RocksSnapshot() override { database_.ReleaseSnapshot(snapshot_); }
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;
  const rocksdb::Snapshot* rocks() const { return snapshot_; }

 private:
  rocksdb::DB& database_;
  const rocksdb::Snapshot* snapshot_;
};

const rocksdb::Snapshot* rocks(const Snapshot* snapshot) {
  return snapshot == nullptr ? nullptr : static_cast<const RocksSnapshot*>(snapshot)->rocks();
}

class RocksIterator final : public Iterator {
 public:
  RocksIterator(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family, const IterateOptions& options,
                std::shared_ptr<Health> health)
      : upper_bound_(options.upper_bound), bound_(upper_bound_), health_(std::move(health)) {
    rocksdb::ReadOptions read;
    read.snapshot = rocks(options.snapshot);
    read.fill_cache = options.fill_cache;
    read.adaptive_readahead = true;
    if (options.read_ahead) read.readahead_size = kReadAhead;
    if (!upper_bound_.empty()) read.iterate_upper_bound = &bound_;
    count_nothing();
    iterator_.reset(database.NewIterator(read, family));
  }

  void seek(std::string_view key) override { iterator_->Seek(slice(key)); }
  void seek_for_prev(std::string_view key) override { iterator_->SeekForPrev(slice(key)); }
  void seek_to_first() override { iterator_->SeekToFirst(); }
  void seek_to_last() override { iterator_->SeekToLast(); }
  void next() override { iterator_->Next(); }
  void prev() override { iterator_->Prev(); }
  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return view(iterator_->key()); }
  std::string_view value() const override { return view(iterator_->value()); }
  Status status() const override {
    const rocksdb::Status status = iterator_->status();
    if (status.ok()) return ok();
    const Error error = to_error(status, "iterate");
    if (error.code() == ErrorCode::corrupt) health_->fail(error);
    return error;
  }

 private:
  const std::string upper_bound_;
  const rocksdb::Slice bound_;
  const std::shared_ptr<Health> health_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace

rocksdb::Status RocksParts::close_database() {
  if (!database) return rocksdb::Status::OK();
  rocksdb::CancelAllBackgroundWork(database.get(), true);
  for (auto* family : families) {
    const auto destroyed = database->DestroyColumnFamilyHandle(family);
    destroyed.PermitUncheckedError();
  }
  rocksdb::Status closed = database->Close();
  database.reset();
  return closed;
}

RocksStore::~RocksStore() {
  parts_.budget->leave(*this);
  // Whoever must know that everything is durable has called sync() before; there is nobody left to tell.
  if (!close()) return;
}

std::unique_ptr<Batch> RocksStore::make_batch() { return std::make_unique<RocksBatch>(parts_.families); }

Status RocksStore::write(Batch& batch, Sync sync) {
  QUIRE_TRY_STATUS(health());
  auto& changes = static_cast<RocksBatch&>(batch);
  QUIRE_TRY_STATUS(to_status(changes.status(), "add to a batch"));
  const auto status = write_vouching(changes.rocks(), sync == Sync::disk);
  if (!status.ok()) return write_failed(status, "write to " + parts_.directory);
  parts_.budget->make_room(*this);
  return ok();
}

std::uint64_t RocksStore::memtable_bytes(rocksdb::ColumnFamilyHandle* family) const {
  std::uint64_t bytes = 0;
  database().GetIntProperty(family, rocksdb::DB::Properties::kCurSizeActiveMemTable, &bytes);
  return bytes < kWorthATable ? 0 : bytes;
}

std::uint64_t RocksStore::flushable_bytes() const {
  if (parts_.health->failed()) return 0;
  std::uint64_t bytes = 0;
  for (auto* const family : parts_.families) bytes += memtable_bytes(family);
  return bytes;
}

void RocksStore::begin_flush() {
  std::vector<rocksdb::ColumnFamilyHandle*> families = handles();
  std::erase_if(families, [this](auto* family) { return memtable_bytes(family) == 0; });
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  // What fails in the background ends this store's writing, of which its own calls tell.
  database().Flush(options, families).PermitUncheckedError();
}

void RocksStore::keep_open(int files) {
  if (database().GetDBOptions().max_open_files == files) return;
  // One that failed keeps what it has.
  database().SetDBOptions({{"max_open_files", std::to_string(files)}}).PermitUncheckedError();
}

// Ends the batch with a remark for check_logs(), which is taken back: the batch is the caller's. The sequence
// numbers of a write follow those that were given out before it, so a synced write makes at least so many
// durable.
rocksdb::Status RocksStore::write_vouching(rocksdb::WriteBatch& batch, bool sync) {
  const std::uint64_t before = database().GetLatestSequenceNumber();
  batch.SetSavePoint();
  rocksdb::Status status = batch.PutLogData(encode_vouch(durable_.load(std::memory_order_relaxed)));
  rocksdb::WriteOptions options;
  options.sync = sync;
  count_nothing();
  if (status.ok()) status = database().Write(options, &batch);
  rocksdb::Status rolled_back = batch.RollbackToSavePoint();
  if (!status.ok() || !sync) return status;
  const std::uint64_t reached = before + batch.Count();
  std::uint64_t durable = durable_.load(std::memory_order_relaxed);
  while (durable < reached && !durable_.compare_exchange_weak(durable, reached)) {
  }
  return rolled_back;
}

Result<bool> RocksStore::get(Family family, std::string_view key, ReadBuffer& out, const Snapshot* snapshot) {
  auto& found = out.impl().slice;
  found.Reset();
  count_nothing();
  rocksdb::ReadOptions options;
  options.snapshot = rocks(snapshot);
  const auto status = database().Get(options, handle(family), slice(key), &found);
  if (status.ok()) return true;
  if (status.IsNotFound() && !status.IsPathNotFound()) return false;
  return read_failed(status, "read from " + parts_.directory);
}

// One look into each filter and each block for all keys in it.
Status RocksStore::get_many(Family family, std::span<const std::string> keys, const Show& show) {
  count_nothing();
  const std::vector<rocksdb::Slice> names(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database().MultiGet({}, handle(family), keys.size(), names.data(), values.data(), statuses.data());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const rocksdb::Status& status = statuses[i];
    const bool absent = status.IsNotFound() && !status.IsPathNotFound();
    if (!status.ok() && !absent) return read_failed(status, "read from " + parts_.directory);
    show(i, absent ? std::nullopt : std::optional(std::string_view(values[i].data(), values[i].size())));
  }
  return ok();
}

Result<Store::Found> RocksStore::get_cached(Family family, std::string_view key, ReadBuffer& out) {
  auto& found = out.impl().slice;
  found.Reset();
  count_nothing();
  rocksdb::ReadOptions options;
  options.read_tier = rocksdb::kBlockCacheTier;
  const auto status = database().Get(options, handle(family), slice(key), &found);
  // A table that is not open is not looked into: RocksDB says ok, and shows no value.
  if (status.ok()) return found.empty() ? Found::unknown : Found::yes;
  if (status.IsIncomplete()) return Found::unknown;
  if (status.IsNotFound() && !status.IsPathNotFound()) return Found::no;
  return read_failed(status, "read from " + parts_.directory);
}

std::unique_ptr<Snapshot> RocksStore::snapshot() { return std::make_unique<RocksSnapshot>(database()); }

std::unique_ptr<Iterator> RocksStore::iterate(Family family, const IterateOptions& options) {
  return std::make_unique<RocksIterator>(database(), handle(family), options, parts_.health);
}

// Tables say how many of their bytes lie in a range; all of them together, how many keys a byte holds.
std::uint64_t RocksStore::estimate_keys(Family family, std::string_view begin, std::string_view end) {
  const rocksdb::Range range(slice(begin), slice(end));
  std::uint64_t in_memory = 0;
  std::uint64_t memory_bytes = 0;
  database().GetApproximateMemTableStats(handle(family), range, &in_memory, &memory_bytes);
  rocksdb::SizeApproximationOptions options;
  options.include_files = true;
  std::uint64_t bytes = 0;
  const auto status = database().GetApproximateSizes(options, handle(family), &range, 1, &bytes);
  if (!status.ok() || bytes == 0) return in_memory;
  std::uint64_t all_bytes = 0;
  std::uint64_t all_keys = 0;
  std::uint64_t all_in_memory = 0;
  database().GetIntProperty(handle(family), rocksdb::DB::Properties::kTotalSstFilesSize, &all_bytes);
  database().GetIntProperty(handle(family), rocksdb::DB::Properties::kEstimateNumKeys, &all_keys);
  database().GetIntProperty(handle(family), rocksdb::DB::Properties::kNumEntriesActiveMemTable,
                            &all_in_memory);
  const std::uint64_t in_tables = all_keys > all_in_memory ? all_keys - all_in_memory : 0;
  if (all_bytes == 0) return in_memory;
  const double share = static_cast<double>(bytes) / static_cast<double>(all_bytes);
  return in_memory + static_cast<std::uint64_t>(share * static_cast<double>(in_tables));
}

// An empty batch that is synced, not SyncWAL: it stands in the queue of the writers, so that a failure is
// theirs.
Status RocksStore::sync() {
  const auto batch = make_batch();
  return write(*batch, Sync::disk);
}

Status RocksStore::flush() {
  QUIRE_TRY_STATUS(health());
  const auto status = database().Flush(rocksdb::FlushOptions(), handles());
  if (!status.ok()) return write_failed(status, "flush " + parts_.directory);
  return ok();
}

Status RocksStore::compact(Family family, std::string_view begin, std::string_view end) {
  QUIRE_TRY_STATUS(health());
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
  options.blob_garbage_collection_age_cutoff = 1.0;
  options.canceled = &closing_;
  const rocksdb::Slice first = slice(begin);
  const rocksdb::Slice last = slice(end);
  const auto status = database().CompactRange(options, handle(family), &first, end.empty() ? nullptr : &last);
  if (status.ok() || closing_) return ok();
  return write_failed(status, "compact " + parts_.directory);
}

Stats RocksStore::stats() {
  Stats stats;
  std::vector<rocksdb::FileAttributes> entries;
  const auto listed =
      parts_.files->GetChildrenFileAttributes(parts_.directory, rocksdb::IOOptions(), &entries, nullptr);
  if (!listed.ok()) entries.clear();
  for (const auto& entry : entries) {
    stats.disk_bytes += entry.size_bytes;
    if (log_number(entry.name) != 0) stats.log_bytes += entry.size_bytes;
  }
  const auto sum = [this](const std::string& property) {
    std::uint64_t value = 0;
    database().GetAggregatedIntProperty(property, &value);
    return value;
  };
  stats.live_bytes_estimate = sum(rocksdb::DB::Properties::kEstimateLiveDataSize);
  stats.live_bytes_estimate += sum(rocksdb::DB::Properties::kLiveBlobFileSize);
  stats.memory_bytes = sum(rocksdb::DB::Properties::kSizeAllMemTables);
  stats.memory_bytes += sum(rocksdb::DB::Properties::kEstimateTableReadersMem);
  return stats;
}

// Exhausted says of a write that it is not there. This one may be.
Error RocksStore::write_failed(const rocksdb::Status& status, std::string_view doing) {
  Error error = to_error(status, doing);
  parts_.health->fail(error);
  if (error.code() != ErrorCode::exhausted) return error;
  return Error(ErrorCode::unavailable, parts_.health->status().error().message());
}

Error RocksStore::read_failed(const rocksdb::Status& status, std::string_view doing) {
  Error error = to_error(status, doing);
  if (error.code() == ErrorCode::not_found)
    error = Error(ErrorCode::corrupt, error.message());  // a file is missing
  if (error.code() == ErrorCode::corrupt) parts_.health->fail(error);
  return error;
}

// Of logs that are left for the next open, each adds a file to those before it.
bool RocksStore::log_is_long() const {
  std::vector<rocksdb::FileAttributes> entries;
  const auto listed =
      parts_.files->GetChildrenFileAttributes(parts_.directory, rocksdb::IOOptions(), &entries, nullptr);
  if (!listed.ok()) return false;
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  for (const auto& entry : entries) {
    if (log_number(entry.name) == 0) continue;
    bytes += entry.size_bytes;
    ++count;
  }
  return bytes > kLogLeftAtClose || count > kLogFilesLeftAtClose;
}

Status RocksStore::close() {
  closing_ = true;
  database().DisableManualCompaction();
  Status synced = parts_.health->failed() ? health() : sync();
  if (synced && log_is_long()) synced = flush();
  const std::uint64_t sequence = database().GetLatestSequenceNumber();
  const auto status = parts_.close_database();
  if (synced && status.ok()) synced = parts_.floor->raise_at_close(sequence);
  parts_.files->unlock();
  if (!synced) return synced;
  return to_status(status, "close " + parts_.directory);
}

}  // namespace quire::storage
