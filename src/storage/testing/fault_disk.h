#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/open.h"

namespace quire::storage::testing {

// A local disk whose machine can lose its power and whose calls can be made to fail: for tests that need
// stores to survive what kill -9 never shows, since the page cache outlives a process.
//
// Files lie in the real file system, so that a state can be looked at and copied, and are never really
// synced. Beside it the disk remembers what a power cut would take back: bytes that no fsync of their file
// covers, and entries of directories (creations, renames, links, removals) that no fsync of their directory
// covers. As POSIX has it, the fsync of a file says nothing about its name.
//
// A round of a crash test:
//   FaultDisk disk;
//   auto store = disk.open(directory, {});       // any number of stores and directories
//   ... write ...
//   disk.cut_power();                            // from here on nothing reaches the disk
//   store.reset();
//   disk.drop_unsynced(Loss::random, seed);      // the directory is as the machine finds it when it boots
//   store = disk.open(directory, {});            // power is back
//
// Every method may be called from every thread. Stores opened through it keep what they need of it alive.
class FaultDisk {
 public:
  // What a power cut leaves of what was not synced.
  enum class Loss : std::uint8_t {
    all,     // nothing
    random,  // of each file a random length of its tail; of the directory changes a random number, oldest
             // first
    torn,  // as random, but within the kept tail random sectors of 512 bytes are zeros or noise: pages reach
           // the disk in any order
  };
  // What a failing call answers.
  enum class Failure : std::uint8_t { io_error, no_space };

  FaultDisk();
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  // As storage::open, with the files of `directory` on this disk. options.medium is ignored.
  Result<std::unique_ptr<Store>> open(const std::string& directory, const OpenOptions& options);

  // As storage::restore, on this disk.
  Status restore(const std::string& backup, const std::string& target);

  // Calls that change files or directories, since the disk was made: create, append, sync (of files and
  // directories), truncate, rename, link, remove, make directory. Failed ones count.
  std::uint64_t mutating_calls() const;
  // The syncs of files and directories among them.
  std::uint64_t syncs() const;

  // The n-th mutating call from now (1: the next) fails, once, and changes nothing.
  void fail_call(std::uint64_t n, Failure failure = Failure::io_error);
  // The n-th mutating call from now and all after it fail.
  void fail_from_call(std::uint64_t n, Failure failure = Failure::io_error);
  // The n-th sync from now and all after it fail. What a failed sync of a file should have covered is lost
  // for good, also when a later sync succeeds: the page cache has marked the pages clean.
  void fail_from_sync(std::uint64_t n);
  // After this many more bytes every append and creation answers "no space"; removals go on and give bytes
  // back.
  void limit_space(std::uint64_t bytes);
  // From now on every mutating call fails and changes nothing, and every sync fails.
  void cut_power();
  // From now on every mutating call fails and changes nothing, as if the process were gone: what it wrote and
  // did not sync stays in the page cache, and a later sync of the file covers it.
  void freeze();
  // Takes all faults back. What failed stays failed for the stores that saw it.
  void repair();

  // Leaves the files as after a power cut, then takes all faults back and regards all that is left as synced.
  // Every store of the disk must have been destroyed (cut_power() first, so that closing writes nothing).
  Status drop_unsynced(Loss loss, std::uint64_t seed = 0);

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace quire::storage::testing
