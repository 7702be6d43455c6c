#include <algorithm>

#include "access/local_access.h"

namespace quire::access {

namespace {

bool is_ours(const Place& place) { return place.owner.empty() && place.name == kSystemDatabase; }

Error no_user() { return Error(ErrorCode::not_found, "there is no such account").at("userID"); }

// What can be shared, and its number.
Result<std::uint64_t> shared_number(const Place& place) {
  const auto number = database_number(place.id);
  if (!number || is_ours(place)) {
    return Error(ErrorCode::not_found, "there is no such database").at("database");
  }
  return *number;
}

std::vector<std::string> ids(const std::vector<std::uint64_t>& numbers) {
  std::vector<std::string> ids;
  ids.reserve(numbers.size());
  for (const std::uint64_t number : numbers) ids.push_back(database_id(number));
  return ids;
}

}  // namespace

Right LocalAccess::right(const Identity* identity, const Place& place) {
  if (is_ours(place)) return Right::none;
  if (identity == nullptr) return public_right(place.id);
  if (identity->ended()) return Right::none;
  const auto& only = identity->databases;
  if (!only.empty() && std::find(only.begin(), only.end(), place.id) == only.end()) return Right::none;
  if (identity->role == Role::admin || identity->user == place.owner) return identity->most;
  const auto database = database_number(place.id);
  const auto user = user_number(identity->user);
  if (!database || !user) return Right::none;
  return std::min(rights_.of(*database, *user), identity->most);
}

Status LocalAccess::share(const Place& place, std::string_view user, Right right) {
  if (right == Right::none) return unshare(place, user);
  if (right == Right::owner) return Error(ErrorCode::invalid, "a database has one owner").at("role");
  QUIRE_TRY(const std::uint64_t database, shared_number(place));
  const auto known = directory_.find(user);
  if (!known) return no_user();
  if (known->id == place.owner) return Error(ErrorCode::invalid, "the owner may all of it").at("userID");
  const std::string id(place.id);
  {
    const KeyedLock::Guard guard(grant_locks_, id);
    QUIRE_TRY_STATUS(store_->put_grant({id, known->id, right}));
    rights_.set(database, *user_number(known->id), right);
  }
  return ok();
}

Status LocalAccess::unshare(const Place& place, std::string_view user) {
  QUIRE_TRY(const std::uint64_t database, shared_number(place));
  const auto known = directory_.find(user);
  if (!known) return no_user();
  const std::uint64_t number = *user_number(known->id);
  const std::string id(place.id);
  {
    const KeyedLock::Guard guard(grant_locks_, id);
    const auto users = rights_.grants(database);
    const bool shared =
        std::any_of(users.begin(), users.end(), [&](const auto& grant) { return grant.first == number; });
    if (!shared) {
      return Error(ErrorCode::not_found, "the database is not shared with this account").at("userID");
    }
    const Store::GrantName name{id, known->id};
    QUIRE_TRY_STATUS(store_->remove_grants({&name, 1}));
    rights_.set(database, number, Right::none);
  }
  end_hold_of(id, number);
  return ok();
}

Status LocalAccess::set_public(const Place& place, Right right) {
  if (right == Right::owner)
    return Error(ErrorCode::invalid, "not everybody can own a database").at("public");
  QUIRE_TRY(const std::uint64_t database, shared_number(place));
  const std::string id(place.id);
  {
    const KeyedLock::Guard guard(grant_locks_, id);
    if (right == Right::none) {
      const Store::GrantName name{id, std::string(kEverybody)};
      QUIRE_TRY_STATUS(store_->remove_grants({&name, 1}));
    } else {
      QUIRE_TRY_STATUS(store_->put_grant({id, std::string(kEverybody), right}));
    }
    rights_.set_everybody(database, right);
  }
  return ok();
}

Right LocalAccess::public_right(std::string_view database) {
  const auto number = database_number(database);
  return number ? rights_.everybody(*number) : Right::none;
}

std::vector<Grant> LocalAccess::grants(std::string_view database) {
  std::vector<Grant> grants;
  const auto number = database_number(database);
  if (!number) return grants;
  for (const auto& [user, right] : rights_.grants(*number)) {
    auto known = directory_.find(user_id(user));
    if (known) grants.push_back({std::move(known->id), std::move(known->name), right});
  }
  std::sort(grants.begin(), grants.end(),
            [](const Grant& a, const Grant& b) { return a.user_name < b.user_name; });
  return grants;
}

Access::Page LocalAccess::usable_by(std::string_view user, std::uint64_t offset, std::uint64_t limit) {
  const auto known = directory_.find(user);
  if (!known) return {};
  std::vector<std::string> own;
  for (auto& info : catalog_.owned_by(known->id)) own.push_back(std::move(info.id));
  std::sort(own.begin(), own.end());
  const std::uint64_t passed = std::min<std::uint64_t>(offset, own.size());
  const std::uint64_t taken = std::min<std::uint64_t>(limit, own.size() - passed);
  const Rights::Page shared = rights_.shared_with(*user_number(known->id), offset - passed, limit - taken);
  Page page;
  page.databases.assign(own.begin() + static_cast<std::ptrdiff_t>(passed),
                        own.begin() + static_cast<std::ptrdiff_t>(passed + taken));
  for (std::string& id : ids(shared.databases)) page.databases.push_back(std::move(id));
  page.total = own.size() + shared.total;
  return page;
}

Access::Page LocalAccess::public_databases(std::uint64_t offset, std::uint64_t limit) {
  const Rights::Page page = rights_.open_to_all(offset, limit);
  return {ids(page.databases), page.total};
}

Status LocalAccess::forget(std::string_view database) {
  const auto number = database_number(database);
  if (!number) return ok();
  const std::string id(database);
  {
    const KeyedLock::Guard guard(grant_locks_, id);
    std::vector<Store::GrantName> grants;
    for (const auto& grant : rights_.grants(*number)) grants.push_back({id, user_id(grant.first)});
    if (rights_.everybody(*number) != Right::none) grants.push_back({id, std::string(kEverybody)});
    QUIRE_TRY_STATUS(store_->remove_grants(grants));
    rights_.forget_database(*number);
  }
  {
    const KeyedLock::Guard guard(reserve_locks_, id);
    if (holds_.known(*number)) QUIRE_TRY_STATUS(store_->remove_reservation(id));
    holds_.forget(*number);
  }
  return ok();
}

}  // namespace quire::access
