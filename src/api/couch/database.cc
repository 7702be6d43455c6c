#include "api/couch/database_info.h"
#include "api/couch/handlers.h"
#include "net/target.h"

// A database: made, looked at, removed.

namespace quire::api::couch {

namespace {

// As the request names it.
std::string shown_name(const CouchCall& call) {
  auto decoded = net::percent_decode(call.call.captures[0]);
  return decoded ? *std::move(decoded) : std::string();
}

}  // namespace

Result<net::Response> get_database(CouchCall& call) {
  QUIRE_TRY(std::string info, database_info(call, call.database(), shown_name(call)));
  return json_answer(200, std::move(info));
}

// How a cluster would place it (q, n, partitioned) is taken and means nothing here.
Result<net::Response> put_database(CouchCall& call) {
  const auto made = engine::wait<engine::DatabaseDescription>([&](auto done) {
    call.parts().catalog.create_database(call.call.caller, call.call.limits(), call.database(), {},
                                         std::move(done));
  });
  if (!made) {
    const Error& error = made.error();
    const bool name = error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large;
    if (!name) return error;
    return refusal(ErrorCode::invalid, "illegal_database_name", "Name: " + error.message());
  }
  net::Response response = ok_answer(201);
  response.add_field("Location", "/" + net::percent_encode(shown_name(call)));
  return response;
}

Result<net::Response> delete_database(CouchCall& call) {
  if (call.query.has("rev")) {
    return bad_request(
        "You tried to DELETE a database with a ?=rev parameter. "
        "Did you mean to DELETE a document instead?");
  }
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().catalog.remove_database(call.call.caller, call.call.limits(), call.database(),
                                         std::move(done));
  }));
  return ok_answer();
}

}  // namespace quire::api::couch
