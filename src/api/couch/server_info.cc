#include "api/couch/handlers.h"
#include "api/json_out.h"

// What the server says of itself.

namespace quire::api::couch {

// The version is that of the protocol, which clients look at; Quire's own is for who has logged in.
Result<net::Response> welcome(CouchCall& call) {
  std::string out;
  ObjectOut object(out);
  object.text("couchdb", "Welcome");
  object.text("version", "3.3.3");
  object.text("uuid", call.parts().catalog.node_id());
  object.raw("features",
             R"(["access-ready","partitioned","pluggable-storage-engines","reshard","scheduler"])");
  object.raw("vendor", R"({"name":"Quire"})");
  object.end();
  return json_answer(200, std::move(out));
}

Result<net::Response> up(CouchCall& call) {
  const auto& ready = call.call.context.options().ready;
  if (!ready || ready().has_value()) return json_answer(200, R"({"status":"ok","seeds":{}})");
  return json_answer(404, R"({"status":"maintenance_mode"})");
}

Result<net::Response> uuids(CouchCall& call) {
  QUIRE_TRY(const std::uint64_t count, call.query.number("count", 1));
  if (count > kUuidsMost) return bad_request("count parameter too large");
  std::string out = "{\"uuids\":[";
  Separator separator;
  for (std::uint64_t i = 0; i < count; ++i) {
    separator.before(out);
    out.append(1, '"').append(new_uuid(call.parts().random)).append(1, '"');
  }
  out += "]}";
  return json_answer(200, std::move(out));
}

Result<net::Response> membership(CouchCall&) {
  return json_answer(200, R"({"all_nodes":["quire@localhost"],"cluster_nodes":["quire@localhost"]})");
}

Result<net::Response> utils(CouchCall&) {
  return Error(ErrorCode::not_implemented,
               "there is no page of administration here; `quire` on the command line manages a server");
}

Result<net::Response> design_code(CouchCall&) {
  return Error(
      ErrorCode::not_implemented,
      "functions of design documents are not run here; POST _find finds documents by what is in them, "
      "with indexes, and POST /v1/databases/NAME/collections/NAME/aggregate groups and sums");
}

}  // namespace quire::api::couch
