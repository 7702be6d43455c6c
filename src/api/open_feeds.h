#pragma once

#include <memory>
#include <mutex>
#include <unordered_set>

#include "base/clock.h"
#include "base/executor.h"

namespace quire::api {

// An answer that waits for changes. The methods are called on a worker, one at a time for each feed, and must
// not block.
class OpenFeed {
 public:
  virtual ~OpenFeed() = default;
  // Looks whether the client has gone, and whether a sign of life is due.
  virtual void tick(SteadyTime now) = 0;
  // Ends the answer soon: the server is about to stop.
  virtual void stop() = 0;
};

// The feeds of a server, and the one timer that looks after all of them. Thread-safe. The executor runs no
// task of it once it is gone.
class OpenFeeds : public std::enable_shared_from_this<OpenFeeds> {
 public:
  OpenFeeds(Executor& executor, const Clock& clock, std::size_t most)
      : executor_(executor), clock_(clock), most_(most) {}

  // False where there are too many, or where feeds have been ended.
  bool add(const std::shared_ptr<OpenFeed>& feed);
  void remove(const std::shared_ptr<OpenFeed>& feed);
  // Stops all, and takes no more.
  void end();
  std::size_t size() const;

 private:
  void schedule();
  void tick();

  Executor& executor_;
  const Clock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_set<std::shared_ptr<OpenFeed>> feeds_;  // guarded by mutex_
  bool ticking_ = false;                                 // guarded by mutex_
  bool ended_ = false;                                   // guarded by mutex_
};

}  // namespace quire::api
