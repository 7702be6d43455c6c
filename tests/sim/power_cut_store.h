#pragma once

#include <memory>

#include "storage/open.h"

namespace quire::sim {

// A store that outlives the shard on top of it, as a disk outlives a machine: the shard owns a PowerCutStore,
// the simulation the map below. After cut() nothing more is written or synced.
class PowerCutStore final : public storage::Store {
 public:
  explicit PowerCutStore(std::shared_ptr<storage::MapStore> disk) : disk_(std::move(disk)) {}

  void cut() { cut_ = true; }

  std::unique_ptr<storage::Batch> make_batch() override { return disk_->make_batch(); }
  Status write(storage::Batch& batch, storage::Sync sync) override;
  Result<bool> get(storage::Family family, std::string_view key, storage::ReadBuffer& out,
                   const storage::Snapshot* snapshot) override {
    return disk_->get(family, key, out, snapshot);
  }
  std::uint64_t cache_bytes() const override { return disk_->cache_bytes(); }
  std::unique_ptr<storage::Snapshot> snapshot() override { return disk_->snapshot(); }
  std::unique_ptr<storage::Iterator> iterate(storage::Family family,
                                             const storage::IterateOptions& options) override {
    return disk_->iterate(family, options);
  }
  Status sync() override;
  Status flush() override { return sync(); }
  Status compact(storage::Family family, std::string_view begin, std::string_view end) override {
    return disk_->compact(family, begin, end);
  }
  Status checkpoint(const std::string& directory, const std::string& previous) override {
    return disk_->checkpoint(directory, previous);
  }
  Status verify(const std::function<void(const std::string&)>& damaged) override {
    return disk_->verify(damaged);
  }
  std::uint64_t estimate_keys(storage::Family family, std::string_view begin, std::string_view end) override {
    return disk_->estimate_keys(family, begin, end);
  }
  storage::Stats stats() override { return disk_->stats(); }
  Status health() const override { return disk_->health(); }

 private:
  std::shared_ptr<storage::MapStore> disk_;
  bool cut_ = false;
};

}  // namespace quire::sim
