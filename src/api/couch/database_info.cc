#include "api/couch/database_info.h"

#include "api/couch/sequence.h"
#include "api/json_out.h"

namespace quire::api::couch {

std::string name_for(const engine::Caller& caller, std::string_view name, std::string_view owner) {
  const bool account = caller.identity() != nullptr && !caller.administers();
  const bool main = name == "main" && owner.empty();
  const bool own = account ? owner == caller.identity()->user && name != "main" : owner.empty();
  if (main || own) return std::string(name);
  return std::string(owner).append(":").append(name);
}

Result<std::string> database_info(const CouchCall& call, const engine::DatabaseAddress& address,
                                  std::string_view shown) {
  QUIRE_TRY(const auto figures, engine::wait<engine::DatabaseStatistics>([&](auto done) {
              call.parts().catalog.statistics(call.call.caller, call.call.limits(), address, std::move(done));
            }));
  std::string out;
  ObjectOut object(out);
  object.text("db_name", shown);
  object.number("doc_count", figures.counts.documents);
  object.number("doc_del_count", figures.counts.deleted);
  object.raw("update_seq", sequence_json(figures.position));
  object.number("purge_seq", figures.purge_sequence);
  ObjectOut sizes(object.member("sizes"));
  sizes.number("file", figures.disk_bytes);
  sizes.number("external", figures.counts.bytes);
  sizes.number("active", figures.disk_bytes - std::min(figures.log_bytes, figures.disk_bytes));
  sizes.end();
  object.flag("compact_running", figures.compact_running);
  object.number("disk_format_version", 8);
  object.text("instance_start_time", std::to_string(figures.database.created_ms));
  object.raw("props", "{}");
  object.raw("cluster", R"({"q":1,"n":1,"w":1,"r":1})");
  object.end();
  return out;
}

}  // namespace quire::api::couch
