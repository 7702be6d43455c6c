#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "engine/schemas.h"

namespace quire::api::rest {

namespace {

std::string_view name(engine::SchemaReport::State state) {
  using State = engine::SchemaReport::State;
  return state == State::checking ? "checking" : state == State::done ? "done" : "failed";
}

void print_report(const engine::SchemaReport& report, std::string& out) {
  ObjectOut object(out);
  object.text("state", name(report.state));
  object.number("checked", report.checked);
  object.number("total", report.total);
  object.number("misfits", report.misfits);
  std::string& list = object.member("first");
  list.push_back('[');
  Separator separator;
  for (const auto& misfit : report.first) {
    separator.before(list);
    ObjectOut one(list);
    one.text("_id", misfit.id);
    one.text("path", misfit.path);
    one.text("rule", misfit.rule);
    one.end();
  }
  list.push_back(']');
  if (!report.failure.empty()) object.text("failure", report.failure);
  object.end();
}

Result<net::Response> print(unsigned status, const engine::SchemaDescription& schema) {
  std::string out;
  ObjectOut object(out);
  object.raw("schema", schema.schema);
  object.text("mode", schema.mode);
  object.number("refused", schema.refused);
  object.number("warned", schema.warned);
  print_report(schema.report, object.member("documents"));
  object.end();
  return json_answer(status, std::move(out));
}

}  // namespace

Result<net::Response> get_schema(RestCall& call) {
  QUIRE_TRY(const auto schema, engine::wait<engine::SchemaDescription>([&](auto done) {
              call.parts().schemas.schema(call.call.caller, call.call.limits(), call.collection(),
                                          std::move(done));
            }));
  return print(200, schema);
}

Result<net::Response> put_schema(RestCall& call) {
  QUIRE_TRY(const auto schema, engine::wait<engine::SchemaDescription>([&](auto done) {
              call.parts().schemas.set_schema(call.call.caller, call.call.limits(), call.collection(),
                                              call.exchange().body(), std::move(done));
            }));
  return print(200, schema);
}

Result<net::Response> delete_schema(RestCall& call) {
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().schemas.drop_schema(call.call.caller, call.call.limits(), call.collection(),
                                     std::move(done));
  }));
  return json_answer(200, R"({"durable":"disk"})");
}

}  // namespace quire::api::rest
