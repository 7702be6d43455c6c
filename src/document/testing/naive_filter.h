#pragma once

#include "document/value.h"

namespace quire::document::testing {

// Whether a document matches a filter, both as values: straight from the words of the query language's
// description, slow, as an oracle. The filter is well-formed; $regex is taken for a plain substring,
// behind "^" for a prefix.
bool naive_matches(const Value& filter, const Value& document);

}  // namespace quire::document::testing
