#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "document/json.h"
#include "document/update_operators.h"
#include "engine/documents.h"

namespace quire::engine {

// The ways to write down a change of some members.
enum class UpdateKind : std::uint8_t {
  operators_or_merge_patch,  // an object whose names all begin with "$", and that has any, holds operators
  operators,                 // {"$set": {"a": 1}}
  merge_patch,               // JSON Merge Patch: {"a": 1, "b": null}
  json_patch,                // JSON Patch: [{"op": "replace", "path": "/a", "value": 1}]
};

// Whether this text, which minify() made, is an object of operators. Errors: invalid, where it is no object,
// or operators stand beside other members.
Result<bool> holds_operators(std::string_view minified);

// The transform that a change asks for. The change is checked here, once, whatever it will meet. Names at the
// top that begin with "_" are refused. The transform answers not_found where there is no live document,
// nullopt where nothing changes, and for a JSON Patch that does not fit the document precondition. `now_ms`
// is what $currentDate sets. Errors: invalid, too_large, with the path.
Result<Transform> make_update(std::string_view id, std::string_view text, const document::JsonLimits& limits,
                              WallMs now_ms, UpdateKind kind = UpdateKind::operators_or_merge_patch);

// Update operators and array filters as they came from outside; an empty text is none. `collation`: by which
// they compare strings; null: by code point. Errors: invalid, too_large, with the path.
Result<document::Update> parse_operators(std::string_view operators, std::string_view array_filters,
                                         const document::JsonLimits& limits,
                                         std::shared_ptr<const document::Collation> collation = nullptr);

// The text that an update makes of a document's; nullopt where it stays as it is. Errors: invalid, too_large.
Result<std::optional<std::string>> apply_operators(const document::Update& update, std::string_view body,
                                                   const document::UpdateContext& context);

}  // namespace quire::engine
