#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace quire::query {
class Sort;
}

namespace quire::engine {

// What documents are ordered by where Queries::find() sorts them: for whoever puts the rows of several finds
// in one order. Never changes; every thread may use it.
class SortKeys {
 public:
  // As FindRequest::sort, without a collation. Errors: invalid, too_large.
  static Result<SortKeys> parse(std::string_view sort);
  SortKeys(SortKeys&& other) noexcept;
  SortKeys& operator=(SortKeys&& other) noexcept;
  ~SortKeys();

  // What memcmp() orders documents by, up to their ids. Errors: corrupt.
  Result<std::string> of(std::string_view document, std::string_view id) const;

 private:
  explicit SortKeys(std::unique_ptr<const query::Sort> sort);

  std::unique_ptr<const query::Sort> sort_;
};

}  // namespace quire::engine
