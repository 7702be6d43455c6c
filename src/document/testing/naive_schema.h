#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "document/testing/json_from_bytes.h"
#include "document/value.h"

namespace quire::document::testing {

// Whether the document fits the schema, read off the specification word by word: no compiling, sets of
// members that were looked at, nothing left out early. For schemas that Schema::parse() takes, with
// references to "#/$defs/NAME" only, and without pattern, patternProperties, multipleOf and bsonType.
bool naive_fits(const Value& schema, const Value& document);

// A schema for it, made of bytes: most of what they say is a keyword with a value that suits it.
std::string schema_from_bytes(JsonFromBytes& bytes);

}  // namespace quire::document::testing
