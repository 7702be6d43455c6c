#include "api/rest/document_write.h"

#include <memory>
#include <utility>

#include "api/json_out.h"
#include "api/rest/document_out.h"
#include "api/tuning.h"
#include "net/target.h"

// A write does not block: it is prepared on the calling thread, in memory only, and answered by the
// committer. Where something that it reads is not there, a worker does all of it again.

namespace quire::api::rest {

namespace {

// An error of the write in the words of the request: a condition that the client set and that does not hold.
Error explain(const RestCall& call, const Error& error) {
  const bool match = !call.request().field("If-Match").empty();
  const bool none_match = !call.request().field("If-None-Match").empty();
  const bool failed =
      (match && (error.code() == ErrorCode::conflict || error.code() == ErrorCode::not_found)) ||
      (none_match && error.code() == ErrorCode::exists);
  const bool of_document = error.field().empty() || error.field() == "missing" ||
                           error.field() == "deleted" || error.field() == "collection" ||
                           error.field() == "_rev";
  if (!failed || !of_document) return error;
  return Error(ErrorCode::precondition, error.message()).at(match ? "If-Match" : "If-None-Match");
}

std::string location_of(const RestCall& call, const std::string& id) {
  std::string location(call.request().path);
  location.push_back('/');
  return location.append(net::percent_encode(id));
}

net::Response response_of(const RestCall& call, const engine::EditResult& written, engine::Durability durable,
                          bool location) {
  net::Response response;
  const bool created = written.revision.generation == 1 && written.sequence != 0;
  response.status = created && call.call.route.method != net::Method::remove ? 201 : 200;
  response.add_field("ETag", entity_tag(written.revision));
  if (location) response.add_field("Location", location_of(call, written.id));
  print_written(written, durable, response.body);
  return response;
}

void write(const Call& call, MakeWrite make, bool may_block) {
  auto parsed = RestCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  auto options = write_options(*parsed);
  if (!options) return send_error(call, options.error());
  auto made = make(*parsed);
  if (!made) return send_error(call, made.error());
  options->memory_only = !may_block;
  made->change.collection = parsed->collection_name;
  const auto kept = std::make_shared<RestCall>(*std::move(parsed));
  std::vector<engine::Change> changes;
  changes.push_back(std::move(made->change));
  // Once it is admitted the write is done, whether or not its client stays to hear of it.
  call.parts().documents.write(call.caller, {}, kept->database(), std::move(changes), *options,
                               [kept, make, location = made->location](Result<engine::WriteResult> result) {
                                 const auto row = result ? std::move(result->rows.front()) : result.error();
                                 if (row) {
                                   kept->exchange().send(response_of(*kept, *row, result->durable, location));
                                 } else if (engine::needs_disk(row.error())) {
                                   on_worker(kept->call, [kept, make] { write(kept->call, make, true); });
                                 } else {
                                   send_error(kept->call, explain(*kept, row.error()));
                                 }
                               });
}

// A put or removal of a document that must be there, at whatever revision.
engine::Transform replace_existing(std::string id, engine::Body body) {
  return [id = std::move(id),
          body = std::move(body)](std::string_view present) -> Result<std::optional<engine::Body>> {
    if (present.empty()) {
      return Error(ErrorCode::not_found, "there is no document '" + id + "'").at("missing");
    }
    return std::optional(body);
  };
}

}  // namespace

void print_written(const engine::EditResult& written, engine::Durability durable, std::string& out) {
  ObjectOut object(out);
  object.text("_id", written.id);
  object.text("_rev", written.revision.to_string());
  object.text("durable", name(durable));
  object.end();
}

Status apply_conditions(const RestCall& call, engine::Change& change) {
  using Condition = engine::Change::Condition;
  QUIRE_TRY(Conditions conditions, conditions_of(call.request()));
  if (conditions.match) {
    if (change.expected && *change.expected != *conditions.match) {
      return Error(ErrorCode::invalid, "If-Match and _rev name different revisions").at("_rev");
    }
    change.expected = std::move(conditions.match);
  }
  if (change.expected) {
    if (conditions.absent) return Error(ErrorCode::invalid, "a new document has no revision").at("_rev");
    change.condition = Condition::revision;
  } else {
    change.condition = conditions.absent ? Condition::absent : Condition::any;
  }
  if (conditions.match_any && change.kind == engine::Change::Kind::put) {
    change.kind = engine::Change::Kind::transform;
    change.transform = replace_existing(change.id, std::move(change.body));
  }
  return ok();
}

void write_document(const Call& call, MakeWrite make) {
  if (call.exchange.body().size() <= tuning::kInlineBodyBytes) return write(call, make, false);
  on_worker(call, [call, make] { write(call, make, true); });
}

}  // namespace quire::api::rest
