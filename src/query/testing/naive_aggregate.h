#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace quire::query::testing {

using Json = nlohmann::ordered_json;
using JsonCollections = std::map<std::string, std::vector<Json>>;

// What a pipeline makes of documents, straight from the words of its description, all in memory: an oracle.
// Knows the stages, the accumulators and some expressions; numbers are whole, or halves. The pipeline is well
// formed, and sorts by members of the documents themselves. Nothing: a document that is sorted has arrays
// side by side.
std::optional<std::vector<Json>> naive_aggregate(const Json& pipeline, std::vector<Json> documents,
                                                 const JsonCollections& collections);

// The order of values.
int naive_compare(const Json& left, const Json& right);

}  // namespace quire::query::testing
