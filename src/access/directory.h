#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/credential.h"
#include "access/records.h"

namespace quire::access {

// Every account with its keys and sessions, in memory; the store has the records. Whoever changes a record
// brings this in step with it. Callable from every thread; never blocks for a disk.
class Directory {
 public:
  // --- in step with the store
  struct Change {
    const Identity* keep = nullptr;  // stays, whatever the record says of its password
    bool same_password = false;      // only hashed anew
  };
  // Takes the record for what the account is now. Ends the keys and sessions that it has no more, all where
  // the role is another, and what the password proved where that is another.
  void apply(std::string_view folded, const UserRecord& record, const Change& change);
  void remove(std::string_view folded);
  // Puts into the record what has moved in memory since it was stored.
  void refresh(UserRecord& record) const;
  // And notes that it is stored.
  void stored(const UserRecord& record) const;

  // --- who there is
  std::optional<User> find(std::string_view id_or_name) const;
  // By what the account's record is found.
  std::optional<std::string> folded(std::string_view id_or_name) const;
  std::vector<User> list(std::string_view after_folded, std::size_t limit) const;
  // Administrators that may come in, without this one.
  std::size_t admins_beside(std::string_view id) const;
  bool has_admin() const;
  std::size_t size() const;

  // --- what proves an account
  std::shared_ptr<Credential> credential(std::uint64_t number) const;
  std::vector<Key> keys(std::string_view id) const;
  // The identity that a password has proved, which was checked against the string `password`; null where that
  // is no more the account's, or it is disabled. Known by `mac` again until `until`.
  using Mac = std::array<char, 16>;
  std::shared_ptr<const Identity> proved(std::string_view folded, std::string_view password, const Mac& mac,
                                         SteadyTime until);
  std::shared_ptr<const Identity> remembered(std::string_view folded, const Mac& mac, SteadyTime now) const;

 private:
  struct Account {
    User user;
    std::uint64_t password_mark = 0;
    std::vector<std::shared_ptr<Credential>> credentials;
    std::shared_ptr<const Identity> by_password;  // one for all that showed it; null: nobody yet
    Mac mac{};
    SteadyTime mac_until{};
  };
  using ByName = std::map<std::string, Account, std::less<>>;

  const Account* account_locked(std::string_view id_or_name) const;
  ByName::const_iterator place_locked(std::string_view id_or_name) const;
  void apply_credentials_locked(Account& account, const UserRecord& record, bool anew);
  void end_locked(const std::shared_ptr<Credential>& credential);

  mutable std::shared_mutex mutex_;
  ByName accounts_;                                            // guarded by mutex_; by folded name
  std::unordered_map<std::uint64_t, ByName::iterator> by_id_;  // guarded by mutex_
  std::unordered_map<std::uint64_t, std::shared_ptr<Credential>> credentials_;  // guarded by mutex_
};

}  // namespace quire::access
