#include "access/store.h"

#include <algorithm>
#include <ctime>

#include "access/access.h"
#include "access/tuning.h"

// A document's id is what must be unique of its record: a name, a database. The committer refuses a second
// one, so no index and no lock of ours has to be trusted with that, and a crash leaves one or none.
namespace quire::access {

using database::CollectionId;
using database::Edit;
using database::Shard;

namespace {

constexpr std::string_view kMonthPrefix = "audit-";

std::string grant_id(std::string_view database, std::string_view user) {
  return std::string(database) + ":" + std::string(user);
}

Edit put(CollectionId collection, std::string_view id, std::string body) {
  Edit edit;
  edit.collection = collection;
  edit.id = id;
  edit.body = std::move(body);
  return edit;
}

Edit remove(CollectionId collection, std::string_view id) {
  Edit edit;
  edit.collection = collection;
  edit.id = id;
  edit.kind = Edit::Kind::remove;
  edit.precondition = Edit::Precondition::any;
  return edit;
}

// "audit-2026-01": names sort as the months do.
std::string month_of(WallMs time_ms) {
  const auto seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::snprintf(text, sizeof text, "audit-%04d-%02d", parts.tm_year + 1900, parts.tm_mon + 1);
  return text;
}

std::vector<std::string> months(const Shard& shard) {
  std::vector<std::string> names;
  for (const auto& known : shard.collections().list()) {
    if (known.name.starts_with(kMonthPrefix)) names.push_back(known.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Null where there is no such document.
template <class Record>
Result<std::optional<Stored<Record>>> read(Shard& shard, CollectionId collection, std::string_view id,
                                           Result<Record> (*decode)(std::string_view)) {
  const auto found = shard.get(collection, id);
  if (!found && found.error().code() == ErrorCode::not_found) return std::optional<Stored<Record>>();
  if (!found) return found.error();
  QUIRE_TRY(auto record, decode(found->body));
  return std::optional<Stored<Record>>({std::move(record), found->revision});
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(database::Catalog& catalog, const Clock& clock, Random& random) {
  std::unique_ptr<Store> store(new Store(catalog, clock, random));
  QUIRE_TRY_STATUS(store->start());
  return store;
}

Status Store::start() {
  // Nobody follows this history, and what was replaced or removed is of no use to anybody but a thief.
  database::ShardSettings settings;
  settings.history_ms = 0;
  settings.history_bytes = 0;
  settings.tombstone_ms = 0;
  QUIRE_TRY(const auto info, catalog_.reserved(kSystemDatabase, settings));
  database_ = info.id;
  QUIRE_TRY(const auto open, shard());
  QUIRE_TRY(users_, collection(*open, "users"));
  QUIRE_TRY(grants_, collection(*open, "grants"));
  QUIRE_TRY(reservations_, collection(*open, "reservations"));
  return ok();
}

Result<CollectionId> Store::collection(Shard& shard, std::string_view name) {
  if (const auto known = shard.collections().find(name)) return known->id;
  const database::CollectionSettings settings{.revision_limit = tuning::kRevisionLimit, .history = false};
  const auto made = shard.create_collection(name, settings);
  if (made) return made->id;
  const auto known = shard.collections().find(name);  // another thread was first
  if (made.error().code() == ErrorCode::exists && known) return known->id;
  return made.error();
}

Status Store::each(CollectionId collection,
                   const std::function<Status(std::string_view id, std::string_view body)>& visit) {
  QUIRE_TRY(const auto open, shard());
  Status failed = ok();
  QUIRE_TRY_STATUS(open->list(collection, {}, {}, [&](std::string_view id, const auto& found) {
    failed = visit(id, found.body);
    return failed.has_value();
  }));
  return failed;
}

Status Store::write(std::vector<Edit> edits) {
  QUIRE_TRY(const auto open, shard());
  QUIRE_TRY_STATUS(open->write(std::move(edits), {.atomic = true}));
  return ok();
}

// Not atomic by name, since what is gone already is none to fail for; it is one batch all the same.
Status Store::remove_all(std::vector<Edit> edits) {
  QUIRE_TRY(const auto open, shard());
  QUIRE_TRY(const auto result, open->write(std::move(edits), {}));
  for (const auto& row : result.rows) {
    if (!row && row.error().code() != ErrorCode::not_found) return row.error();
  }
  return ok();
}

Status Store::each_user(const std::function<Status(std::string_view folded, UserRecord&&)>& visit) {
  return each(users_, [&](std::string_view id, std::string_view body) -> Status {
    QUIRE_TRY(auto record, decode_user(body));
    return visit(id, std::move(record));
  });
}

Status Store::each_grant(const std::function<Status(GrantRecord&&)>& visit) {
  return each(grants_, [&](std::string_view, std::string_view body) -> Status {
    QUIRE_TRY(auto record, decode_grant(body));
    return visit(std::move(record));
  });
}

Status Store::each_reservation(const std::function<Status(ReservationRecord&&)>& visit) {
  return each(reservations_, [&](std::string_view, std::string_view body) -> Status {
    QUIRE_TRY(auto record, decode_reservation(body));
    return visit(std::move(record));
  });
}

// --- accounts

Result<std::optional<Stored<UserRecord>>> Store::user(std::string_view folded) {
  QUIRE_TRY(const auto open, shard());
  return read(*open, users_, folded, decode_user);
}

Status Store::add_user(std::string_view folded, const UserRecord& record) {
  Edit edit = put(users_, folded, encode(record));
  edit.precondition = Edit::Precondition::absent;
  return write({std::move(edit)});
}

Status Store::change_user(std::string_view folded, const Stored<UserRecord>& changed) {
  Edit edit = put(users_, folded, encode(changed.record));
  edit.expected = changed.revision;
  return write({std::move(edit)});
}

Status Store::remove_user(std::string_view folded, const document::Revision& revision) {
  Edit edit = remove(users_, folded);
  edit.precondition = Edit::Precondition::revision;
  edit.expected = revision;
  return write({std::move(edit)});
}

// --- grants

Status Store::put_grant(const GrantRecord& record) {
  Edit edit = put(grants_, grant_id(record.database, record.user), encode(record));
  edit.precondition = Edit::Precondition::any;
  return write({std::move(edit)});
}

Status Store::remove_grants(std::span<const GrantName> grants) {
  while (!grants.empty()) {
    const auto batch = grants.first(std::min(grants.size(), tuning::kRemoveBatch));
    std::vector<Edit> edits;
    edits.reserve(batch.size());
    for (const GrantName& grant : batch)
      edits.push_back(remove(grants_, grant_id(grant.database, grant.user)));
    QUIRE_TRY_STATUS(remove_all(std::move(edits)));
    grants = grants.subspan(batch.size());
  }
  return ok();
}

// --- reservations

Result<std::optional<Stored<ReservationRecord>>> Store::reservation(std::string_view database) {
  QUIRE_TRY(const auto open, shard());
  return read(*open, reservations_, database, decode_reservation);
}

Status Store::put_reservation(const Stored<ReservationRecord>& changed) {
  Edit edit = put(reservations_, changed.record.database, encode(changed.record));
  if (changed.revision) {
    edit.expected = changed.revision;
  } else {
    edit.precondition = Edit::Precondition::absent;
  }
  return write({std::move(edit)});
}

Status Store::remove_reservation(std::string_view database) {
  return remove_all({remove(reservations_, database)});
}

// --- the audit log

Status Store::append(std::span<const AuditRecord> events) {
  QUIRE_TRY(const auto open, shard());
  std::vector<Edit> edits;
  edits.reserve(events.size());
  std::string month;
  CollectionId into = 0;
  for (const AuditRecord& event : events) {
    if (auto its = month_of(event.time_ms); its != month) {
      QUIRE_TRY(into, collection(*open, its));
      month = std::move(its);
    }
    edits.push_back(put(into, ids_.next(), encode(event)));
  }
  QUIRE_TRY_STATUS(open->write(std::move(edits), {.atomic = true}));
  return drop_old_months(*open);
}

Status Store::drop_old_months(Shard& shard) {
  const auto names = months(shard);
  if (names.size() <= tuning::kAuditMonths) return ok();
  for (std::size_t i = 0; i < names.size() - tuning::kAuditMonths; ++i) {
    QUIRE_TRY_STATUS(shard.drop_collection(names[i]));
  }
  return ok();
}

Status Store::each_event(const std::function<Status(AuditRecord&&)>& visit) {
  QUIRE_TRY(const auto open, shard());
  for (const std::string& month : months(*open)) {
    const auto known = open->collections().find(month);
    if (!known) continue;
    QUIRE_TRY_STATUS(each(known->id, [&](std::string_view, std::string_view body) -> Status {
      QUIRE_TRY(auto event, decode_audit(body));
      return visit(std::move(event));
    }));
  }
  return ok();
}

}  // namespace quire::access
