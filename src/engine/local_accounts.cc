#include "engine/local_accounts.h"

#include <algorithm>
#include <set>

#include "engine/accounts_authority.h"
#include "engine/local_catalog.h"

namespace quire::engine {

using access::Identity;

namespace {

Error no_account(std::string_view user) {
  return Error(ErrorCode::not_found, "there is no account '" + std::string(user) + "'").at("user");
}

// Errors: unauthenticated.
Result<const Identity*> identity_of(const Caller& caller, const Clock& clock) {
  if (caller.identity() == nullptr) {
    return Error(ErrorCode::unauthenticated, "this needs an account, and the request shows none");
  }
  QUIRE_TRY_STATUS(check_proof(caller.identity(), clock.wall_ms()));
  return caller.identity();
}

}  // namespace

Status LocalAccounts::admit_admin(const Caller& caller) const {
  QUIRE_TRY_STATUS(authority_.decide(caller, Action::administer, {}));
  return ok();
}

Result<User> LocalAccounts::admit(const Caller& caller, std::string_view user) const {
  auto found = access_.find_user(user);
  const bool own = found && caller.identity() != nullptr && caller.identity()->user == found->id;
  if (own) {
    QUIRE_TRY_STATUS(check_proof(caller.identity(), clock_.wall_ms()));
  } else {
    QUIRE_TRY_STATUS(admit_admin(caller));
  }
  if (!found) return no_account(user);
  return *std::move(found);
}

Result<LocalAccounts::Found> LocalAccounts::find(const Caller& caller, Action action,
                                                 const DatabaseAddress& address) {
  QUIRE_TRY_STATUS(authority_.decide(caller, action, {.database = address}));
  QUIRE_TRY(const DatabaseId id, databases_.id_of(address));
  return Found{.id = id, .address = address};
}

// --- who asks

std::optional<Caller> LocalAccounts::authenticate(std::string_view token) {
  auto identity = access_.authenticate(token);
  if (identity == nullptr) return std::nullopt;
  return Caller::user(std::move(identity));
}

Result<Caller> LocalAccounts::check_password(std::string_view user_name, const Secret& password,
                                             std::string_view address) {
  QUIRE_TRY(auto identity, access_.check_password(user_name, password, address));
  return Caller::user(std::move(identity));
}

std::optional<User> LocalAccounts::self(const Caller& caller) {
  if (caller.identity() == nullptr) return std::nullopt;
  return access_.find_user(caller.identity()->user);
}

// --- accounts

Result<User> LocalAccounts::register_user(const Caller& caller, NewUser user) {
  const bool admin = admit_admin(caller).has_value();
  if (!admin && !options_.registration) {
    return Error(ErrorCode::forbidden, "accounts are made by an administrator here");
  }
  if (!admin && user.role != Role::user) {
    return Error(ErrorCode::forbidden, "only an administrator makes administrators").at("role");
  }
  QUIRE_TRY(User made, access_.add_user(std::move(user)));
  note("user.add", caller, made.id);
  return made;
}

Result<std::vector<User>> LocalAccounts::users(const Caller& caller, std::string_view after,
                                               std::size_t limit) {
  QUIRE_TRY_STATUS(admit_admin(caller));
  return access_.users(after, limit);
}

Result<User> LocalAccounts::user(const Caller& caller, std::string_view user) { return admit(caller, user); }

Status LocalAccounts::set_password(const Caller& caller, std::string_view user, Secret password) {
  QUIRE_TRY(const User account, admit(caller, user));
  QUIRE_TRY_STATUS(access_.set_password(account.id, std::move(password), nullptr));
  note("user.password", caller, account.id);
  return ok();
}

Status LocalAccounts::set_disabled(const Caller& caller, std::string_view user, bool disabled) {
  QUIRE_TRY_STATUS(admit_admin(caller));
  QUIRE_TRY(const User account, admit(caller, user));
  QUIRE_TRY_STATUS(access_.set_disabled(account.id, disabled));
  note(disabled ? "user.disable" : "user.enable", caller, account.id);
  return ok();
}

Status LocalAccounts::set_role(const Caller& caller, std::string_view user, Role role) {
  QUIRE_TRY_STATUS(admit_admin(caller));
  QUIRE_TRY(const User account, admit(caller, user));
  QUIRE_TRY_STATUS(access_.set_role(account.id, role));
  note("user.role", caller, account.id);
  return ok();
}

Status LocalAccounts::remove_user(const Caller& caller, const CallLimits& limits, std::string_view user) {
  QUIRE_TRY_STATUS(admit_admin(caller));
  QUIRE_TRY(const User account, admit(caller, user));
  // Nothing more is begun with it while its databases go.
  QUIRE_TRY_STATUS(access_.set_disabled(account.id, true));
  for (const auto& info : databases_.catalog().owned_by(account.id)) {
    QUIRE_TRY_STATUS(limits.check(clock_));
    QUIRE_TRY_STATUS(databases_.remove({.name = info.name, .owner = info.owner}));
    QUIRE_TRY_STATUS(authority_.removed(info.id));
  }
  QUIRE_TRY_STATUS(access_.remove_user(account.id));
  note("user.remove", caller, account.id);
  return ok();
}

// --- sessions and keys

Result<NewSession> LocalAccounts::log_in(std::string_view user_name, const Secret& password,
                                         std::string_view address) {
  return access_.log_in(user_name, password, address);
}

Status LocalAccounts::log_out(const Caller& caller) {
  QUIRE_TRY(const Identity* const identity, identity_of(caller, clock_));
  return access_.log_out(*identity);
}

Result<NewKey> LocalAccounts::make_key(const Caller& caller, std::string_view user,
                                       const KeyRequest& request) {
  QUIRE_TRY(const User account, admit(caller, user));
  if (const Identity* const shown = caller.identity(); shown != nullptr) {
    const bool more_databases =
        !shown->databases.empty() &&
        (request.databases.empty() ||
         !std::all_of(request.databases.begin(), request.databases.end(), [&](const std::string& id) {
           return std::find(shown->databases.begin(), shown->databases.end(), id) != shown->databases.end();
         }));
    if (more_databases || request.most > shown->most) {
      return Error(ErrorCode::forbidden, "a key makes none that may do more than itself");
    }
  }
  QUIRE_TRY(NewKey made, access_.make_key(account.id, request));
  note("key.make", caller, made.key.id);
  return made;
}

Result<std::vector<Key>> LocalAccounts::keys(const Caller& caller, std::string_view user) {
  QUIRE_TRY(const User account, admit(caller, user));
  return access_.keys(account.id);
}

Status LocalAccounts::revoke_key(const Caller& caller, std::string_view user, std::string_view id_or_text) {
  QUIRE_TRY(const User account, admit(caller, user));
  const auto id = access::Access::key_id(id_or_text).value_or(id_or_text);
  QUIRE_TRY_STATUS(access_.revoke_key(account.id, id));
  note("key.revoke", caller, id);
  return ok();
}

// --- sharing

Status LocalAccounts::share(const Caller& caller, const DatabaseAddress& address, std::string_view user,
                            Right right) {
  QUIRE_TRY(const Found found, find(caller, Action::administer, address));
  const auto account = access_.find_user(user);
  if (!account) return no_account(user);
  if (account->id == address.owner) {
    return Error(ErrorCode::invalid, "the owner has every right already").at("user");
  }
  QUIRE_TRY_STATUS(access_.share(found.place(), account->id, right));
  note("database.share", caller, found.id.text());
  return ok();
}

Status LocalAccounts::unshare(const Caller& caller, const DatabaseAddress& address, std::string_view user) {
  QUIRE_TRY(const Found found, find(caller, Action::administer, address));
  const auto account = access_.find_user(user);
  if (!account) return no_account(user);
  QUIRE_TRY_STATUS(access_.unshare(found.place(), account->id));
  note("database.unshare", caller, found.id.text());
  return ok();
}

Status LocalAccounts::set_public(const Caller& caller, const DatabaseAddress& address, Right right) {
  QUIRE_TRY(const Found found, find(caller, Action::administer, address));
  QUIRE_TRY_STATUS(access_.set_public(found.place(), right));
  note("database.public", caller, found.id.text());
  return ok();
}

Result<Accounts::Sharing> LocalAccounts::sharing(const Caller& caller, const DatabaseAddress& address) {
  QUIRE_TRY(const Found found, find(caller, Action::describe, address));
  Sharing sharing{.everybody = access_.public_right(found.id.text()), .grants = {}};
  // Who else may use it is the owner's business.
  if (access_.right(caller.identity(), found.place()) == Right::owner ||
      caller.kind() == Caller::Kind::admin) {
    sharing.grants = access_.grants(found.id.text());
  }
  return sharing;
}

std::optional<database::DatabaseInfo> LocalAccounts::usable(const Identity& identity, const std::string& id) {
  auto info = databases_.catalog().find_id(id);
  if (!info) return std::nullopt;
  const access::Place place{.id = info->id, .owner = info->owner, .name = info->name};
  if (access_.right(&identity, place) == Right::none) return std::nullopt;
  return *std::move(info);
}

// A key that is for some databases tells nothing of the account's others.
access::Access::Page LocalAccounts::narrowed(const Identity& identity, std::uint64_t offset,
                                             std::uint64_t limit) {
  std::set<std::string> ids;
  for (const std::string& id : identity.databases) {
    if (usable(identity, id)) ids.insert(id);
  }
  access::Access::Page page;
  page.total = ids.size();
  for (const std::string& id : ids) {
    if (offset > 0) {
      --offset;
    } else if (page.databases.size() < limit) {
      page.databases.push_back(id);
    }
  }
  return page;
}

UsableDatabases LocalAccounts::describe(const access::Access::Page& page, const Identity* identity) {
  UsableDatabases usable;
  usable.total = page.total;
  for (const std::string& id : page.databases) {
    const auto info = databases_.catalog().find_id(id);
    if (!info) continue;  // it is being removed
    UsableDatabase row;
    if (const auto owner = access_.find_user(info->owner)) row.owner_name = owner->name;
    row.right = access_.right(identity, {.id = info->id, .owner = info->owner, .name = info->name});
    row.database = describe_database(*info);
    usable.rows.push_back(std::move(row));
  }
  return usable;
}

Result<UsableDatabases> LocalAccounts::usable_databases(const Caller& caller, std::uint64_t offset,
                                                        std::uint64_t limit) {
  QUIRE_TRY(const Identity* const identity, identity_of(caller, clock_));
  return describe(identity->databases.empty() ? access_.usable_by(identity->user, offset, limit)
                                              : narrowed(*identity, offset, limit),
                  identity);
}

UsableDatabases LocalAccounts::public_databases(std::uint64_t offset, std::uint64_t limit) {
  return describe(access_.public_databases(offset, limit), nullptr);
}

std::string LocalAccounts::owner_id(std::string_view user) {
  const auto account = access_.find_user(user);
  return account ? account->id : std::string();
}

// --- reservations

Result<Reservation> LocalAccounts::reserve(const Caller& caller, const DatabaseAddress& address) {
  QUIRE_TRY(const Identity* const identity, identity_of(caller, clock_));
  QUIRE_TRY(const Found found, find(caller, Action::read, address));
  const auto settle = [&] {
    // A database that is not open has nothing under way. One that takes no writes has nothing to wait for.
    if (const auto shard = databases_.use_at_hand(address)) (void)(*shard)->settle();
  };
  QUIRE_TRY(Reservation held, access_.reserve(*identity, found.place(), settle));
  note("database.reserve", caller, found.id.text());
  return held;
}

Status LocalAccounts::release(const Caller& caller, const DatabaseAddress& address) {
  QUIRE_TRY(const Identity* const identity, identity_of(caller, clock_));
  QUIRE_TRY(const Found found, find(caller, Action::describe, address));
  QUIRE_TRY_STATUS(access_.release(*identity, found.id.text()));
  note("database.release", caller, found.id.text());
  return ok();
}

Result<std::optional<Reservation>> LocalAccounts::reservation(const Caller& caller,
                                                              const DatabaseAddress& address) {
  QUIRE_TRY(const Found found, find(caller, Action::describe, address));
  return access_.reservation(found.id.text());
}

std::optional<DatabaseDescription> LocalAccounts::held(const Caller& caller) {
  const Identity* const identity = caller.identity();
  if (identity == nullptr) return std::nullopt;
  for (const std::string& id : access_.held_by(identity->user)) {
    auto info = usable(*identity, id);
    if (info) return describe_database(*std::move(info));
  }
  return std::nullopt;
}

}  // namespace quire::engine
