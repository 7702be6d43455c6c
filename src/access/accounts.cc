#include <algorithm>

#include "access/local_access.h"
#include "access/names.h"
#include "access/tuning.h"

namespace quire::access {

namespace {

Error taken(std::string_view name) {
  return Error(ErrorCode::exists, "an account has the name '" + std::string(name) + "' already")
      .at("username");
}

Error last_admin() {
  return Error(ErrorCode::conflict, "this is the last administrator that may come in").at("userID");
}

// Takes the keys and sessions away, but for the one that stays.
void end_all_but(UserRecord& record, const Identity* keep) {
  const auto goes = [&](const auto& known) { return keep == nullptr || known.id != keep->credential; };
  std::erase_if(record.keys, goes);
  std::erase_if(record.sessions, goes);
}

}  // namespace

std::string LocalAccess::new_user_id() {
  std::uint64_t number;
  do {
    number = random_.next_u64();
  } while (number == 0 || directory_.find(user_id(number)));
  return user_id(number);
}

NewToken LocalAccess::new_token(TokenKind kind) {
  for (;;) {
    NewToken made = make_token(kind, random_);
    if (!directory_.credential(credential_number(made.id))) return made;
  }
}

Result<User> LocalAccess::put_user(const UserName& name, UserRecord record) {
  const KeyedLock::Guard guard(user_locks_, name.folded);
  const Status added = store_->add_user(name.folded, record);
  if (!added && added.error().code() == ErrorCode::exists) return taken(name.shown);
  if (!added) return added.error();
  directory_.apply(name.folded, record, {});
  return std::move(record.user);
}

Result<std::optional<Access::FirstAdmin>> LocalAccess::make_first_admin() {
  const std::lock_guard admins(admins_mutex_);
  if (directory_.has_admin()) return std::optional<FirstAdmin>();
  FirstAdmin made;
  made.password = random_digits(tuning::kAdminPasswordLength, random_);
  QUIRE_TRY(const UserName name, user_name("admin"));
  UserRecord record;
  record.user = {.id = new_user_id(),
                 .name = name.shown,
                 .email = {},
                 .role = Role::admin,
                 .disabled = false,
                 .created_ms = clock_.wall_ms()};
  QUIRE_TRY(record.password, hasher_.hash(made.password));
  NewToken token = new_token(TokenKind::admin);
  record.keys.push_back({.id = token.id,
                         .digest = token.digest,
                         .label = "first",
                         .most = Right::owner,
                         .databases = {},
                         .single = false,
                         .created_ms = record.user.created_ms,
                         .expires_ms = 0,
                         .used_ms = 0});
  made.key.text = std::move(token.text);
  made.key.key = Credential(record.user, record.keys.back()).key();
  QUIRE_TRY(made.user, put_user(name, std::move(record)));
  return std::optional(std::move(made));
}

Result<User> LocalAccess::add_user(NewUser user) {
  // The cheapest first: of two that are wrong the caller learns one.
  QUIRE_TRY(const UserName name, user_name(user.name));
  QUIRE_TRY(const Secret password, password_text(user.password));
  if (!user.email.empty()) QUIRE_TRY_STATUS(check_email(user.email));
  if (directory_.find(name.shown)) return taken(name.shown);
  UserRecord record;
  record.user = {.id = new_user_id(),
                 .name = name.shown,
                 .email = std::move(user.email),
                 .role = user.role,
                 .disabled = false,
                 .created_ms = clock_.wall_ms()};
  QUIRE_TRY(record.password, hasher_.hash(password));
  return put_user(name, std::move(record));
}

std::optional<User> LocalAccess::find_user(std::string_view id_or_name) {
  return directory_.find(id_or_name);
}

std::vector<User> LocalAccess::users(std::string_view after, std::size_t limit) {
  if (after.empty()) return directory_.list({}, limit);
  auto folded = directory_.folded(after);
  if (!folded) folded = folded_name(after);
  return directory_.list(folded.value_or(std::string(after)), limit);
}

Status LocalAccess::set_password(std::string_view user, Secret password, const Identity* keep) {
  QUIRE_TRY(const std::string folded, folded_of(user));
  QUIRE_TRY(const Secret text, password_text(password));
  QUIRE_TRY(const std::string hashed, hasher_.hash(text));
  const auto change = [&](UserRecord& record) {
    record.password = hashed;
    end_all_but(record, keep);
    return ok();
  };
  return change_user(folded, change, {.keep = keep});
}

Status LocalAccess::set_disabled(std::string_view user, bool disabled) {
  const std::lock_guard admins(admins_mutex_);
  QUIRE_TRY(const std::string folded, folded_of(user));
  return change_user(folded, [&](UserRecord& record) -> Status {
    const bool admin = record.user.role == Role::admin && !record.user.disabled;
    if (disabled && admin && directory_.admins_beside(record.user.id) == 0) return last_admin();
    record.user.disabled = disabled;
    if (disabled) end_all_but(record, nullptr);
    return ok();
  });
}

Status LocalAccess::set_role(std::string_view user, Role role) {
  const std::lock_guard admins(admins_mutex_);
  QUIRE_TRY(const std::string folded, folded_of(user));
  return change_user(folded, [&](UserRecord& record) -> Status {
    const bool admin = record.user.role == Role::admin && !record.user.disabled;
    if (role != Role::admin && admin && directory_.admins_beside(record.user.id) == 0) return last_admin();
    record.user.role = role;
    return ok();
  });
}

// The account first: what is left of it after a crash belongs to nobody, and open() takes it away.
Status LocalAccess::remove_user(std::string_view user) {
  const std::lock_guard admins(admins_mutex_);
  const auto known = directory_.find(user);
  QUIRE_TRY(const std::string folded, folded_of(user));
  const bool admin = known && known->role == Role::admin && !known->disabled;
  if (admin && directory_.admins_beside(known->id) == 0) return last_admin();
  const std::uint64_t number = user_number(known->id).value_or(0);
  {
    const KeyedLock::Guard guard(user_locks_, folded);
    QUIRE_TRY(const auto stored, store_->user(folded));
    if (!stored) return Error(ErrorCode::not_found, "there is no such account").at("userID");
    QUIRE_TRY_STATUS(store_->remove_user(folded, stored->revision));
    directory_.remove(folded);
  }
  for (const std::uint64_t database : holds_.held_by(number)) end_hold_of(database_id(database), number);
  Status removed = remove_grants_of(number);
  return removed;
}

Status LocalAccess::remove_grants_of(std::uint64_t user) {
  for (;;) {
    const Rights::Page some = rights_.shared_with(user, 0, tuning::kRemoveBatch);
    if (some.databases.empty()) return ok();
    std::vector<Store::GrantName> grants;
    for (const std::uint64_t database : some.databases) {
      grants.push_back({database_id(database), user_id(user)});
    }
    QUIRE_TRY_STATUS(store_->remove_grants(grants));
    for (const std::uint64_t database : some.databases) rights_.set(database, user, Right::none);
  }
}

}  // namespace quire::access
