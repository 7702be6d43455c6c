#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/value.h"

// Mango, the protocol's query language, in terms of Quire's filter.
namespace quire::api::couch {

// The filter that a selector is, as JSON. What Mango means otherwise than MongoDB is written out: a member
// that is missing is equal to nothing, null is below everything, and an object of plain members is a path.
// `prefix` ("orders:") stands in front of the ids of a collection, and is taken off those that the selector
// names. Errors: invalid_operator, invalid_selector_json.
Result<std::string> to_filter(const document::Value& selector, std::string_view prefix = {});

struct SortField {
  std::string path;
  bool descending = false;
};
// Errors: invalid_sort_json, unsupported_mixed_sort.
Result<std::vector<SortField>> read_sort(const document::Value& sort);

// Of a document's text those members that the paths name, as an object. Errors: corrupt.
Result<std::string> pick_fields(std::string_view document, const std::vector<std::string>& paths);

}  // namespace quire::api::couch
