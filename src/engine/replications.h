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
#include "engine/position.h"
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

// Of those that have a document: one was made, took the place of another, has ended, or was taken away.
struct ReplicationChange {
  Sequence sequence = 0;
  bool removed = false;
  // As it was kept then. Of one that was taken away there is its id, the first word of its document, and
  // whether it had ended.
  ReplicationStatus status;
};
struct ReplicationChanges {
  std::vector<ReplicationChange> rows;  // each replication once, at its last change
  Position next;                        // read on from here; rows may be none although there is more
  bool at_end = false;
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

  // One that was taken away, as its change shows it. Errors: not_found.
  virtual void removed(const Caller& caller, const CallLimits& limits, std::string_view id,
                       Completion<ReplicationStatus> done) = 0;
  // The changes behind `since`, in the order in which they were made; `descending`: those in front of it, the
  // newest first, and all from Position{}. The order survives a restart, and a restored directory has another
  // incarnation. Errors: history_lost, where the position is of another one, or ahead.
  virtual void changes(const Caller& caller, const CallLimits& limits, const Position& since,
                       std::uint32_t limit, bool descending, Completion<ReplicationChanges> done) = 0;
  // Answers where the changes stand: at once if that is beyond `since`, else as soon as it is, or with
  // deadline or cancelled soon after they come. Errors: history_lost.
  virtual void wait_for_change(const Caller& caller, const CallLimits& limits, const Position& since,
                               Completion<Position> done) = 0;
  // Where they stand now.
  virtual void position(const Caller& caller, const CallLimits& limits, Completion<Position> done) = 0;
};

}  // namespace quire::engine
