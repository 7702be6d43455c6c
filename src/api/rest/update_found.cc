#include <array>

#include "api/fields.h"
#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "api/rest/query_body.h"
#include "engine/queries.h"

// What changes the documents that a filter finds: update, delete, find-and-modify.

namespace quire::api::rest {

namespace {

constexpr Field kWhich{"filter", FieldType::object, false, "which documents; without one, all"};
constexpr Field kCompared{"collation", FieldType::object, false, "how strings are compared"};
constexpr Field kArrayFilters{"arrayFilters", FieldType::list, false, "which elements $[name] means"};
constexpr Field kUpsert{"upsert", FieldType::flag, false, "makes a document where none matches"};
constexpr Field kMany{"many", FieldType::flag, false, "all that match, not one"};

constexpr std::array kUpdateFields{
    kWhich, Field{"update", FieldType::object, true, "operators"}, kMany, kUpsert, kArrayFilters, kCompared};
constexpr std::array kDeleteFields{Field{"filter", FieldType::object, true, "which documents; {} for all"},
                                   kMany, kCompared};
constexpr std::array kModifyFields{
    kWhich,
    Field{"update", FieldType::object, false, "operators, or the document that takes its place"},
    Field{"remove", FieldType::flag, false, "deletes it"},
    Field{"sort", FieldType::object, false, "the first in this order"},
    Field{"projection", FieldType::object, false, "which members are answered"},
    Field{"after", FieldType::flag, false, "answers it as it is now, not as it was"},
    kUpsert,
    kArrayFilters,
    kCompared};

// A filter changes what it finds each time, so that a second try is another change.
Result<engine::Durability> durability_of(const RestCall& call) {
  QUIRE_TRY(const engine::WriteOptions options, write_options(call));
  if (options.request_id.empty()) return options.durability;
  return Error(ErrorCode::invalid,
               "what a filter finds is not the same a second time; a transaction takes an Idempotency-Key")
      .at("Idempotency-Key");
}

}  // namespace

Result<net::Response> post_update(RestCall& call) {
  QUIRE_TRY(const engine::Durability durability, durability_of(call));
  QUIRE_TRY(const Fields fields, Fields::parse(call.exchange().body(), kUpdateFields));
  const engine::UpdateRequest request{.filter = std::string(fields.json("filter")),
                                      .update = std::string(fields.json("update")),
                                      .array_filters = std::string(fields.json("arrayFilters")),
                                      .collation = std::string(fields.json("collation")),
                                      .many = fields.flag("many", false),
                                      .upsert = fields.flag("upsert", false)};
  QUIRE_TRY(const auto result, engine::wait<engine::UpdateResult>([&](auto done) {
              call.parts().queries.update(call.call.caller, call.call.limits(), call.collection(), request,
                                          durability, std::move(done));
            }));
  std::string out;
  ObjectOut object(out);
  object.number("matched", result.matched);
  object.number("modified", result.modified);
  if (!result.upserted_id.empty()) object.text("upserted", result.upserted_id);
  object.text("durable", name(result.durable));
  print_stats(result.stats, object.member("stats"));
  object.end();
  return json_answer(200, std::move(out));
}

Result<net::Response> post_delete(RestCall& call) {
  QUIRE_TRY(const engine::Durability durability, durability_of(call));
  QUIRE_TRY(const Fields fields, Fields::parse(call.exchange().body(), kDeleteFields));
  const engine::UpdateRequest request{.filter = std::string(fields.json("filter")),
                                      .update = {},
                                      .array_filters = {},
                                      .collation = std::string(fields.json("collation")),
                                      .many = fields.flag("many", false)};
  QUIRE_TRY(const auto result, engine::wait<engine::UpdateResult>([&](auto done) {
              call.parts().queries.remove(call.call.caller, call.call.limits(), call.collection(), request,
                                          durability, std::move(done));
            }));
  std::string out;
  ObjectOut object(out);
  object.number("deleted", result.modified);
  object.text("durable", name(result.durable));
  print_stats(result.stats, object.member("stats"));
  object.end();
  return json_answer(200, std::move(out));
}

Result<net::Response> post_find_and_modify(RestCall& call) {
  QUIRE_TRY(const engine::Durability durability, durability_of(call));
  QUIRE_TRY(const Fields fields, Fields::parse(call.exchange().body(), kModifyFields));
  const engine::FindAndModifyRequest request{.filter = std::string(fields.json("filter")),
                                             .update = std::string(fields.json("update")),
                                             .array_filters = std::string(fields.json("arrayFilters")),
                                             .sort = std::string(fields.json("sort")),
                                             .projection = std::string(fields.json("projection")),
                                             .collation = std::string(fields.json("collation")),
                                             .remove = fields.flag("remove", false),
                                             .upsert = fields.flag("upsert", false),
                                             .after = fields.flag("after", false)};
  if (!request.remove && request.update.empty())
    return Error(ErrorCode::invalid, "what is to be done with it: an update, or remove").at("update");
  QUIRE_TRY(const auto result, engine::wait<engine::FindAndModifyResult>([&](auto done) {
              call.parts().queries.find_and_modify(call.call.caller, call.call.limits(), call.collection(),
                                                   request, durability, std::move(done));
            }));
  std::string out;
  ObjectOut object(out);
  object.raw("document", result.document ? std::string_view(*result.document) : "null");
  if (!result.upserted_id.empty()) object.text("upserted", result.upserted_id);
  object.text("durable", name(result.durable));
  object.end();
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
