#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/value.h"

// The design documents that Mango's indexes are:
//
//   {"language":"query","views":{NAME:{"map":{"fields":{PATH:"asc"},"partial_filter_selector":SELECTOR},
//    "reduce":"_count","options":{"def":DEFINITION}}}}
//
// An index `name` of `ddoc` is called `ddoc:name` in the engine, and `name` where both are the same.
namespace quire::api::couch {

std::string index_name(std::string_view design, std::string_view name);

// The definition, as the engine has it, of {"fields":[...],"partial_filter_selector":SELECTOR}. Errors:
// missing_required_key, and those of a sort and a selector.
Result<std::string> index_definition(const document::Value& index);

// An index that a design document holds.
struct DesignIndex {
  std::string name;                // in the engine
  Result<std::string> definition;  // or why there is none
};
// All of them; none, where the body is that of another document.
std::vector<DesignIndex> indexes_in(std::string_view id, std::string_view body);

// The body with the index, in place of one of this name; an empty body is that of a new document. Errors:
// invalid_ddoc_lang, and those of index_definition().
Result<std::string> with_index(std::string_view body, std::string_view name, const document::Value& index);
// The body without it; empty where nothing is left in it. nullopt: it has none of this name.
std::optional<std::string> without_index(std::string_view body, std::string_view name);

}  // namespace quire::api::couch
