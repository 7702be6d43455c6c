#include "api/actions/list.h"

#include "api/json_out.h"
#include "api/tuning.h"

namespace quire::api::actions {

Result<Stretch> stretch_of(const ActionCall& call) {
  const std::uint64_t limit = call.payload.number("limit", tuning::kListDefault);
  if (limit > tuning::kListMost) {
    return Error(ErrorCode::invalid, "at most 1000 are answered at once").at("limit").over(tuning::kListMost);
  }
  return Stretch{limit, call.payload.number("offset", 0)};
}

std::string print_databases(const engine::UsableDatabases& databases, bool with_role) {
  std::string out;
  ObjectOut object(out);
  object.member("databases") += "[";
  Separator separator;
  for (const auto& row : databases.rows) {
    separator.before(out);
    ObjectOut one(out);
    one.text("dbID", row.database.id);
    one.text("dbName", row.database.name);
    one.text("owner", row.owner_name);
    if (with_role) one.text("role", access::name(row.right));
    one.end();
  }
  out += "]";
  object.number("total", databases.total);
  object.end();
  return out;
}

}  // namespace quire::api::actions
