#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/find.h"

namespace quire::query {

// Gathers the distinct values at a path: of arrays their elements, of equal values the first that came. One
// thread at a time.
class DistinctValues {
 public:
  // Past the bytes, add() gives the error exhausted. `collation`: by which strings are equal, and in order;
  // null: by code point.
  DistinctValues(document::Path path, std::uint64_t most_bytes,
                 std::shared_ptr<const document::Collation> collation = nullptr)
      : path_(std::move(path)), most_bytes_(most_bytes), collation_(std::move(collation)) {}

  // Errors also: corrupt.
  Status add(const Row& row);
  // Adds all there are from an index, a step for each value, where one tells them: it begins with the path,
  // no array stands there, and its bounds are all that the filter asks for. False: none does, nothing was
  // added.
  Result<bool> add_from_index(const Collection& collection, const Find& find, Run& run);
  // In the order of values, as a JSON array.
  std::string print() const;

 private:
  Status add_all(const document::Value& value);
  Status add_value(const document::Value& value);
  Status walk(const Collection& collection, const AccessPath& path, Watch& watch);
  Result<bool> holds_null(const Collection& collection, std::string_view id, Watch& watch);

  const document::Path path_;
  const std::uint64_t most_bytes_;
  const std::shared_ptr<const document::Collation> collation_;
  std::uint64_t bytes_ = 0;
  std::map<std::string, std::string> values_;  // their texts, by their keys
  std::string key_;
  document::Arena scratch_;
  std::vector<const document::Value*> found_;
};

}  // namespace quire::query
