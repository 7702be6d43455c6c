#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/secret.h"
#include "engine/caller.h"
#include "engine/completion.h"
#include "engine/types.h"
#include "replication/progress.h"

namespace quire::engine {

// What a replication is to do. A side is a database of this node ("NAME" or "OWNER:NAME", as an id too), or
// an address (replication/peer_address.h).
struct ReplicationRequest {
  std::string source;
  std::string target;
  bool continuous = false;
  std::vector<std::string> ids{};  // only these; empty: all
  std::string collection{};        // only of this one; empty: of all
  std::string selector{};          // a filter's text; empty: none
  // What the addresses are shown, where they do not hold user and password: "Bearer KEY".
  Secret source_authorization{};
  Secret target_authorization{};
  // Its id; empty: one is drawn.
  std::string name{};
  // What whoever makes it wants to find with it again; no credentials stand in it. One that has it, and each
  // that is continuous, is tried again whatever fails; the others end with their first failure.
  std::string document{};
  // The document of the one of this name that it takes the place of. Where an address stays the same and
  // comes without credentials, it goes on with those that were there. None: nobody has this name.
  std::optional<std::string> replaces{};
  // Ends with the process, and is forgotten when it is done.
  bool passing = false;
  // Makes the target where there is none.
  bool create_target = false;
};

// A replication as it stands. Addresses are shown without credentials.
struct ReplicationStatus {
  std::string id;
  std::string source;
  std::string target;
  bool continuous = false;
  std::vector<std::string> ids;
  std::string collection;
  std::string selector;
  std::string document{};
  bool passing = false;
  WallMs created_ms = 0;
  WallMs changed_ms = 0;  // when it was begun the last time, or ended
  unsigned failures = 0;  // in a row, after each of which it was begun again
  WallMs retry_ms = 0;    // when that will be the next time; 0: it runs, or is over
  replication::Progress progress;
};

// Replications that this node runs until they are done or taken away; they survive a restart and go on where
// they were. Callable from every thread. They act as the administrator who made them, so that only
// administrators may.
//
// Errors of every call: unauthenticated, forbidden, not_found, deadline, cancelled, unavailable, corrupt, io.
class Replications {
 public:
  virtual ~Replications() = default;

  // Starts it, durably. Errors: invalid, too_large, exhausted (kReplications), not_found (a database, where
  // it is not tried again), exists (somebody has the name), conflict (not the one that is to be replaced).
  virtual void create(const Caller& caller, const CallLimits& limits, ReplicationRequest request,
                      Completion<ReplicationStatus> done) = 0;
  // The same, or joins the one of this name; answers when it is over, on any thread. The caller may go away
  // meanwhile: the replication does not. Errors: also those that end it; cancelled, where it was taken away.
  virtual void run(const Caller& caller, const CallLimits& limits, ReplicationRequest request,
                   Completion<ReplicationStatus> done) = 0;
  // By the time of their making.
  virtual void list(const Caller& caller, const CallLimits& limits,
                    Completion<std::vector<ReplicationStatus>> done) = 0;
  virtual void get(const Caller& caller, const CallLimits& limits, std::string_view id,
                   Completion<ReplicationStatus> done) = 0;
  // Stops it and forgets it; what was moved stays, and so do the records of how far it came.
  virtual void remove(const Caller& caller, const CallLimits& limits, std::string_view id,
                      Completion<void> done) = 0;
};

}  // namespace quire::engine
