#pragma once

#include "document/collation.h"
#include "document/value.h"

namespace quire::document::testing {

// Whether a document matches a filter, both as values: straight from the words of the query language's
// description, slow, as an oracle. The filter is well-formed; $regex is taken for a plain substring,
// behind "^" for a prefix. `collation`: by which strings are compared; null: by code point.
bool naive_matches(const Value& filter, const Value& document, const Collation* collation = nullptr);

}  // namespace quire::document::testing
