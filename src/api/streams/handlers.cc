#include "api/streams/handlers.h"

#include "api/answer.h"
#include "api/query.h"
#include "api/streams/changes_socket.h"
#include "api/streams/db_socket.h"
#include "api/streams/search_socket.h"

namespace quire::api::streams {

namespace {

template <class Kind>
void open(const Call& call) {
  const auto query = Query::parse(call.request().query, call.route.parameters);
  if (!query) return send_error(call, query.error());
  std::string database = query->has("database") ? std::string(query->text("database")) : "main";
  call.exchange.accept(std::make_shared<Kind>(call.context, call.caller, std::move(database)));
}

}  // namespace

void open_db(const Call& call) { open<DbSocket>(call); }
void open_search(const Call& call) { open<SearchSocket>(call); }
void open_changes(const Call& call) { open<ChangesSocket>(call); }

}  // namespace quire::api::streams
