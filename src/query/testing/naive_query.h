#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "document/collation.h"

namespace quire::query::testing {

// What a query answers, straight from the words of the query language's description, slow, as an oracle.
// Texts are well-formed JSON, `sort` of known directions, and `projection` {"path": 0 or 1, "_id": 0 or 1}.
struct NaiveQuery {
  std::string filter = "{}";
  std::string sort = "{}";
  std::string projection = "{}";
  std::size_t skip = 0;
  std::size_t limit = 0;
  std::shared_ptr<const document::Collation> collation{};  // null: strings by code point
};
// nullopt: some document that the filter finds has two arrays side by side in the paths of the sort.
std::optional<std::vector<std::string>> naive_query(const std::map<std::string, std::string>& documents,
                                                    const NaiveQuery& query);

}  // namespace quire::query::testing
