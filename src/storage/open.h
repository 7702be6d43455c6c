#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/store.h"

namespace quire::storage {

// Who may write a shard's files. Every mutating call of the file-system seam carries it, so that storage
// itself can refuse a node that lost the shard.
using Epoch = std::uint64_t;

// A mutating call of the file-system seam.
enum class FileOperation : std::uint8_t {
  create,
  append,
  sync,
  truncate,
  rename,
  link,
  remove,
  make_directory
};

// Decides whether the holder of an epoch may still change a shard's files. Asked before every mutating call,
// from any thread; must be quick. On the local disk the answer is an atomic compare; on RADOS the comparison
// happens in the storage nodes in the same operation.
class Fence {
 public:
  virtual ~Fence() = default;
  virtual Status admit(Epoch epoch, FileOperation operation, const std::string& path) = 0;
};

// One budget for all stores opened with it. Of memory: block cache, write buffers, and what the layers above
// charge to it, a bound that holds under load. Of files: the tables that they keep open, in equal shares, so
// that one large store among few may have many. Thread-safe; outlives its stores.
class MemoryBudget {
 public:
  virtual ~MemoryBudget() = default;
  virtual std::uint64_t capacity() const = 0;
  virtual std::uint64_t used() const = 0;
};
std::shared_ptr<MemoryBudget> make_memory_budget(std::uint64_t bytes, std::uint64_t files = 512);

// Where the files live.
enum class Medium : std::uint8_t { disk, memory };

struct OpenOptions {
  Medium medium = Medium::disk;
  bool create = true;                    // false: not_found where there is none
  std::shared_ptr<MemoryBudget> budget;  // null: one of its own, of 64 MiB
  std::shared_ptr<Fence> fence;          // null: everything is admitted
  Epoch epoch = 1;
};

// Opens or makes a shard in `directory`. Errors: locked (another process or handle has it), corrupt (which
// file), not_found, io, invalid (a directory of something else or of another version).
Result<std::unique_ptr<Store>> open(const std::string& directory, const OpenOptions& options);

// A plain ordered map with the same contract, in this process alone: for simulators and tests of the layers
// above. drop_unsynced() takes back every write that no sync covers, as a power cut would; the store goes on
// from there.
class MapStore : public Store {
 public:
  virtual void drop_unsynced() = 0;
};
std::unique_ptr<MapStore> make_map_store();

// Removes a closed shard with all its files.
Status destroy(const std::string& directory);

}  // namespace quire::storage
