#pragma once

#include <memory>

#include "base/clock.h"
#include "engine/checkpoints.h"
#include "engine/databases.h"
#include "engine/decide.h"

namespace quire::engine {

// Checkpoints of the databases in this process. Every call works on the calling thread.
class LocalCheckpoints final : public Checkpoints {
 public:
  LocalCheckpoints(Databases& databases, const Clock& clock, const Authority& authority)
      : databases_(databases), clock_(clock), authority_(authority) {}

  void get(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
           std::string_view id, Completion<Checkpoint> done) override {
    done(get(caller, limits, address, id));
  }
  void put(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
           std::string_view id, std::optional<CheckpointRevision> expected, const Body& body,
           Completion<CheckpointRevision> done) override {
    done(put(caller, limits, address, id, expected, body));
  }
  void remove(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
              std::string_view id, CheckpointRevision expected, Completion<void> done) override {
    done(remove(caller, limits, address, id, expected));
  }
  void list(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
            const ListOptions& options, const CheckpointSink& sink, Completion<ListEnd> done) override {
    done(list(caller, limits, address, options, sink));
  }

  Result<Checkpoint> get(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                         std::string_view id);
  Result<CheckpointRevision> put(const Caller& caller, const CallLimits& limits,
                                 const DatabaseAddress& address, std::string_view id,
                                 std::optional<CheckpointRevision> expected, const Body& body);
  Status remove(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                std::string_view id, CheckpointRevision expected);
  Result<ListEnd> list(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                       const ListOptions& options, const CheckpointSink& sink);

 private:
  Result<std::shared_ptr<database::Shard>> enter(const Caller& caller, const CallLimits& limits,
                                                 Action action, const DatabaseAddress& address);

  Databases& databases_;
  const Clock& clock_;
  const Authority& authority_;
};

}  // namespace quire::engine
