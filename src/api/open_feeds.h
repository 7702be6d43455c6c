#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/result.h"

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
  // At most so many, and of each account.
  struct Bounds {
    std::size_t all;
    std::size_t each;
  };
  OpenFeeds(Executor& executor, const Clock& clock, const Bounds& bounds)
      : executor_(executor), clock_(clock), bounds_(bounds) {}

  // Of an account by its id; an empty one has no bound of its own. Errors: exhausted, where there are too
  // many, of the account with a time to retry after; unavailable, where feeds have been ended.
  Status add(const std::shared_ptr<OpenFeed>& feed, const std::string& account);
  void remove(const std::shared_ptr<OpenFeed>& feed);
  // Stops all, and takes no more.
  void end();
  std::size_t size() const;

 private:
  void schedule();
  void tick();
  std::vector<std::shared_ptr<OpenFeed>> all_locked() const;

  Executor& executor_;
  const Clock& clock_;
  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::unordered_map<std::shared_ptr<OpenFeed>, std::string>
      feeds_;                                          // guarded by mutex_; with their accounts
  std::unordered_map<std::string, std::size_t> each_;  // guarded by mutex_
  bool ticking_ = false;                               // guarded by mutex_
  bool ended_ = false;                                 // guarded by mutex_
};

}  // namespace quire::api
