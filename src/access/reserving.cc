#include <algorithm>

#include "access/local_access.h"

// What a restart must not forget is stored before it is true: a hold, and that it was given back. The end of
// a hold is moved in memory with each use, and in the store when less than half of it is left: a restart
// shortens a hold by half at most, and never makes it longer.
namespace quire::access {

using std::chrono::milliseconds;

namespace {

Error not_held() { return Error(ErrorCode::not_found, "nobody has reserved the database").at("database"); }

}  // namespace

WallMs LocalAccess::wall_of(SteadyTime time) const {
  return clock_.wall_ms() + std::chrono::ceil<milliseconds>(time - clock_.steady()).count();
}

Reservation LocalAccess::reservation_of(std::string_view database, const Holds::Hold& hold) const {
  return {std::string(database), user_id(hold.holder), wall_of(hold.ends), hold.epoch};
}

Error LocalAccess::locked(const Reservation& by, WallMs now) {
  return Error(ErrorCode::locked, "another account has reserved the database")
      .at("database")
      .after(static_cast<std::uint64_t>(std::max<WallMs>(by.expires_ms - now, 1)));
}

std::optional<Reservation> LocalAccess::reservation(std::string_view database) {
  const auto number = database_number(database);
  if (!number) return std::nullopt;
  const auto hold = holds_.find(*number);
  if (!hold) return std::nullopt;
  return reservation_of(database, *hold);
}

std::optional<Reservation> LocalAccess::held_by_other(const Identity* identity, std::string_view database) {
  if (!holds_.any()) return std::nullopt;
  const auto number = database_number(database);
  if (!number) return std::nullopt;
  const auto user = identity == nullptr ? std::nullopt : user_number(identity->user);
  const auto hold = holds_.find_other(*number, user);
  if (!hold) return std::nullopt;
  return reservation_of(database, *hold);
}

database::Fence LocalAccess::fence(std::string_view database) {
  const auto number = database_number(database);
  if (!number) return {};
  auto now = holds_.epoch(*number);
  const std::uint64_t epoch = now->load(std::memory_order_acquire);
  return {std::move(now), epoch};
}

Result<Reservation> LocalAccess::reserve(const Identity& holder, const Place& place,
                                         const std::function<void()>& settle) {
  const auto database = database_number(place.id);
  const auto user = user_number(holder.user);
  if (!database || !user) return Error(ErrorCode::not_found, "there is no such database").at("database");
  const std::string id(place.id);
  Holds::Hold hold;
  {
    const KeyedLock::Guard guard(reserve_locks_, id);
    if (holder.ended()) return Error(ErrorCode::unauthenticated, "the identity has ended");
    const auto now = holds_.find(*database);
    if (now && now->holder != *user) return locked(reservation_of(id, *now), clock_.wall_ms());
    // Before anything takes time: who looks meanwhile must not find the database free under this epoch.
    const auto renewed = now ? holds_.extend(*database, *user) : std::nullopt;
    QUIRE_TRY(auto stored, store_->reservation(id));
    if (!stored) stored.emplace();
    const std::uint64_t last =
        std::max(stored->record.epoch, holds_.epoch(*database)->load(std::memory_order_acquire));
    const Holds::Hold fresh{*user, last + 1, clock_.steady() + options_.reservation};
    hold = renewed.value_or(fresh);
    stored->record = {id, holder.user, clock_.wall_ms() + options_.reservation.count(), hold.epoch};
    QUIRE_TRY_STATUS(store_->put_reservation(*stored));
    holds_.take(*database, hold);
  }
  // Whoever removed the account meanwhile has looked for what it holds before this was there to be seen.
  if (holder.ended() && !directory_.find(holder.user)) {
    end_hold_of(id, *user);
    return Error(ErrorCode::unauthenticated, "the identity has ended");
  }
  if (settle) settle();
  return reservation_of(id, hold);
}

// Stored first: what a restart brings back is still held, or what is free stays free.
Status LocalAccess::end_hold(const std::string& database,
                             const std::function<Status(const Holds::Hold&)>& may) {
  const auto number = database_number(database);
  if (!number) return not_held();
  const KeyedLock::Guard guard(reserve_locks_, database);
  const auto hold = holds_.find(*number);
  if (!hold) return not_held();
  QUIRE_TRY_STATUS(may(*hold));
  QUIRE_TRY(auto stored, store_->reservation(database));
  if (stored) {
    stored->record = {database, {}, 0, std::max(stored->record.epoch, hold->epoch)};
    QUIRE_TRY_STATUS(store_->put_reservation(*stored));
  }
  holds_.release(*number);
  return ok();
}

void LocalAccess::end_hold_of(const std::string& database, std::uint64_t user) {
  (void)end_hold(database, [&](const Holds::Hold& hold) -> Status {
    if (hold.holder != user) return not_held();
    return ok();
  });
}

Status LocalAccess::release(const Identity& holder, std::string_view database) {
  const auto user = user_number(holder.user);
  QUIRE_TRY_STATUS(end_hold(std::string(database), [&](const Holds::Hold& hold) -> Status {
    if (holder.role == Role::admin || (user && hold.holder == *user)) return ok();
    return locked(reservation_of(database, hold), clock_.wall_ms());
  }));
  return ok();
}

Status LocalAccess::release_any(std::string_view database) {
  QUIRE_TRY_STATUS(end_hold(std::string(database), [](const Holds::Hold&) { return ok(); }));
  return ok();
}

void LocalAccess::use(const Identity& holder, std::string_view database) {
  if (!holds_.any()) return;
  const auto number = database_number(database);
  const auto user = user_number(holder.user);
  if (!number || !user || !holds_.use(*number, *user)) return;
  executor_.post(gate_.guard([this, id = std::string(database), user = *user] { save_end(id, user); }));
}

void LocalAccess::save_end(const std::string& database, std::uint64_t user) {
  const std::uint64_t number = database_number(database).value_or(0);
  const KeyedLock::Guard guard(reserve_locks_, database);
  const auto hold = holds_.find(number);
  if (!hold || hold->holder != user) return holds_.not_stored(number);
  auto stored = store_->reservation(database);
  if (!stored || !*stored || (*stored)->record.epoch != hold->epoch) return holds_.not_stored(number);
  (*stored)->record.expires_ms = wall_of(hold->ends);
  if (!store_->put_reservation(**stored)) return holds_.not_stored(number);
  holds_.stored(number, hold->epoch, hold->ends);
}

std::vector<std::string> LocalAccess::held_by(std::string_view user) {
  std::vector<std::string> held;
  const auto known = directory_.find(user);
  if (!known) return held;
  for (const std::uint64_t database : holds_.held_by(*user_number(known->id))) {
    held.push_back(database_id(database));
  }
  return held;
}

}  // namespace quire::access
