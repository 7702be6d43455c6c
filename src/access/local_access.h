#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "access/access.h"
#include "access/audit_log.h"
#include "access/directory.h"
#include "access/holds.h"
#include "access/keyed_lock.h"
#include "access/names.h"
#include "access/password_hasher.h"
#include "access/rights.h"
#include "access/store.h"
#include "access/throttle.h"
#include "access/token_cache.h"
#include "database/task_gate.h"

namespace quire::access {

// Access over one node's catalog: the store has the records, and what is asked with every request stands in
// memory beside it. A change goes to the store first, under the lock of its account or database, and then to
// memory.
class LocalAccess final : public Access {
 public:
  LocalAccess(database::Catalog& catalog, const Options& options, const Clock& clock, Random& random,
              Executor& executor, std::unique_ptr<Store> store);
  ~LocalAccess() override;
  // Brings the store into memory, and finishes what a crash has left.
  Status load();

  // --- accounts: accounts.cc
  Result<std::optional<FirstAdmin>> make_first_admin() override;
  Result<User> add_user(NewUser user) override;
  std::optional<User> find_user(std::string_view id_or_name) override;
  std::vector<User> users(std::string_view after, std::size_t limit) override;
  Status set_password(std::string_view user, Secret password, const Identity* keep) override;
  Status set_disabled(std::string_view user, bool disabled) override;
  Status remove_user(std::string_view user) override;
  Status set_role(std::string_view user, Role role) override;

  // --- proofs: proofs.cc, keys.cc
  std::shared_ptr<const Identity> authenticate(std::string_view token) override;
  Result<std::shared_ptr<const Identity>> check_password(std::string_view user_name, const Secret& password,
                                                         std::string_view address) override;
  Result<NewSession> log_in(std::string_view user_name, const Secret& password,
                            std::string_view address) override;
  Status log_out(const Identity& session) override;
  Result<NewKey> make_key(std::string_view user, const KeyRequest& request) override;
  std::vector<Key> keys(std::string_view user) override;
  Status revoke_key(std::string_view user, std::string_view id) override;

  // --- rights: sharing.cc
  Right right(const Identity* identity, const Place& place) override;
  Status share(const Place& place, std::string_view user, Right right) override;
  Status unshare(const Place& place, std::string_view user) override;
  Status set_public(const Place& place, Right right) override;
  Right public_right(std::string_view database) override;
  std::vector<Grant> grants(std::string_view database) override;
  Page usable_by(std::string_view user, std::uint64_t offset, std::uint64_t limit) override;
  Page public_databases(std::uint64_t offset, std::uint64_t limit) override;
  Status forget(std::string_view database) override;

  // --- reservations: reserving.cc
  std::optional<Reservation> reservation(std::string_view database) override;
  std::optional<Reservation> held_by_other(const Identity* identity, std::string_view database) override;
  database::Fence fence(std::string_view database) override;
  Result<Reservation> reserve(const Identity& holder, const Place& place,
                              const std::function<void()>& settle) override;
  Status release(const Identity& holder, std::string_view database) override;
  Status release_any(std::string_view database) override;
  void use(const Identity& holder, std::string_view database) override;
  std::vector<std::string> held_by(std::string_view user) override;

  void note(std::string_view event, const Identity* by, std::string_view on,
            std::string_view address) override;

 private:
  // --- starting
  Status load_grants();
  Status load_reservations();

  // --- accounts
  using ChangeUser = std::function<Status(UserRecord&)>;
  Status change_user(const std::string& folded, const ChangeUser& change, const Directory::Change& how = {});
  Result<std::string> folded_of(std::string_view user) const;
  Result<User> put_user(const UserName& name, UserRecord record);
  std::string new_user_id();
  NewToken new_token(TokenKind kind);
  Status remove_grants_of(std::uint64_t user);

  // --- proofs
  Result<std::shared_ptr<const Identity>> prove(std::string_view user_name, const Secret& typed,
                                                std::string_view address);
  Result<std::shared_ptr<const Identity>> look_at(const std::optional<std::string>& folded,
                                                  const Secret& typed);
  void hash_anew(const std::string& folded, const std::string& phc, const Secret& password);
  bool admit(const std::shared_ptr<Credential>& credential);
  void save_soon(const std::shared_ptr<Credential>& credential);

  // --- reservations
  Status end_hold(const std::string& database, const std::function<Status(const Holds::Hold&)>& may);
  void end_hold_of(const std::string& database, std::uint64_t user);
  void save_end(const std::string& database, std::uint64_t user);
  Reservation reservation_of(std::string_view database, const Holds::Hold& hold) const;
  WallMs wall_of(SteadyTime time) const;
  static Error locked(const Reservation& by, WallMs now);

  database::Catalog& catalog_;
  const Options options_;
  const Clock& clock_;
  Random& random_;
  Executor& executor_;
  const std::unique_ptr<Store> store_;
  Directory directory_;
  Rights rights_;
  Holds holds_;
  TokenCache tokens_;
  PasswordHasher hasher_;
  Throttle throttle_;
  KeyedLock user_locks_;     // by folded name
  KeyedLock grant_locks_;    // by database
  KeyedLock reserve_locks_;  // by database
  std::mutex admins_mutex_;  // taken before a user's lock by who may take an administrator away
  AuditLog audit_;
  database::TaskGate gate_;  // of what is stored later
};

}  // namespace quire::access
