#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/call.h"
#include "database/shard.h"
#include "document/filter.h"

namespace quire::engine {

// The only id that a document can have that matches: what the filter says "_id" is equal to. nullopt where it
// says nothing of the kind.
std::optional<std::string> id_of(const document::Filter& filter);

// The id of a document that matches and is visible; nullopt where there is none. Errors: those of reading.
using Visible = std::function<bool(std::string_view id, std::string_view body)>;
Result<std::optional<std::string>> find_one(database::Shard& shard, database::CollectionId collection,
                                            const document::Filter& filter, const Visible& visible,
                                            const CallLimits& limits);

}  // namespace quire::engine
