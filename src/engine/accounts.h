#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/types.h"
#include "base/call.h"
#include "base/result.h"
#include "base/secret.h"
#include "engine/address.h"
#include "engine/caller.h"
#include "engine/catalog.h"

namespace quire::engine {

using AccountsOptions = access::Options;
using access::Grant;
using access::Key;
using access::KeyRequest;
using access::NewKey;
using access::NewSession;
using access::NewUser;
using access::Reservation;
using access::Right;
using access::Role;
using access::User;

// A database in a list of those that somebody may use.
struct UsableDatabase {
  DatabaseDescription database;
  std::string owner_name;
  Right right = Right::none;
};
struct UsableDatabases {
  std::vector<UsableDatabase> rows;
  std::uint64_t total = 0;
};

// Accounts and what they may: who asks, keys and sessions, sharing, reservations. Callable from every thread.
// Calls block, for the disk where they change something and for tens of milliseconds where they take a
// password, but for those marked "from memory". An account is named by its id or its name.
//
// Errors of every call: unauthenticated, forbidden, not_found (of what the caller may not see, too),
// exhausted (with a time to retry after), unavailable, io.
class Accounts {
 public:
  virtual ~Accounts() = default;

  // --- who asks
  // From memory. Whom a key or a session's token proves; nullopt: nobody.
  virtual std::optional<Caller> authenticate(std::string_view token) = 0;
  // `address` is the client's. The same error after the same time, whatever is wrong.
  virtual Result<Caller> check_password(std::string_view user_name, const Secret& password,
                                        std::string_view address) = 0;
  // The account that asks; nullopt: none (anonymous, or the owner of the process).
  virtual std::optional<User> self(const Caller& caller) = 0;

  // --- accounts
  // By whoever asks, where registration is open; by an administrator with every role. Errors: exists (field
  // "username"), invalid, too_large, forbidden (registration is closed).
  virtual Result<User> register_user(const Caller& caller, NewUser user) = 0;
  // Of administrators, in the order of names.
  virtual Result<std::vector<User>> users(const Caller& caller, std::string_view after,
                                          std::size_t limit) = 0;
  // Oneself, or of administrators.
  virtual Result<User> user(const Caller& caller, std::string_view user) = 0;
  // Oneself, with the old password, or of administrators. Ends the account's sessions and keys.
  virtual Status set_password(const Caller& caller, std::string_view user, Secret password) = 0;
  // Of administrators.
  virtual Status set_disabled(const Caller& caller, std::string_view user, bool disabled) = 0;
  virtual Status set_role(const Caller& caller, std::string_view user, Role role) = 0;
  // Of administrators: with its databases.
  virtual Status remove_user(const Caller& caller, const CallLimits& limits, std::string_view user) = 0;

  // --- sessions and keys
  virtual Result<NewSession> log_in(std::string_view user_name, const Secret& password,
                                    std::string_view address) = 0;
  // The session that the caller showed. Errors: invalid (it was no session).
  virtual Status log_out(const Caller& caller) = 0;
  // Of oneself, or of administrators for any account. A key cannot make one that may do more than itself.
  virtual Result<NewKey> make_key(const Caller& caller, std::string_view user, const KeyRequest& request) = 0;
  virtual Result<std::vector<Key>> keys(const Caller& caller, std::string_view user) = 0;
  // By its id or, of actions, its whole text.
  virtual Status revoke_key(const Caller& caller, std::string_view user, std::string_view id_or_text) = 0;

  // --- sharing; of the database's owner and of administrators
  virtual Status share(const Caller& caller, const DatabaseAddress& address, std::string_view user,
                       Right right) = 0;
  virtual Status unshare(const Caller& caller, const DatabaseAddress& address, std::string_view user) = 0;
  virtual Status set_public(const Caller& caller, const DatabaseAddress& address, Right right) = 0;
  struct Sharing {
    Right everybody = Right::none;
    std::vector<Grant> grants;  // of others than the owner
  };
  virtual Result<Sharing> sharing(const Caller& caller, const DatabaseAddress& address) = 0;
  // What the caller owns and what is shared with it, in a lasting order; and what is public. From memory.
  virtual Result<UsableDatabases> usable_databases(const Caller& caller, std::uint64_t offset,
                                                   std::uint64_t limit) = 0;
  virtual UsableDatabases public_databases(std::uint64_t offset, std::uint64_t limit) = 0;
  // The account's id that an owner's name in an address stands for; empty: no such account. From memory.
  virtual std::string owner_id(std::string_view user) = 0;

  // --- reservations
  // Who writes may take a database; it excludes all others, on every surface, until it is given back or its
  // time without use has passed. Errors: locked (with a time to retry after).
  virtual Result<Reservation> reserve(const Caller& caller, const DatabaseAddress& address) = 0;
  // Errors: not_found (the caller holds no reservation of it).
  virtual Status release(const Caller& caller, const DatabaseAddress& address) = 0;
  // Of a database that the caller may describe. From memory.
  virtual Result<std::optional<Reservation>> reservation(const Caller& caller,
                                                         const DatabaseAddress& address) = 0;
  // The database that the caller has taken last and still holds. From memory.
  virtual std::optional<DatabaseDescription> held(const Caller& caller) = 0;
};

}  // namespace quire::engine
