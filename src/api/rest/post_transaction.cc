#include <array>
#include <optional>

#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "document/arena.h"
#include "document/extended_json.h"
#include "document/json.h"
#include "document/value.h"
#include "engine/transactions.h"

// {"operations": [{"insert": {...}}, {"update": {...}}, ...]}: read here, done by the engine, answered with a
// row an operation. Errors name the place in the request.

namespace quire::api::rest {

namespace {

using document::Value;
using engine::TransactionStep;
using Kind = TransactionStep::Kind;

// Documents stand four containers deeper here than where they are alone.
constexpr std::uint32_t kDepthAround = 4;

enum Member_ : unsigned {
  kId = 1,
  kFilter = 2,
  kRev = 4,
  kExists = 8,
  kDocument = 16,
  kUpdate = 32,
  kArrayFilters = 64,
  kUpsert = 128,
  kCollation = 256,
};

struct OperationKind {
  std::string_view name;
  Kind kind;
  unsigned may;   // have these members, beside "collection"
  unsigned must;  // have these
};
constexpr std::array kOperations{
    OperationKind{"insert", Kind::insert, kDocument, kDocument},
    OperationKind{"update", Kind::update,
                  kId | kFilter | kRev | kUpdate | kArrayFilters | kUpsert | kCollation, kUpdate},
    OperationKind{"replace", Kind::replace, kId | kFilter | kRev | kDocument | kUpsert | kCollation,
                  kDocument},
    OperationKind{"delete", Kind::remove, kId | kFilter | kRev | kCollation, 0},
    OperationKind{"check", Kind::check, kId | kFilter | kRev | kExists | kCollation, kId},
};

constexpr std::array<std::pair<std::string_view, unsigned>, 9> kMembers{{{"id", kId},
                                                                         {"filter", kFilter},
                                                                         {"rev", kRev},
                                                                         {"exists", kExists},
                                                                         {"document", kDocument},
                                                                         {"update", kUpdate},
                                                                         {"arrayFilters", kArrayFilters},
                                                                         {"upsert", kUpsert},
                                                                         {"collation", kCollation}}};

Error invalid(std::string message, std::string field) {
  return Error(ErrorCode::invalid, std::move(message)).at(std::move(field));
}

Status take_text(const Value& value, std::string_view name, std::string& into) {
  if (!value.is_string()) return invalid("this is a text", std::string(name));
  into = value.to_string();
  return ok();
}

Status take_flag(const Value& value, std::string_view name, bool& into) {
  if (!value.is_boolean()) return invalid("this is true or false", std::string(name));
  into = value.as_boolean();
  return ok();
}

// The document's own _id and _rev are as good as those beside it.
Status take_document(const Value& value, TransactionStep& step) {
  auto parsed = engine::parse_document(value.to_json(), {});
  if (!parsed) {
    const std::string path = parsed.error().field();
    return Error(parsed.error()).at(path.empty() ? "document" : "document." + path);
  }
  if (parsed->deleted) return invalid("an operation of its own deletes a document", "document._deleted");
  if (parsed->id) {
    if (!step.id.empty() && step.id != *parsed->id)
      return invalid("the document has another id than the operation", "document._id");
    step.id = *std::move(parsed->id);
  }
  if (parsed->revision) {
    if (step.kind == Kind::insert) return invalid("a new document has no revision", "document._rev");
    step.expected = *std::move(parsed->revision);
  }
  step.body = std::move(parsed->body);
  return ok();
}

Status take_member(unsigned member, std::string_view name, const Value& value, TransactionStep& step) {
  switch (member) {
    case kId: {
      if (auto id = document::object_id_of(value)) {
        step.id = *std::move(id);
        return ok();
      }
      QUIRE_TRY_STATUS(take_text(value, name, step.id));
      return step.id.empty() ? invalid("an id is not empty", "id") : ok();
    }
    case kFilter: step.filter = value.to_json(); return ok();
    case kRev: {
      std::string text;
      QUIRE_TRY_STATUS(take_text(value, name, text));
      auto revision = document::Revision::parse(text);
      if (!revision) return invalid("this is not a revision", "rev");
      step.expected = *std::move(revision);
      return ok();
    }
    case kExists: {
      bool exists = false;
      QUIRE_TRY_STATUS(take_flag(value, name, exists));
      step.exists = exists;
      return ok();
    }
    case kUpdate: step.update = value.to_json(); return ok();
    case kArrayFilters: step.array_filters = value.to_json(); return ok();
    case kCollation: step.collation = value.to_json(); return ok();
    case kUpsert: return take_flag(value, name, step.upsert);
    default: return ok();
  }
}

Result<TransactionStep> read_operation(const OperationKind& operation, const Value& members) {
  if (!members.is_object()) return invalid("an operation is an object", "");
  TransactionStep step;
  step.kind = operation.kind;
  const Value* document = nullptr;
  unsigned given = 0;
  for (const document::Member& member : members.members()) {
    const std::string name = member.name.to_string();
    if (name == "collection") {
      QUIRE_TRY_STATUS(take_text(member.value, name, step.collection));
      continue;
    }
    unsigned known = 0;
    for (const auto& [text, bit] : kMembers) known = text == name ? bit : known;
    if ((operation.may & known) == 0)
      return invalid(std::string(operation.name) + " has no member '" + name + "'", name);
    given |= known;
    if (known == kDocument) document = &member.value;
    QUIRE_TRY_STATUS(take_member(known, name, member.value, step));
  }
  for (const auto& [text, bit] : kMembers) {
    if ((operation.must & ~given & bit) != 0)
      return invalid(std::string(operation.name) + " needs '" + std::string(text) + "'", std::string(text));
  }
  // Last, since its _id is compared with the one beside it.
  if (document != nullptr) QUIRE_TRY_STATUS(take_document(*document, step));
  return step;
}

Result<TransactionStep> read_step(const Value& value, std::string& place) {
  if (!value.is_object() || value.size() != 1)
    return invalid("an operation is an object with one member, which says what to do", "");
  const std::string name = value.members()[0].name.to_string();
  for (const OperationKind& operation : kOperations) {
    if (operation.name != name) continue;
    place += "." + name;
    return read_operation(operation, value.members()[0].value);
  }
  return invalid("this is none of insert, update, replace, delete and check", name);
}

Result<std::vector<TransactionStep>> read_steps(std::string_view body, std::vector<std::string_view>& names) {
  document::JsonLimits limits;
  limits.depth += kDepthAround;
  std::string minified;
  QUIRE_TRY_STATUS(document::minify(body, limits, minified));
  document::Arena arena;
  QUIRE_TRY(const Value request, Value::parse(arena, minified));
  const Value* const operations = request.find("operations");
  if (operations == nullptr || !operations->is_array() || request.size() != 1)
    return invalid("a transaction is an object with an array of operations", "operations");
  std::vector<TransactionStep> steps;
  steps.reserve(operations->size());
  for (const Value& operation : operations->elements()) {
    std::string place = "operations[" + std::to_string(steps.size()) + "]";
    auto step = read_step(operation, place);
    if (!step) {
      const std::string path = step.error().field();
      return Error(step.error()).at(path.empty() ? place : place + "." + path);
    }
    for (const OperationKind& known : kOperations) {
      if (known.kind == step->kind) names.push_back(known.name);
    }
    steps.push_back(*std::move(step));
  }
  return steps;
}

// "operations[2].filter.a" of the engine is "operations[2].update.filter.a" here.
Error explain(const Error& error, const std::vector<std::string_view>& names) {
  constexpr std::string_view kPlace = "operations[";
  if (!error.field().starts_with(kPlace)) return error;
  const std::size_t close = error.field().find(']');
  if (close == std::string::npos) return error;
  const std::size_t index = std::stoul(error.field().substr(kPlace.size()));
  if (index >= names.size()) return error;
  std::string_view rest = std::string_view(error.field()).substr(close + 1);
  std::string place = error.field().substr(0, close + 1) + "." + std::string(names[index]);
  const std::string itself = "." + std::string(names[index]);
  if (rest != itself) place += rest;
  return Error(error).at(std::move(place));
}

std::string print_rows(const engine::WriteResult& result) {
  std::string out = "{\"results\":[";
  Separator separator;
  for (const auto& row : result.rows) {
    separator.before(out);
    ObjectOut object(out);
    if (!row->id.empty()) object.text("_id", row->id);
    if (row->revision) object.text("_rev", row->revision.to_string());
    object.end();
  }
  out += "],\"durable\":\"";
  out.append(name(result.durable)).append("\"}");
  return out;
}

void run_transaction(const Call& call) {
  auto parsed = RestCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  auto options = write_options(*parsed);
  if (!options) return send_error(call, options.error());
  std::vector<std::string_view> names;
  auto steps = read_steps(call.exchange.body(), names);
  if (!steps) return send_error(call, steps.error());
  const auto kept = std::make_shared<RestCall>(*std::move(parsed));
  // Once it is admitted it is done, whether or not its client stays to hear of it.
  call.parts().transactions.run(call.caller, {}, kept->database(), *std::move(steps), *options,
                                [kept, names = std::move(names)](Result<engine::WriteResult> result) {
                                  if (!result) return send_error(kept->call, explain(result.error(), names));
                                  kept->exchange().send(json_answer(200, print_rows(*result)));
                                });
}

}  // namespace

void post_transaction(const Call& call) { on_worker(call, run_transaction); }

}  // namespace quire::api::rest
