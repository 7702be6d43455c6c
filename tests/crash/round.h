#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/store.h"

namespace quire::crash {

// What goes wrong in a round.
enum class Kind : std::uint8_t {
  sigkill,   // the process is killed, from outside, at any time
  powercut,  // the machine stops at some call; what was not synced is lost, sometimes after an earlier fault
  syscalls,  // calls of the operating system fail or dawdle, as asked for from outside
  diskfull,  // no space is left, and later there is some again
  ncall,     // one call that changes a file fails, or all from it on; sometimes the power goes then
  none,      // nothing: whatever is found then is the shard's own, or the checker's
};
std::optional<Kind> kind_of(std::string_view name);

struct RoundOptions {
  std::string directory;
  std::string log_path;
  Kind kind = Kind::sigkill;
  unsigned number = 0;  // of the round, for this directory: no two have the same
  std::uint64_t seed = 0;
  bool real_disk = false;  // of diskfull: the file system that `directory` is in runs full by itself
  std::uint64_t most_requests = 1500;  // of one life; ten times as many where it is killed

  std::function<void()> opened;  // called when the shard is open
  // Stands between the database and its store: for tests that break what is to be found.
  std::function<std::unique_ptr<storage::Store>(std::unique_ptr<storage::Store>)> wrap;
};

// One round of a worker, up to where its shard is closed for the last time, or its process ends. Everything
// that varies follows from the seed, but for how threads run. Errors: io, where the log cannot be read.
Status run_round(const RoundOptions& options);

}  // namespace quire::crash
