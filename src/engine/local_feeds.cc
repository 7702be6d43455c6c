#include "engine/local_feeds.h"

#include "engine/feed_reader.h"

namespace quire::engine {

LocalFeeds::LocalFeeds(Databases& databases, const Clock& clock, Executor& executor,
                       const Authority& authority)
    : databases_(databases),
      clock_(clock),
      executor_(executor),
      authority_(authority),
      waits_(std::make_shared<FeedWaits>()) {}

LocalFeeds::~LocalFeeds() { waits_->close(); }

Result<std::shared_ptr<database::Shard>> LocalFeeds::enter(const Caller& caller, const CallLimits& limits,
                                                           const DatabaseAddress& address) {
  QUIRE_TRY_STATUS(limits.check(clock_));
  QUIRE_TRY_STATUS(authority_.decide(caller, Action::follow, {.database = address}));
  return databases_.use(address);
}

Result<FeedPage> LocalFeeds::read(const Caller& caller, const CallLimits& limits,
                                  const DatabaseAddress& address, const Position& since,
                                  const FeedOptions& options) {
  QUIRE_TRY(const auto shard, enter(caller, limits, address));
  QUIRE_TRY_STATUS(check_since(*shard, since));
  FeedReader reader(*shard, caller, address, authority_, options, &pending_);
  return reader.read(since, limits, clock_);
}

Result<Position> LocalFeeds::position(const Caller& caller, const CallLimits& limits,
                                      const DatabaseAddress& address) {
  QUIRE_TRY(const auto shard, enter(caller, limits, address));
  return shard->position();
}

void LocalFeeds::wait(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                      const Position& since, Completion<Position> done) {
  auto shard = enter(caller, limits, address);
  if (!shard) return done(std::move(shard).error());
  if (auto status = check_since(**shard, since); !status) return done(std::move(status).error());
  const auto allowed = [&authority = authority_, caller, name = std::string(address.name),
                        owner = std::string(address.owner)]() -> Status {
    QUIRE_TRY_STATUS(authority.decide(caller, Action::follow, {.database = {.name = name, .owner = owner}}));
    return ok();
  };
  FeedWait::start(waits_, *std::move(shard), since.sequence, limits, allowed, clock_, executor_,
                  std::move(done));
}

}  // namespace quire::engine
