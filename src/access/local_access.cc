#include "access/local_access.h"

#include <algorithm>

namespace quire::access {

Result<std::unique_ptr<Access>> Access::open(database::Catalog& catalog, const Options& options,
                                             const Clock& clock, Random& random, Executor& executor) {
  QUIRE_TRY(auto store, Store::open(catalog, clock, random));
  auto access = std::make_unique<LocalAccess>(catalog, options, clock, random, executor, std::move(store));
  QUIRE_TRY_STATUS(access->load());
  return std::unique_ptr<Access>(std::move(access));
}

LocalAccess::LocalAccess(database::Catalog& catalog, const Options& options, const Clock& clock,
                         Random& random, Executor& executor, std::unique_ptr<Store> store)
    : catalog_(catalog),
      options_(options),
      clock_(clock),
      random_(random),
      executor_(executor),
      store_(std::move(store)),
      holds_(clock, options.reservation),
      hasher_(options.password, {options.hashes_at_once, options.waiting_hashes}, random),
      throttle_(clock),
      audit_(*store_, executor, clock) {}

LocalAccess::~LocalAccess() { gate_.close(); }

Status LocalAccess::load() {
  QUIRE_TRY_STATUS(store_->each_user([&](std::string_view folded, UserRecord&& record) -> Status {
    if (!is_user_id(record.user.id)) return Error(ErrorCode::corrupt, "an account's record has no id");
    directory_.apply(folded, record, {});
    return ok();
  }));
  QUIRE_TRY_STATUS(load_grants());
  return load_reservations();
}

// A database is removed before its grants are, an account too: a crash in between leaves grants of nobody, or
// on nothing.
Status LocalAccess::load_grants() {
  std::vector<Store::GrantName> left;
  QUIRE_TRY_STATUS(store_->each_grant([&](GrantRecord&& grant) -> Status {
    const auto database = database_number(grant.database);
    const bool everybody = grant.user == kEverybody;
    const bool known = database && catalog_.find_id(grant.database).has_value();
    if (!known || (!everybody && !directory_.find(grant.user))) {
      left.push_back({grant.database, grant.user});
    } else if (everybody) {
      rights_.set_everybody(*database, grant.right);
    } else {
      rights_.set(*database, *user_number(grant.user), grant.right);
    }
    return ok();
  }));
  return store_->remove_grants(left);
}

// An end lies at most a whole reservation ahead, whatever was done to the calendar meanwhile.
Status LocalAccess::load_reservations() {
  std::vector<std::string> left;
  const WallMs now = clock_.wall_ms();
  QUIRE_TRY_STATUS(store_->each_reservation([&](ReservationRecord&& record) -> Status {
    const auto database = database_number(record.database);
    if (!database || !catalog_.find_id(record.database)) {
      left.push_back(record.database);
      return ok();
    }
    holds_.set_epoch(*database, record.epoch);
    const auto rest = std::min(std::chrono::milliseconds(record.expires_ms - now), options_.reservation);
    if (record.holder.empty() || rest.count() <= 0 || !directory_.find(record.holder)) return ok();
    holds_.take(*database, {*user_number(record.holder), record.epoch, clock_.steady() + rest});
    return ok();
  }));
  for (const std::string& database : left) QUIRE_TRY_STATUS(store_->remove_reservation(database));
  return ok();
}

// Who puts one into the log never waits for the disk.
void LocalAccess::note(std::string_view event, const Identity* by, std::string_view on,
                       std::string_view address) {
  AuditRecord record;
  record.event = event;
  record.on = on;
  record.address = address;
  if (by != nullptr) {
    record.user = by->user;
    record.credential = by->credential;
  }
  audit_.note(std::move(record));
}

// The record as it is stored, changed and stored again, and then memory brought in step.
Status LocalAccess::change_user(const std::string& folded, const ChangeUser& change,
                                const Directory::Change& how) {
  const KeyedLock::Guard guard(user_locks_, folded);
  QUIRE_TRY(auto stored, store_->user(folded));
  if (!stored) return Error(ErrorCode::not_found, "there is no such account").at("userID");
  directory_.refresh(stored->record);
  QUIRE_TRY_STATUS(change(stored->record));
  QUIRE_TRY_STATUS(store_->change_user(folded, *stored));
  directory_.stored(stored->record);
  directory_.apply(folded, stored->record, how);
  return ok();
}

Result<std::string> LocalAccess::folded_of(std::string_view user) const {
  auto folded = directory_.folded(user);
  if (!folded) return Error(ErrorCode::not_found, "there is no such account").at("userID");
  return std::move(*folded);
}

}  // namespace quire::access
