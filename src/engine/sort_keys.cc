#include "engine/sort_keys.h"

#include <utility>

#include "query/sort.h"

namespace quire::engine {

SortKeys::SortKeys(std::unique_ptr<const query::Sort> sort) : sort_(std::move(sort)) {}
SortKeys::SortKeys(SortKeys&& other) noexcept = default;
SortKeys& SortKeys::operator=(SortKeys&& other) noexcept = default;
SortKeys::~SortKeys() = default;

Result<SortKeys> SortKeys::parse(std::string_view sort) {
  QUIRE_TRY(query::Sort parsed, query::Sort::parse(sort));
  return SortKeys(std::make_unique<const query::Sort>(std::move(parsed)));
}

Result<std::string> SortKeys::of(std::string_view document, std::string_view id) const {
  document::Arena scratch;
  std::string key;
  QUIRE_TRY_STATUS(sort_->append_key(document, id, scratch, key));
  return key;
}

}  // namespace quire::engine
