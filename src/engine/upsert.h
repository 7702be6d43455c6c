#pragma once

#include <optional>
#include <string>

#include "document/filter.h"
#include "document/json.h"

namespace quire::engine {

// What a document that an upsert makes begins with.
struct UpsertBase {
  std::optional<std::string> id;  // what the filter says "_id" is equal to
  std::string body = "{}";
};

// The document of all that the filter says is equal to something: of "$eq" and plain values, below "$and"
// and an "$or" of one alternative. Dotted paths become objects in each other, in the order of the filter.
// Errors: invalid, where two of them meet at one path, a name cannot stand in a document, or the id is no
// string; the field is the path.
Result<UpsertBase> upsert_base(const document::Filter& filter, const document::JsonLimits& limits);

}  // namespace quire::engine
