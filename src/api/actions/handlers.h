#pragma once

#include "api/actions/action.h"

// What the tables point at: an action a file.
namespace quire::api::actions {

// Of the route: finds the action and who asks for it.
void handle(const Call& call);

Result<std::string> register_account(ActionCall& call);
Result<std::string> login(ActionCall& call);
Result<std::string> get_api_key(ActionCall& call);
Result<std::string> revoke_api_key(ActionCall& call);
Result<std::string> get_public_databases(ActionCall& call);
Result<std::string> get_databases(ActionCall& call);
Result<std::string> create_database(ActionCall& call);
Result<std::string> delete_database(ActionCall& call);
Result<std::string> load_database(ActionCall& call);
Result<std::string> unload_database(ActionCall& call);
Result<std::string> share_database(ActionCall& call);
Result<std::string> unshare_database(ActionCall& call);

void manage_database(const ActionPointer& call);

}  // namespace quire::api::actions
