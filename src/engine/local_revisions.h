#pragma once

#include "base/clock.h"
#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/revisions.h"

namespace quire::engine {

// Revisions of the databases in this process. missing() works on the calling thread; purge() is answered as
// writes are.
class LocalRevisions final : public Revisions {
 public:
  LocalRevisions(Databases& databases, const Clock& clock, const Authority& authority)
      : databases_(databases), clock_(clock), authority_(authority) {}

  void missing(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
               const std::vector<NamedRevisions>& asked,
               Completion<std::vector<MissingRevisions>> done) override {
    done(missing(caller, limits, address, asked));
  }
  void purge(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
             std::vector<NamedRevisions> leaves, Completion<Purged> done) override;

  Result<std::vector<MissingRevisions>> missing(const Caller& caller, const CallLimits& limits,
                                                const DatabaseAddress& address,
                                                const std::vector<NamedRevisions>& asked);

 private:
  Databases& databases_;
  const Clock& clock_;
  const Authority& authority_;
};

}  // namespace quire::engine
