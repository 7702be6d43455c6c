#pragma once

#include "cli/remote/http.h"
#include "engine/feeds.h"

namespace quire::cli::remote {

// The feed of changes over a server's /v1: pages, and long polls for more. Calls block, and are answered
// before they return.
class RemoteFeeds final : public engine::Feeds {
 public:
  explicit RemoteFeeds(Http& http) : http_(http) {}

  void read(const engine::Caller& caller, const CallLimits& limits, const engine::DatabaseAddress& address,
            const engine::Position& since, const engine::FeedOptions& options,
            engine::Completion<engine::FeedPage> done) override;
  void wait(const engine::Caller& caller, const CallLimits& limits, const engine::DatabaseAddress& address,
            const engine::Position& since, engine::Completion<engine::Position> done) override;
  void position(const engine::Caller& caller, const CallLimits& limits,
                const engine::DatabaseAddress& address, engine::Completion<engine::Position> done) override;

 private:
  Result<engine::FeedPage> read(const engine::DatabaseAddress& address, const engine::Position& since,
                                const engine::FeedOptions& options);
  Result<engine::Position> wait(const CallLimits& limits, const engine::DatabaseAddress& address,
                                const engine::Position& since);
  Result<engine::Position> position(const engine::DatabaseAddress& address);

  Http& http_;
};

}  // namespace quire::cli::remote
