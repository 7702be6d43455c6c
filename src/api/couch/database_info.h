#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/couch/couch_call.h"

namespace quire::api::couch {

// How the caller's paths name a database.
std::string name_for(const engine::Caller& caller, std::string_view name, std::string_view owner);

// What the protocol calls the information of a database, as JSON. Errors: those of the catalog.
Result<std::string> database_info(const CouchCall& call, const engine::DatabaseAddress& address,
                                  std::string_view shown);

}  // namespace quire::api::couch
