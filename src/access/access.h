#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/argon2.h"
#include "access/identity.h"
#include "access/types.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/result.h"
#include "database/catalog.h"

namespace quire::access {

// The database of the server's own that keeps what stands here (docs/formats/access.md). No door reaches it:
// it is written by the calls of Access alone.
inline constexpr std::string_view kSystemDatabase = "_system";

// A database as the layer speaks of it: its id, and how it is addressed.
struct Place {
  std::string_view id;
  std::string_view owner;  // an account's id; empty: the server's own
  std::string_view name;
};

// Who may what on one node: accounts, passwords, keys, sessions, grants and reservations, kept in a database
// of the server's own and, but for passwords, all in memory (some 900 bytes an account with a key, 120 a
// grant). Thread-safe.
//
// Calls that change something return when it is durable, and so block for the disk; those that hash a
// password block for tens of milliseconds more. Calls marked "from memory" never block, and may be made where
// nothing may wait.
//
// A wrong password, an unknown name and a disabled account answer the same error after the same work.
//
// An account is named by its id, or by its name without regard to case. Logins, those that failed and logouts
// are noted in the audit log here; all else is its callers' to note, who know who asked.
class Access {
 public:
  // What is given outlives it. The executor is for what is stored later: audit, the ends of what is in use.
  // Errors: what opening a database meets; corrupt; not_implemented (records of a later version).
  static Result<std::unique_ptr<Access>> open(database::Catalog& catalog, const Options& options,
                                              const Clock& clock, Random& random, Executor& executor);
  // Nobody is within a call. What was noted is written; not called on a thread of the executor.
  virtual ~Access() = default;

  // --- accounts
  // The first administrator, "admin", with a random password and a key that does not expire, where there is
  // none; else nullopt. Errors: exists (an account of another role has the name).
  struct FirstAdmin {
    User user;
    Secret password;
    NewKey key;
  };
  virtual Result<std::optional<FirstAdmin>> make_first_admin() = 0;
  // Names are unique without regard to case. Errors: exists (field "username"), invalid, too_large,
  // exhausted (too many hashes wait).
  virtual Result<User> add_user(NewUser user) = 0;
  // From memory. By id, or by name without regard to case.
  virtual std::optional<User> find_user(std::string_view id_or_name) = 0;
  // In the order of names, those behind `after`, a name or an id; empty: from the first.
  virtual std::vector<User> users(std::string_view after, std::size_t limit) = 0;
  // These end the account's sessions and keys, or all but `keep`; not_found where there is no such account.
  // The last administrator that is not disabled stays: conflict.
  virtual Status set_password(std::string_view user, Secret password, const Identity* keep) = 0;
  virtual Status set_disabled(std::string_view user, bool disabled) = 0;
  // The account, its keys, sessions, grants and reservations; its databases are the caller's to remove first.
  virtual Status remove_user(std::string_view user) = 0;
  // Keys and sessions stay and prove the new role from the next request on; what runs with the old one ends.
  // The last administrator stays one: conflict.
  virtual Status set_role(std::string_view user, Role role) = 0;

  // --- proofs
  // From memory: of a key or a session's token; null where it proves nothing. Uses a session.
  virtual std::shared_ptr<const Identity> authenticate(std::string_view token) = 0;
  // Of a name and a password. `address` is the client's, for the throttle. A password that was right is known
  // again for some minutes without a hash. Errors: unauthenticated; exhausted (with a time to retry after)
  // where too many were wrong, or too many hashes wait; too_large (field "password").
  virtual Result<std::shared_ptr<const Identity>> check_password(std::string_view user_name,
                                                                 const Secret& password,
                                                                 std::string_view address) = 0;
  virtual Result<NewSession> log_in(std::string_view user_name, const Secret& password,
                                    std::string_view address) = 0;
  // Errors: invalid (not a session), not_found (ended already).
  virtual Status log_out(const Identity& session) = 0;
  // Errors: not_found, forbidden (a disabled account), exhausted (too many keys), invalid, too_large (fields
  // "label", "databases", "life").
  virtual Result<NewKey> make_key(std::string_view user, const KeyRequest& request) = 0;
  virtual std::vector<Key> keys(std::string_view user) = 0;
  // By its id. Errors: not_found.
  virtual Status revoke_key(std::string_view user, std::string_view id) = 0;
  // The id of a text that has the form of a key; says nothing about whether it is anybody's.
  static std::optional<std::string_view> key_id(std::string_view text);
  // Whether the identity was proved by a session: what log_out() takes.
  static bool is_session(const Identity& identity);

  // --- rights on databases
  // From memory. What the identity (null: anonymous) may do with a database: the best of its owner's right,
  // its grant and the public one, narrowed by the key. None to who has ended, and to all on the database of
  // Access.
  virtual Right right(const Identity* identity, const Place& place) = 0;
  // Who is not the owner and held the database loses the reservation with the right. Errors: not_found (field
  // "userID"), invalid (the owner, Right::owner).
  virtual Status share(const Place& place, std::string_view user, Right right) = 0;
  virtual Status unshare(const Place& place, std::string_view user) = 0;
  virtual Status set_public(const Place& place, Right right) = 0;
  virtual Right public_right(std::string_view database) = 0;
  virtual std::vector<Grant> grants(std::string_view database) = 0;
  // Ids, in a lasting order, and how many there are in all. From memory; a page costs what it shows.
  struct Page {
    std::vector<std::string> databases;
    std::uint64_t total = 0;
  };
  // What the account owns and what is shared with it.
  virtual Page usable_by(std::string_view user, std::uint64_t offset, std::uint64_t limit) = 0;
  virtual Page public_databases(std::uint64_t offset, std::uint64_t limit) = 0;
  // All that is kept of a database which has been removed. What a crash leaves of that is done by open().
  virtual Status forget(std::string_view database) = 0;

  // --- reservations
  // From memory: who holds a database now, and what a write is to be fenced by. Nobody is told when a
  // reservation's time passes: it is over from then on. After a restart it may be over sooner, by half of its
  // time at most.
  virtual std::optional<Reservation> reservation(std::string_view database) = 0;
  // From memory. The reservation that keeps this identity (null: anonymous) out; nullopt: none, or its
  // account's own.
  virtual std::optional<Reservation> held_by_other(const Identity* identity, std::string_view database) = 0;
  // A database that was never reserved has one, too.
  virtual database::Fence fence(std::string_view database) = 0;
  // Takes the database, or renews what the identity's account holds; whether it may is its caller's to ask.
  // `settle` is called when the new epoch is in force and before the answer: it returns when no write of an
  // older one is still under way. Errors: locked (with a time to retry after), unauthenticated (ended),
  // not_found.
  virtual Result<Reservation> reserve(const Identity& holder, const Place& place,
                                      const std::function<void()>& settle) = 0;
  // Of an administrator: whoever holds it. Errors: not_found (nobody holds it), locked (somebody else does).
  virtual Status release(const Identity& holder, std::string_view database) = 0;
  // The same for the owner of the process, who is no account.
  virtual Status release_any(std::string_view database) = 0;
  // Moves the end of what the account holds. From memory, but for when less than half of the time was left:
  // then the new end is made durable, on another thread.
  virtual void use(const Identity& holder, std::string_view database) = 0;
  // The ids of the databases that an account holds, the last one taken first. From memory.
  virtual std::vector<std::string> held_by(std::string_view user) = 0;

  // --- the audit log
  // Appends what happened to the log that nobody rewrites: grants, reservations, exports, settings. Never
  // waits: it is written within a second. No part may be a secret.
  virtual void note(std::string_view event, const Identity* by, std::string_view on,
                    std::string_view address = {}) = 0;
};

}  // namespace quire::access
