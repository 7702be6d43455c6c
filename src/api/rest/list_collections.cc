#include "api/json_out.h"
#include "api/rest/describe.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

namespace {

Result<std::vector<engine::CollectionDescription>> collections(const RestCall& call) {
  return engine::wait<std::vector<engine::CollectionDescription>>([&](auto done) {
    call.parts().catalog.collections(call.call.caller, call.call.limits(), call.database(), std::move(done));
  });
}

}  // namespace

Result<net::Response> list_collections(RestCall& call) {
  QUIRE_TRY(const auto all, collections(call));
  std::string out = "{\"collections\":[";
  Separator separator;
  for (const auto& collection : all) {
    separator.before(out);
    print_collection(collection, out);
  }
  out += "]}";
  return json_answer(200, std::move(out));
}

Result<net::Response> get_collection(RestCall& call) {
  QUIRE_TRY(const auto all, collections(call));
  for (const auto& collection : all) {
    if (collection.name != call.collection_name) continue;
    std::string out;
    print_collection(collection, out);
    return json_answer(200, std::move(out));
  }
  return Error(ErrorCode::not_found, "there is no collection '" + call.collection_name + "'")
      .at("collection");
}

}  // namespace quire::api::rest
