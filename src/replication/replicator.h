#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/random.h"
#include "replication/progress.h"
#include "replication/scope.h"
#include "replication/source.h"
#include "replication/target.h"
#include "replication/tuning.h"

namespace quire::replication {

struct ReplicatorOptions {
  Scope scope;
  bool continuous = false;  // goes on when all is moved, and through every failure that may pass
  // The failures in a row after which a one-shot run gives up.
  unsigned failures_in_a_row = kOneShotFailures;
};

// What a replicator works with; all of it outlives the run.
struct ReplicatorParts {
  const Clock& clock;
  Random& random;
  Executor& executor;
};

// Moves what a source has and a target lacks. Methods may be called from every thread. No thread is held
// while it waits.
class Replicator {
 public:
  Replicator(const ReplicatorParts& parts, std::shared_ptr<Source> source, std::shared_ptr<Target> target,
             ReplicatorOptions options);
  // Cancels, and lets go of it: calls that are under way end on their own, the completion is called with
  // cancelled unless it was called before.
  ~Replicator();
  Replicator(const Replicator&) = delete;
  Replicator& operator=(const Replicator&) = delete;

  // Once. `done` is called on the executor when the run is over: with the last progress where it is finished,
  // with cancelled, or with the error that ended it.
  void start(Completion<Progress> done);
  // Ends the run soon. What was written stays, and is recorded where the sides still answer.
  void cancel();

  Progress progress() const;
  // Called on the executor when there is something new to tell, at most every `every`; never by two threads
  // at once. Before start().
  void watch(std::chrono::milliseconds every, std::function<void(const Progress&)> watcher);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace quire::replication
