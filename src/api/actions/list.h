#pragma once

#include "api/actions/action.h"

namespace quire::api::actions {

// payload.limit and payload.offset.
struct Stretch {
  std::uint64_t limit;
  std::uint64_t offset;
};
// Errors: invalid.
Result<Stretch> stretch_of(const ActionCall& call);

// {databases: [{dbID, dbName, owner}], total}; with the caller's right as `role`.
std::string print_databases(const engine::UsableDatabases& databases, bool with_role);

}  // namespace quire::api::actions
