#include "access/directory.h"

#include <algorithm>

#include "access/names.h"
#include "base/hash.h"

namespace quire::access {

namespace {

bool came_to_nothing(const std::shared_ptr<Credential>& credential, const UserRecord& record) {
  const auto has = [&](const auto& records) {
    return std::any_of(records.begin(), records.end(), [&](const auto& known) {
      return known.id == credential->credential && known.digest == credential->digest();
    });
  };
  return credential->is_session() ? !has(record.sessions) : !has(record.keys);
}

}  // namespace

// --- in step with the store

void Directory::apply(std::string_view folded, const UserRecord& record, const Change& change) {
  const std::unique_lock lock(mutex_);
  auto place = accounts_.find(folded);
  if (place == accounts_.end()) {
    place = accounts_.emplace(std::string(folded), Account{}).first;
    by_id_.emplace(user_number(record.user.id).value_or(0), place);
  }
  Account& account = place->second;
  // An identity never changes: another role makes other ones of the same keys and sessions.
  const bool anew = !account.user.id.empty() && account.user.role != record.user.role;
  const std::uint64_t mark = table_hash(record.password);
  const bool another_password = mark != account.password_mark && !change.same_password;
  if (account.by_password && (another_password || anew || record.user.disabled)) {
    account.mac_until = {};
    if (anew || account.by_password.get() != change.keep) {
      account.by_password->end();
      account.by_password = nullptr;
    }
  }
  account.user = record.user;
  account.password_mark = mark;
  apply_credentials_locked(account, record, anew);
}

void Directory::apply_credentials_locked(Account& account, const UserRecord& record, bool anew) {
  std::erase_if(account.credentials, [&](const auto& credential) {
    if (!anew && !came_to_nothing(credential, record)) return false;
    end_locked(credential);
    return true;
  });
  const auto add = [&](const auto& known) {
    const std::uint64_t number = credential_number(known.id);
    if (credentials_.contains(number)) return;
    const auto credential = std::make_shared<Credential>(record.user, known);
    credentials_.emplace(number, credential);
    account.credentials.push_back(credential);
  };
  for (const KeyRecord& key : record.keys) add(key);
  for (const SessionRecord& session : record.sessions) add(session);
  account.credentials.shrink_to_fit();
}

void Directory::end_locked(const std::shared_ptr<Credential>& credential) {
  credential->end();
  credentials_.erase(credential_number(credential->credential));
}

void Directory::remove(std::string_view folded) {
  const std::unique_lock lock(mutex_);
  const auto place = accounts_.find(folded);
  if (place == accounts_.end()) return;
  for (const auto& credential : place->second.credentials) end_locked(credential);
  if (place->second.by_password) place->second.by_password->end();
  by_id_.erase(user_number(place->second.user.id).value_or(0));
  accounts_.erase(place);
}

void Directory::refresh(UserRecord& record) const {
  const std::shared_lock lock(mutex_);
  const auto moved = [&](const std::string& id, WallMs& stored) {
    const auto found = credentials_.find(credential_number(id));
    if (found != credentials_.end()) stored = found->second->moving_ms.load(std::memory_order_relaxed);
  };
  for (KeyRecord& key : record.keys) moved(key.id, key.used_ms);
  for (SessionRecord& session : record.sessions) moved(session.id, session.idle_ms);
}

void Directory::stored(const UserRecord& record) const {
  const std::shared_lock lock(mutex_);
  const auto note = [&](const std::string& id, WallMs stored) {
    const auto found = credentials_.find(credential_number(id));
    if (found != credentials_.end()) found->second->stored_ms.store(stored, std::memory_order_relaxed);
  };
  for (const KeyRecord& key : record.keys) note(key.id, key.used_ms);
  for (const SessionRecord& session : record.sessions) note(session.id, session.idle_ms);
}

// --- who there is

// An id is looked for first: no name can be one.
Directory::ByName::const_iterator Directory::place_locked(std::string_view id_or_name) const {
  if (is_user_id(id_or_name)) {
    const auto known = by_id_.find(*user_number(id_or_name));
    return known == by_id_.end() ? accounts_.end() : ByName::const_iterator(known->second);
  }
  const auto folded = folded_name(id_or_name);
  return folded ? accounts_.find(*folded) : accounts_.end();
}

const Directory::Account* Directory::account_locked(std::string_view id_or_name) const {
  const auto place = place_locked(id_or_name);
  return place == accounts_.end() ? nullptr : &place->second;
}

std::optional<User> Directory::find(std::string_view id_or_name) const {
  const std::shared_lock lock(mutex_);
  const Account* const account = account_locked(id_or_name);
  if (account == nullptr) return std::nullopt;
  return account->user;
}

std::optional<std::string> Directory::folded(std::string_view id_or_name) const {
  const std::shared_lock lock(mutex_);
  const auto place = place_locked(id_or_name);
  if (place == accounts_.end()) return std::nullopt;
  return place->first;
}

std::vector<User> Directory::list(std::string_view after_folded, std::size_t limit) const {
  const std::shared_lock lock(mutex_);
  std::vector<User> users;
  auto place = after_folded.empty() ? accounts_.begin() : accounts_.upper_bound(after_folded);
  for (; place != accounts_.end() && users.size() < limit; ++place) users.push_back(place->second.user);
  return users;
}

std::size_t Directory::admins_beside(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  return static_cast<std::size_t>(std::count_if(accounts_.begin(), accounts_.end(), [&](const auto& known) {
    const User& user = known.second.user;
    return user.role == Role::admin && !user.disabled && user.id != id;
  }));
}

bool Directory::has_admin() const {
  const std::shared_lock lock(mutex_);
  return std::any_of(accounts_.begin(), accounts_.end(),
                     [](const auto& known) { return known.second.user.role == Role::admin; });
}

std::size_t Directory::size() const {
  const std::shared_lock lock(mutex_);
  return accounts_.size();
}

// --- what proves an account

std::shared_ptr<Credential> Directory::credential(std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  const auto found = credentials_.find(number);
  return found == credentials_.end() ? nullptr : found->second;
}

std::vector<Key> Directory::keys(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const Account* const account = account_locked(id);
  std::vector<Key> keys;
  if (account == nullptr) return keys;
  for (const auto& credential : account->credentials) {
    if (!credential->is_session()) keys.push_back(credential->key());
  }
  return keys;
}

std::shared_ptr<const Identity> Directory::proved(std::string_view folded, std::string_view password,
                                                  const Mac& mac, SteadyTime until) {
  const std::unique_lock lock(mutex_);
  const auto place = accounts_.find(folded);
  if (place == accounts_.end()) return nullptr;
  Account& account = place->second;
  if (account.user.disabled || account.password_mark != table_hash(password)) return nullptr;
  if (!account.by_password) {
    account.by_password =
        std::make_shared<Identity>(account.user.id, account.user.name, account.user.role, std::string());
  }
  account.mac = mac;
  account.mac_until = until;
  return account.by_password;
}

std::shared_ptr<const Identity> Directory::remembered(std::string_view folded, const Mac& mac,
                                                      SteadyTime now) const {
  const std::shared_lock lock(mutex_);
  const auto place = accounts_.find(folded);
  if (place == accounts_.end()) return nullptr;
  const Account& account = place->second;
  if (account.mac_until <= now || account.mac != mac || account.user.disabled) return nullptr;
  return account.by_password;
}

}  // namespace quire::access
