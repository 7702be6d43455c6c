#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "base/call.h"
#include "base/executor.h"
#include "database/change_listener.h"
#include "database/shard.h"
#include "database/task_gate.h"
#include "engine/completion.h"
#include "engine/types.h"

namespace quire::engine {

class FeedWait;

// The waits of a node, so that they can be ended with it. Thread-safe.
class FeedWaits {
 public:
  // False where it has been closed.
  bool add(std::shared_ptr<FeedWait> wait);
  void remove(const std::shared_ptr<FeedWait>& wait);
  // Answers all with unavailable, on the calling thread, and takes no more. What a wait asks of the node is
  // not asked from then on, nor being asked.
  void close();
  // A task that asks something of the node.
  Task guard(Task task) { return asking_.guard(std::move(task)); }

 private:
  database::TaskGate asking_;
  std::mutex mutex_;
  bool closed_ = false;                                  // guarded by mutex_
  std::unordered_set<std::shared_ptr<FeedWait>> waits_;  // guarded by mutex_
};

// A caller that waits for a shard's history to grow beyond a sequence. Keeps itself and the shard until it
// has answered, which it does once: for growth, deadline, cancellation, the end of the caller's right, of the
// shard or of the node.
class FeedWait final : public database::ChangeListener, public std::enable_shared_from_this<FeedWait> {
 public:
  // Asked at each tick: an error ends the wait, as when a key is revoked or a database reserved.
  using Allowed = std::function<Status()>;
  // Clock and executor outlive the answer, and what the executor is still to run.
  static void start(std::shared_ptr<FeedWaits> waits, std::shared_ptr<database::Shard> shard, Sequence since,
                    const CallLimits& limits, Allowed allowed, const Clock& clock, Executor& executor,
                    Completion<Position> done);

  void changed(Sequence sequence) override;
  void closed() override;
  void give_up();

 private:
  FeedWait(std::shared_ptr<FeedWaits> waits, std::shared_ptr<database::Shard> shard, Sequence since,
           const CallLimits& limits, Allowed allowed, const Clock& clock, Executor& executor,
           Completion<Position> done);

  void tick();
  void schedule_tick();
  // True for the one who may answer.
  bool claim() { return !claimed_.exchange(true, std::memory_order_acq_rel); }
  void answer(Status status);

  const std::shared_ptr<FeedWaits> waits_;
  std::shared_ptr<database::Shard> shard_;  // until the answer
  const Sequence since_;
  const CallLimits limits_;
  const Allowed allowed_;
  const Clock& clock_;
  Executor& executor_;
  Completion<Position> done_;
  std::atomic<bool> claimed_ = false;
};

}  // namespace quire::engine
