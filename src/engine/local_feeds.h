#pragma once

#include <memory>

#include "base/clock.h"
#include "base/executor.h"
#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/feed_wait.h"
#include "engine/feeds.h"
#include "engine/pending_counts.h"

namespace quire::engine {

// Feeds of the databases in this process. read() and position() work on the calling thread; wait() is
// answered by the executor, or by the calling thread where there was nothing to wait for. Its end answers
// every wait with unavailable.
class LocalFeeds final : public Feeds {
 public:
  LocalFeeds(Databases& databases, const Clock& clock, Executor& executor, const Authority& authority);
  ~LocalFeeds() override;

  void read(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
            const Position& since, const FeedOptions& options, Completion<FeedPage> done) override {
    done(read(caller, limits, address, since, options));
  }
  void wait(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
            const Position& since, Completion<Position> done) override;
  void position(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                Completion<Position> done) override {
    done(position(caller, limits, address));
  }

  Result<FeedPage> read(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                        const Position& since, const FeedOptions& options);
  Result<Position> position(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address);

 private:
  Result<std::shared_ptr<database::Shard>> enter(const Caller& caller, const CallLimits& limits,
                                                 const DatabaseAddress& address);

  Databases& databases_;
  const Clock& clock_;
  Executor& executor_;
  const Authority& authority_;
  PendingCounts pending_;
  const std::shared_ptr<FeedWaits> waits_;
};

}  // namespace quire::engine
