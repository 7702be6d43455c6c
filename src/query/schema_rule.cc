#include "query/schema_rule.h"

#include "database/types.h"
#include "document/arena.h"
#include "document/design_id.h"
#include "document/json.h"

namespace quire::query {

using document::Arena;
using document::Value;
using document::Violation;
using document::Violations;

namespace {
// A line a minute says that something is wrong, and a thousand a second would say no more.
constexpr std::chrono::minutes kWarningEvery{1};
}  // namespace

std::string_view name(SchemaMode mode) { return mode == SchemaMode::strict ? "strict" : "warn"; }

namespace {

Result<SchemaMode> mode_of(const Value* value) {
  if (value == nullptr || value->is_string_equal_to("strict")) return SchemaMode::strict;
  if (value->is_string_equal_to("warn")) return SchemaMode::warn;
  return Error(ErrorCode::invalid, "the mode is strict or warn").at("mode");
}

void member(std::string& out, std::string_view name, std::string_view text) {
  out.append(out.back() == '{' ? "\"" : ",\"").append(name).append("\":");
  document::append_json_string(out, text);
}

}  // namespace

Result<SchemaDefinition> SchemaDefinition::parse(std::string_view json) {
  document::JsonLimits limits;
  limits.depth += 1;  // a schema stands one deeper here
  std::string minified;
  QUIRE_TRY_STATUS(document::minify(json, limits, minified));
  Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, minified));
  const Value* const schema = value.find("schema");
  if (schema == nullptr) return Error(ErrorCode::invalid, "a schema is due").at("schema");
  for (const document::Member& member : value.members()) {
    const std::string name = member.name.to_string();
    if (name != "schema" && name != "mode")
      return Error(ErrorCode::invalid, "a collection's schema has no member '" + name + "'").at(name);
  }
  SchemaDefinition definition;
  QUIRE_TRY(definition.mode, mode_of(value.find("mode")));
  auto parsed = document::Schema::parse(schema->to_json());
  if (!parsed) return Error(parsed.error()).at("schema" + parsed.error().field());
  definition.schema = *std::move(parsed);
  return definition;
}

std::string SchemaDefinition::print() const {
  return R"({"mode":")" + std::string(name(mode)) + R"(","schema":)" + std::string(schema.text()) + "}";
}

std::string print_violations(const Violations& violations) {
  std::string out = "\"violations\":[";
  for (const Violation& violation : violations.list) {
    if (out.back() != '[') out.push_back(',');
    out.push_back('{');
    member(out, "path", violation.path);
    member(out, "rule", violation.rule);
    member(out, "message", violation.message);
    out.push_back('}');
  }
  out.push_back(']');
  if (violations.more) out += ",\"more\":true";
  return out;
}

Result<Violations> violations_of(const document::Schema& schema, std::string_view id, std::string_view body) {
  thread_local Arena arena;
  arena.reset();
  QUIRE_TRY(const Value value, Value::parse(arena, body));
  return schema.validate(value, id, arena);
}

Status SchemaRule::check(std::string_view id, std::string_view body) const {
  if (collection_ == database::kDefaultCollectionName && document::is_design_id(id)) return ok();
  auto violations = violations_of(definition_.schema, id, body);
  // What cannot be decided is not known to fit.
  if (!violations && definition_.mode == SchemaMode::strict) return std::move(violations).error();
  if (violations && violations->empty()) return ok();
  Violation first;
  if (violations) {
    first = violations->list.front();
  } else {
    first.rule = std::string(quire::name(violations.error().code()));
  }
  if (definition_.mode == SchemaMode::warn) {
    warn(id, first);
    return ok();
  }
  ++refused_;
  ++all_refused_;
  return Error(ErrorCode::invalid, "the document does not fit its collection's schema: " + first.message +
                                       " (" + first.rule + ")")
      .at(first.path)
      .with(print_violations(*violations));
}

void SchemaRule::warn(std::string_view id, const Violation& first) const {
  ++all_warned_;
  const std::uint64_t count = ++warned_;
  if (log_ == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady();
    if (silent_until_ != SteadyTime{} && now < silent_until_) return;
    silent_until_ = now + kWarningEvery;
  }
  log_->warning("documents are written that do not fit their collection's schema",
                {{"collection", collection_},
                 {"id", id},
                 {"path", first.path},
                 {"rule", first.rule},
                 {"count", std::to_string(count)}});
}

SchemaFigures SchemaRule::figures() const { return {.refused = refused_, .warned = warned_}; }

Result<std::shared_ptr<const database::DocumentRule>> SchemaRules::make(std::string_view collection,
                                                                        std::string_view definition) const {
  QUIRE_TRY(SchemaDefinition parsed, SchemaDefinition::parse(definition));
  return std::shared_ptr<const database::DocumentRule>(std::make_shared<SchemaRule>(
      std::move(parsed), std::string(collection), clock_, log_, refused_, warned_));
}

}  // namespace quire::query
