#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/executor.h"
#include "database/committer.h"
#include "database/indexes.h"
#include "database/task_gate.h"
#include "storage/store.h"

namespace quire::database {

// Builds the entries of indexes for the documents that are there, beside the writers: one step after the
// other on the executor, each of which reads a stretch of documents from a state of the store, sorts their
// entries, and hands them to the committer in small jobs, unsynced, the last of which notes how far it came.
// Stopped or killed anywhere, the next opening goes on from there.
//
// Why the entries are right whatever is written meanwhile: a write that is prepared after the definition was
// stored puts all entries of its document and erases those of the text before; and a job leaves out documents
// that have changed since the state that it was read from. So an entry that is there belongs to its document
// as it is now, at every moment, and behind the last stretch all of them are there.
//
// Thread-safe. Destroyed before its parts.
class IndexBuilder {
 public:
  struct Parts {
    storage::Store& store;
    Committer& committer;
    const Collections& collections;
    Indexes& indexes;
    Executor& executor;
  };
  explicit IndexBuilder(const Parts& parts) : parts_(parts) {}
  // Ends the step under way early; what it has handed over stays.
  ~IndexBuilder();

  // Goes on with what is to be built, if anything is.
  void wake();
  // Something is being built, or waits for it.
  bool busy() const;
  // Returns when the index is no longer being built. Errors: deadline, cancelled; unavailable where the build
  // cannot go on (the store failed).
  Status wait(std::uint32_t index, const CallLimits& limits, const Clock& clock);

 private:
  struct Stretch;

  void step();
  Status build(const OpenIndex& index);
  Status read(const OpenIndex& index, Stretch& stretch) const;
  Status write(const OpenIndex& index, Stretch& stretch);
  Status put(CommitJob& job, const OpenIndex& index, const Stretch& stretch, std::size_t from,
             std::size_t to);
  Status look_for_twins(const OpenIndex& index);
  Status finish(const OpenIndex& index);
  // Where the entries are still there; without any, in any case.
  Status fail(const OpenIndex& index, const std::string& why, const std::vector<std::string>& entries = {});
  std::optional<OpenIndex> next() const;
  // In a job: the index as it is then; nothing where it was dropped or is no longer being built.
  std::optional<OpenIndex> current(const OpenIndex& index) const;
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  const Parts parts_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;   // guarded by mutex_: a step runs, or waits to
  Status stopped_ = ok();  // guarded by mutex_: why the lane stands still
  // Of the index whose twins are looked for: its number, and how far. Of the lane alone.
  std::uint32_t checking_ = 0;
  std::string checked_;
  TaskGate gate_;
};

}  // namespace quire::database
