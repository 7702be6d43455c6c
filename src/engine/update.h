#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "document/json.h"
#include "engine/documents.h"

namespace quire::engine {

// The transform that a change of some members asks for. An object whose names all begin with "$", and that
// has any, holds update operators; every other object is merged into the document (JSON Merge Patch). The
// change is checked here, once, whatever it will meet. Names at the top that begin with "_" are refused. The
// transform answers not_found where there is no live document, and nullopt where nothing changes. `now_ms` is
// what $currentDate sets. Errors: invalid, too_large, with the path.
Result<Transform> make_update(std::string_view id, std::string_view text, const document::JsonLimits& limits,
                              WallMs now_ms);

}  // namespace quire::engine
