#pragma once

#include <string>

#include "access/access.h"
#include "base/clock.h"
#include "engine/databases.h"
#include "engine/decide.h"

namespace quire::engine {

// Of a node with accounts: owners, grants, what is public, and reservations. What it is given outlives it.
//
// Who has no right to a database learns nothing of it: an account gets not_found, whether there is such a
// database or not, and a caller without an identity unauthenticated.
class AccountsAuthority final : public Authority {
 public:
  AccountsAuthority(access::Access& access, Databases& databases, const Clock& clock,
                    const access::Options& options)
      : access_(access), databases_(databases), clock_(clock), options_(options) {}

  Decision decide(const Caller& caller, Action action, const Target& target) const override;
  database::Fence fence(const DatabaseAddress& database) const override;
  std::uint64_t byte_limit(const DatabaseAddress& database) const override;
  Status removed(std::string_view id) const override { return access_.forget(id); }

 private:
  Decision decide_node(const access::Identity* identity, Action action) const;
  Decision decide_creation(const access::Identity* identity, const DatabaseAddress& database) const;
  Status check_reservation(const access::Identity* identity, std::string_view database) const;

  access::Access& access_;
  Databases& databases_;
  const Clock& clock_;
  const access::Options options_;
};

// The identity has not ended; ok for none. Errors: unauthenticated.
Status check_proof(const access::Identity* identity, WallMs now);

}  // namespace quire::engine
