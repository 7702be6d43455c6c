#pragma once

#include <cstdint>
#include <deque>
#include <mutex>

#include "access/store.h"
#include "base/executor.h"
#include "database/task_gate.h"

namespace quire::access {

// Writes what happened to the store, in the order in which it was said, a tenth of a second later and many at
// a time. Callable from every thread; note() never waits. What is said before an orderly end is written; what
// came faster than the store takes it is counted, and the count stands in the log.
class AuditLog {
 public:
  // What is given outlives it.
  AuditLog(Store& store, Executor& executor, const Clock& clock)
      : store_(store), executor_(executor), clock_(clock) {}
  ~AuditLog();

  void note(AuditRecord record);
  // Writes what waits; for tests and whoever reads the log. Errors: those of the store; what was not written
  // waits.
  Status flush();

 private:
  void schedule_locked();

  Store& store_;
  Executor& executor_;
  const Clock& clock_;
  std::mutex writing_;  // one batch at a time, so that the order stays
  std::mutex mutex_;
  std::deque<AuditRecord> waiting_;  // guarded by mutex_
  std::uint64_t lost_ = 0;           // guarded by mutex_
  bool scheduled_ = false;           // guarded by mutex_
  database::TaskGate gate_;
};

}  // namespace quire::access
