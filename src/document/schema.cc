#include "document/schema.h"

#include "document/json.h"
#include "document/schema_node.h"
#include "document/schema_run.h"

namespace quire::document {

Schema::Schema() {
  static const std::shared_ptr<const State> everything = [] {
    auto state = std::make_shared<State>();
    state->text = "true";
    SchemaNode& node = state->nodes.emplace_back();
    node.kind = SchemaNode::Kind::always;
    state->root = &node;
    return state;
  }();
  state_ = everything;
}

Result<Schema> Schema::parse(std::string_view json, const SchemaOptions& options) {
  JsonLimits limits;
  limits.document_bytes = options.text_bytes;
  limits.string_bytes = options.text_bytes;
  limits.depth = options.depth;
  auto state = std::make_shared<State>();
  QUIRE_TRY_STATUS(minify(json, limits, state->text));
  QUIRE_TRY(state->json, Value::parse(state->arena, state->text));
  QUIRE_TRY_STATUS(compile_schema(options, *state));
  return Schema(std::move(state));
}

Result<Violations> Schema::validate(const Value& document, const ValidateOptions& options) const {
  if (state_->root->kind == SchemaNode::Kind::always) return Violations();
  return SchemaRun(*state_, options).run(document);
}

Result<Violations> Schema::validate(const Value& body, std::string_view id, Arena& scratch,
                                    const ValidateOptions& options) const {
  if (state_->root->kind == SchemaNode::Kind::always) return Violations();
  const Value document = body.with_member(scratch, "_id", Value::string(scratch, id));
  return SchemaRun(*state_, options).run(document);
}

std::string_view Schema::text() const { return state_->text; }

}  // namespace quire::document
