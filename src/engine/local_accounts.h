#pragma once

#include <string>

#include "access/access.h"
#include "base/clock.h"
#include "engine/accounts.h"
#include "engine/databases.h"
#include "engine/decide.h"

namespace quire::engine {

// The accounts of this process's node. Every call works on the calling thread.
class LocalAccounts final : public Accounts {
 public:
  LocalAccounts(access::Access& access, Databases& databases, const Authority& authority, const Clock& clock,
                const access::Options& options)
      : access_(access), databases_(databases), authority_(authority), clock_(clock), options_(options) {}

  std::optional<Caller> authenticate(std::string_view token) override;
  Result<Caller> check_password(std::string_view user_name, const Secret& password,
                                std::string_view address) override;
  std::optional<User> self(const Caller& caller) override;

  Result<User> register_user(const Caller& caller, NewUser user) override;
  Result<std::vector<User>> users(const Caller& caller, std::string_view after, std::size_t limit) override;
  Result<User> user(const Caller& caller, std::string_view user) override;
  Status set_password(const Caller& caller, std::string_view user, Secret password) override;
  Status set_disabled(const Caller& caller, std::string_view user, bool disabled) override;
  Status set_role(const Caller& caller, std::string_view user, Role role) override;
  Status remove_user(const Caller& caller, const CallLimits& limits, std::string_view user) override;

  Result<NewSession> log_in(std::string_view user_name, const Secret& password,
                            std::string_view address) override;
  Status log_out(const Caller& caller) override;
  Result<NewKey> make_key(const Caller& caller, std::string_view user, const KeyRequest& request) override;
  Result<std::vector<Key>> keys(const Caller& caller, std::string_view user) override;
  Status revoke_key(const Caller& caller, std::string_view user, std::string_view id_or_text) override;

  Status share(const Caller& caller, const DatabaseAddress& address, std::string_view user,
               Right right) override;
  Status unshare(const Caller& caller, const DatabaseAddress& address, std::string_view user) override;
  Status set_public(const Caller& caller, const DatabaseAddress& address, Right right) override;
  Result<Sharing> sharing(const Caller& caller, const DatabaseAddress& address) override;
  Result<UsableDatabases> usable_databases(const Caller& caller, std::uint64_t offset,
                                           std::uint64_t limit) override;
  UsableDatabases public_databases(std::uint64_t offset, std::uint64_t limit) override;
  std::string owner_id(std::string_view user) override;

  Result<Reservation> reserve(const Caller& caller, const DatabaseAddress& address) override;
  Status release(const Caller& caller, const DatabaseAddress& address) override;
  Result<std::optional<Reservation>> reservation(const Caller& caller,
                                                 const DatabaseAddress& address) override;
  std::optional<DatabaseDescription> held(const Caller& caller) override;

 private:
  // A database's id with how it is addressed; the address outlives it.
  struct Found {
    DatabaseId id;
    access::Place place() const { return {.id = id.text(), .owner = address.owner, .name = address.name}; }
    DatabaseAddress address;
  };
  Result<Found> find(const Caller& caller, Action action, const DatabaseAddress& address);
  // Errors: unauthenticated, forbidden.
  Status admit_admin(const Caller& caller) const;
  // The account, where the caller is it or an administrator. Errors: not_found, else.
  Result<User> admit(const Caller& caller, std::string_view user) const;
  // The database of this id, where the identity has a right to it.
  std::optional<database::DatabaseInfo> usable(const access::Identity& identity, const std::string& id);
  access::Access::Page narrowed(const access::Identity& identity, std::uint64_t offset, std::uint64_t limit);
  UsableDatabases describe(const access::Access::Page& page, const access::Identity* identity);
  void note(std::string_view event, const Caller& caller, std::string_view on) {
    access_.note(event, caller.identity(), on);
  }

  access::Access& access_;
  Databases& databases_;
  const Authority& authority_;
  const Clock& clock_;
  const access::Options options_;
};

}  // namespace quire::engine
