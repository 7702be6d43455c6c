#include "engine/update.h"

#include <memory>

#include "document/arena.h"
#include "document/json_patch.h"
#include "document/merge_patch.h"
#include "document/update_operators.h"
#include "document/value.h"

namespace quire::engine {

using document::Arena;
using document::ChangedFields;
using document::Value;

namespace {

Error no_document(std::string_view id) {
  return Error(ErrorCode::not_found, "there is no document '" + std::string(id) + "'").at("missing");
}

// Makes the text of what `apply` makes of the document, or nothing where it stayed as it was.
template <class Apply>
Result<std::optional<std::string>> change_string(std::string_view body, const document::JsonLimits& limits,
                                                 Apply&& apply) {
  Arena arena;
  QUIRE_TRY(Value target, Value::parse(arena, body));
  QUIRE_TRY(const ChangedFields changed, apply(target, arena));
  if (changed.empty()) return std::optional<std::string>();
  std::string text;
  text.reserve(body.size() + 64);
  target.print(text);
  if (text.size() > limits.document_bytes) {
    return Error(ErrorCode::too_large, "the changed document has " + std::to_string(text.size()) + " bytes")
        .over(limits.document_bytes);
  }
  return std::optional<std::string>(std::move(text));
}

template <class Apply>
Result<std::optional<Body>> change_text(std::string_view body, const document::JsonLimits& limits,
                                        Apply&& apply) {
  QUIRE_TRY(std::optional<std::string> text, change_string(body, limits, std::forward<Apply>(apply)));
  if (!text) return std::optional<Body>();
  return std::optional<Body>(Body::stored(*std::move(text)));
}

Transform operators_transform(std::string id, document::Update update,
                              const document::UpdateContext& context) {
  return [id = std::move(id), update = std::move(update),
          context](std::string_view body) -> Result<std::optional<Body>> {
    if (body.empty()) return no_document(id);
    return change_text(body, context.limits,
                       [&](Value& target, Arena& arena) { return update.apply(target, context, arena); });
  };
}

Transform merge_transform(std::string id, std::string patch, const document::JsonLimits& limits) {
  return [id = std::move(id), patch = std::move(patch),
          limits](std::string_view body) -> Result<std::optional<Body>> {
    if (body.empty()) return no_document(id);
    return change_text(body, limits, [&](Value& target, Arena& arena) -> Result<ChangedFields> {
      QUIRE_TRY(const Value change, Value::parse(arena, patch));
      return document::apply_merge_patch(target, change, arena);
    });
  };
}

Status refuse_reserved_names(const Value& value) {
  std::string scratch;
  for (const auto& member : value.members()) {
    const std::string_view name = member.name.string(scratch);
    if (!name.starts_with('_')) continue;
    return Error(ErrorCode::invalid, "names that begin with \"_\" are reserved; an update cannot set them")
        .at(std::string(name));
  }
  return ok();
}

Transform json_patch_transform(std::string id, document::JsonPatch patch,
                               const document::JsonLimits& limits) {
  return [id = std::move(id), patch = std::move(patch),
          limits](std::string_view body) -> Result<std::optional<Body>> {
    if (body.empty()) return no_document(id);
    return change_text(body, limits, [&](Value& target, Arena& arena) -> Result<ChangedFields> {
      QUIRE_TRY_STATUS(patch.apply(target, limits, arena));
      if (!target.is_object()) return Error(ErrorCode::invalid, "a document is an object");
      QUIRE_TRY_STATUS(refuse_reserved_names(target));
      return target.to_json() == body ? ChangedFields() : ChangedFields{{""}, {}};
    });
  };
}

}  // namespace

Result<bool> holds_operators(std::string_view minified) {
  Arena arena;
  QUIRE_TRY(const Value change, Value::parse(arena, minified));
  if (!change.is_object()) return Error(ErrorCode::invalid, "a change is an object");
  std::size_t operators = 0;
  std::string scratch;
  for (const auto& member : change.members())
    operators += member.name.string(scratch).starts_with('$') ? 1 : 0;
  if (operators == 0) return false;
  if (operators == change.size()) return true;
  return Error(
      ErrorCode::invalid,
      "update operators, whose names begin with \"$\", and other members cannot stand beside each other");
}

Result<Transform> make_update(std::string_view id, std::string_view text, const document::JsonLimits& limits,
                              WallMs now_ms, UpdateKind kind) {
  std::string minified;
  QUIRE_TRY_STATUS(document::minify(text, limits, minified));
  if (kind == UpdateKind::json_patch) {
    QUIRE_TRY(document::JsonPatch patch, document::JsonPatch::parse(minified));
    return json_patch_transform(std::string(id), std::move(patch), limits);
  }
  bool operators = kind == UpdateKind::operators;
  if (kind == UpdateKind::operators_or_merge_patch) {
    QUIRE_TRY(operators, holds_operators(minified));
  }
  if (operators) {
    QUIRE_TRY(document::Update update, document::Update::parse_minified(std::move(minified)));
    document::UpdateContext context;
    context.now_ms = now_ms;
    context.limits = limits;
    return operators_transform(std::string(id), std::move(update), context);
  }
  QUIRE_TRY(document::SplitDocument patch, document::split_document(minified, limits));
  if (!patch.reserved.empty()) {
    return Error(ErrorCode::invalid, "names that begin with \"_\" are reserved; an update cannot change them")
        .at(patch.reserved.front().name);
  }
  return merge_transform(std::string(id), std::move(patch.body), limits);
}

Result<document::Update> parse_operators(std::string_view operators, std::string_view array_filters,
                                         const document::JsonLimits& limits,
                                         std::shared_ptr<const document::Collation> collation) {
  return document::Update::parse(operators, array_filters.empty() ? "[]" : array_filters, limits,
                                 std::move(collation));
}

Result<std::optional<std::string>> apply_operators(const document::Update& update, std::string_view body,
                                                   const document::UpdateContext& context) {
  return change_string(body, context.limits,
                       [&](Value& target, Arena& arena) { return update.apply(target, context, arena); });
}

}  // namespace quire::engine
