#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/records.h"
#include "base/random.h"
#include "database/catalog.h"
#include "document/id.h"
#include "document/revision.h"

namespace quire::access {

// A record as it was read, and what it is replaced by: only if nobody has meanwhile.
template <class Record>
struct Stored {
  Record record;
  document::Revision revision;
};

// The records on disk: documents of the server's own database. Callable from every thread; a call that
// changes something returns when it is synced, and leaves what it did not change as it was. Errors of every
// call: those of opening a database and of writing (unavailable, read_only, io), corrupt, not_implemented (a
// later version).
class Store {
 public:
  // What is given outlives it.
  static Result<std::unique_ptr<Store>> open(database::Catalog& catalog, const Clock& clock, Random& random);

  // Show every record, until `visit` fails.
  Status each_user(const std::function<Status(std::string_view folded, UserRecord&&)>& visit);
  Status each_grant(const std::function<Status(GrantRecord&&)>& visit);
  Status each_reservation(const std::function<Status(ReservationRecord&&)>& visit);

  // --- accounts, by their folded names: no two can have one, whatever happens
  Result<std::optional<Stored<UserRecord>>> user(std::string_view folded);
  // Errors: exists.
  Status add_user(std::string_view folded, const UserRecord& record);
  // Errors: conflict.
  Status change_user(std::string_view folded, const Stored<UserRecord>& changed);
  Status remove_user(std::string_view folded, const document::Revision& revision);

  // --- grants, whatever was there before
  Status put_grant(const GrantRecord& record);
  // All or none where there are few enough for one batch.
  struct GrantName {
    std::string database;
    std::string user;
  };
  Status remove_grants(std::span<const GrantName> grants);

  // --- reservations, by database
  Result<std::optional<Stored<ReservationRecord>>> reservation(std::string_view database);
  // A new one where the revision is none. Errors: conflict, exists.
  Status put_reservation(const Stored<ReservationRecord>& changed);
  Status remove_reservation(std::string_view database);

  // --- the audit log: a collection a month, the oldest of which are dropped
  Status append(std::span<const AuditRecord> events);
  // In the order in which they happened. For whoever reads the log, and for tests.
  Status each_event(const std::function<Status(AuditRecord&&)>& visit);

 private:
  Store(database::Catalog& catalog, const Clock& clock, Random& random)
      : catalog_(catalog), ids_(clock, random) {}
  Status start();
  Result<std::shared_ptr<database::Shard>> shard() { return catalog_.use(database_); }
  Result<database::CollectionId> collection(database::Shard& shard, std::string_view name);
  Status drop_old_months(database::Shard& shard);
  Status each(database::CollectionId collection,
              const std::function<Status(std::string_view id, std::string_view body)>& visit);
  Status write(std::vector<database::Edit> edits);
  Status remove_all(std::vector<database::Edit> edits);

  database::Catalog& catalog_;
  document::ObjectIdMaker ids_;
  std::string database_;
  database::CollectionId users_ = 0;
  database::CollectionId grants_ = 0;
  database::CollectionId reservations_ = 0;
};

}  // namespace quire::access
