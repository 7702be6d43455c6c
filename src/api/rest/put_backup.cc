#include <algorithm>
#include <string>

#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "api/tuning.h"

namespace quire::api::rest {

namespace {

// A name that is one folder below the folder of backups, and nothing else, on every system.
Status check_name(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (name.size() > tuning::kBackupNameBytes) {
    return Error(ErrorCode::too_large, "a backup's name is too long")
        .at("name")
        .over(tuning::kBackupNameBytes);
  }
  if (name.empty() || name.front() == '.' || !plain) {
    return Error(ErrorCode::invalid,
                 "a backup's name has letters, digits, '-', '_' and '.', and does not begin with '.'")
        .at("name");
  }
  return ok();
}

}  // namespace

Result<net::Response> put_backup(RestCall& call) {
  const std::string& folder = call.call.context.options().backups;
  QUIRE_TRY_STATUS(check_name(call.name));
  if (folder.empty()) {
    return Error(ErrorCode::precondition,
                 "this server has no folder of backups; its setting `backups` names one")
        .at("backups");
  }
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().catalog.backup(call.call.caller, call.call.limits(), folder + "/" + call.name,
                                std::move(done));
  }));
  std::string out;
  ObjectOut object(out);
  object.text("name", call.name);
  object.end();
  return json_answer(201, std::move(out));
}

}  // namespace quire::api::rest
