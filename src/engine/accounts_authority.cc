#include "engine/accounts_authority.h"

#include <algorithm>

namespace quire::engine {

using access::Identity;
using access::Right;

namespace {

Right needed_for(Action action) {
  switch (action) {
    case Action::read:
    case Action::follow:
    case Action::describe: return Right::read;
    case Action::write:
    case Action::manage: return Right::write;
    case Action::administer: return Right::owner;
  }
  return Right::owner;
}

Error no_identity() {
  return Error(ErrorCode::unauthenticated, "this needs an identity, and the request shows none");
}

Error unknown(const Identity* identity) { return identity == nullptr ? no_identity() : no_database(); }

}  // namespace

Status check_proof(const Identity* identity, WallMs now) {
  if (identity == nullptr) return ok();
  const WallMs ends = identity->ends_ms();
  if (identity->ended() || (ends != 0 && ends <= now)) {
    return Error(ErrorCode::unauthenticated, "the key or session has ended");
  }
  return ok();
}

Decision AccountsAuthority::decide(const Caller& caller, Action action, const Target& target) const {
  if (caller.kind() == Caller::Kind::admin) return Predicate();
  const Identity* const identity = caller.identity();
  QUIRE_TRY_STATUS(check_proof(identity, clock_.wall_ms()));
  if (target.database.name.empty()) return decide_node(identity, action);
  const auto id = databases_.id_of(target.database);
  if (!id) {
    if (action == Action::administer) return decide_creation(identity, target.database);
    return unknown(identity);
  }
  const Right right = access_.right(
      identity, {.id = id->text(), .owner = target.database.owner, .name = target.database.name});
  if (right == Right::none) {
    // As if it were not there.
    if (action == Action::administer) QUIRE_TRY_STATUS(decide_creation(identity, target.database));
    return unknown(identity);
  }
  if (right < needed_for(action)) {
    if (identity == nullptr) return no_identity();
    return Error(ErrorCode::forbidden,
                 "this needs the right '" + std::string(access::name(needed_for(action))) +
                     "' on the database, and the caller has '" + std::string(access::name(right)) + "'");
  }
  if (action != Action::describe) QUIRE_TRY_STATUS(check_reservation(identity, id->text()));
  return Predicate();
}

// Of the node as a whole. Listing asks for each database again.
Decision AccountsAuthority::decide_node(const Identity* identity, Action action) const {
  if (identity == nullptr) return no_identity();
  if (action == Action::describe || identity->administers()) return Predicate();
  return Error(ErrorCode::forbidden, "only an administrator may do this");
}

// An account makes databases of its own, and an administrator those of the server too.
Decision AccountsAuthority::decide_creation(const Identity* identity, const DatabaseAddress& database) const {
  if (identity == nullptr) return no_identity();
  if (identity->administers() && database.owner.empty()) return Predicate();
  if (database.owner != identity->user) return no_database();
  if (identity->most != Right::owner || !identity->databases.empty()) {
    return Error(ErrorCode::forbidden, "the key may not make databases");
  }
  if (databases_.catalog().count_owned_by(identity->user) >= options_.databases_each) {
    return Error(ErrorCode::forbidden, "the account has as many databases as it may have")
        .over(options_.databases_each);
  }
  return Predicate();
}

// It binds clients alone; and whoever holds the database uses it with each call.
Status AccountsAuthority::check_reservation(const Identity* identity, std::string_view database) const {
  const auto held = access_.reservation(database);
  if (!held) return ok();
  if (identity != nullptr && held->holder == identity->user) {
    access_.use(*identity, database);
    return ok();
  }
  const WallMs left = std::max<WallMs>(held->expires_ms - clock_.wall_ms(), 1);
  return Error(ErrorCode::locked, "the database is reserved by another account")
      .after(static_cast<std::uint64_t>(left));
}

database::Fence AccountsAuthority::fence(const DatabaseAddress& database) const {
  const auto id = databases_.id_of(database);
  return id ? access_.fence(id->text()) : database::Fence{};
}

std::uint64_t AccountsAuthority::byte_limit(const DatabaseAddress& database) const {
  return database.owner.empty() ? 0 : options_.database_bytes;
}

}  // namespace quire::engine
