#include <utility>

#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "document/extended_json.h"
#include "document/json.h"

namespace quire::api::rest {

namespace {

std::string_view name_of(engine::IndexDescription::State state) {
  switch (state) {
    case engine::IndexDescription::State::building: return "building";
    case engine::IndexDescription::State::ready: return "ready";
    case engine::IndexDescription::State::failed: break;
  }
  return "failed";
}

void print_index(const engine::IndexDescription& index, std::string& out) {
  ObjectOut object(out);
  object.text("name", index.name);
  object.raw("definition", index.definition);
  object.text("state", name_of(index.state));
  if (index.state == engine::IndexDescription::State::building) {
    object.number("done", index.done);
    object.number("total", index.total);
  }
  if (!index.failure.empty()) object.text("failure", index.failure);
  object.end();
}

Result<std::vector<engine::IndexDescription>> all(const RestCall& call) {
  return engine::wait<std::vector<engine::IndexDescription>>([&](auto done) {
    call.parts().queries.indexes(call.call.caller, call.call.limits(), call.collection(), std::move(done));
  });
}

// The values of its filter are Extended JSON, as those of a query. What is no definition is the engine's to
// say.
Status check_partial(std::string_view definition) {
  std::string minified;
  if (!document::minify(definition, {}, minified)) return ok();
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, minified));
  const document::Value* const partial = value.find("partial");
  return partial == nullptr ? ok() : document::check_extended_json(*partial, "partial");
}

}  // namespace

Result<net::Response> list_indexes(RestCall& call) {
  QUIRE_TRY(const auto indexes, all(call));
  std::string out = "{\"indexes\":[";
  Separator separator;
  for (const auto& index : indexes) {
    separator.before(out);
    print_index(index, out);
  }
  return json_answer(200, std::move(out += "]}"));
}

Result<net::Response> get_index(RestCall& call) {
  QUIRE_TRY(const auto indexes, all(call));
  for (const auto& index : indexes) {
    if (index.name != call.name) continue;
    std::string out;
    print_index(index, out);
    return json_answer(200, std::move(out));
  }
  return Error(ErrorCode::not_found, "there is no index '" + call.name + "'").at("name");
}

Result<net::Response> put_index(RestCall& call) {
  QUIRE_TRY_STATUS(check_partial(call.exchange().body()));
  QUIRE_TRY(const auto index, engine::wait<engine::IndexDescription>([&](auto done) {
              call.parts().queries.create_index(call.call.caller, call.call.limits(), call.collection(),
                                                call.name, call.exchange().body(), std::move(done));
            }));
  std::string out;
  print_index(index, out);
  return json_answer(201, std::move(out));
}

Result<net::Response> delete_index(RestCall& call) {
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().queries.drop_index(call.call.caller, call.call.limits(), call.collection(), call.name,
                                    std::move(done));
  }));
  return json_answer(200, R"({"durable":"disk"})");
}

}  // namespace quire::api::rest
