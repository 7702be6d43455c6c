#pragma once

#include <compare>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace quire::document {

// How the strings of a language are ordered, by ICU, as MongoDB's collation documents say it:
//
//   {"locale": "de", "strength": 2, "caseLevel": false, "caseFirst": "off", "numericOrdering": false,
//    "alternate": "non-ignorable", "maxVariable": "punct", "backwards": false, "normalization": false}
//
// Only the locale must be there; what is missing is as its language has it.
//
// A handle on something that never changes: copying is cheap, every thread may use it.
class Collation {
 public:
  // Errors: invalid, too_large; the field is the member's name. "simple" is not one of these: is_simple().
  static Result<Collation> parse(std::string_view json);
  // Whether the document says {"locale": "simple"}, which is the order of code points. Not for other errors.
  static bool is_simple(std::string_view json);

  // All members, in the order above. Equal collations print the same.
  const std::string& print() const;
  // The order's own version: keys that were made with another one do not fit to these.
  const std::string& version() const;

  // Appends bytes that memcmp() orders as compare() orders the texts; the last one is NUL, and the only one.
  // `text` is unescaped UTF-8.
  void append_sort_key(std::string_view text, std::string& out) const;
  std::weak_ordering compare(std::string_view left, std::string_view right) const;

 private:
  struct State;
  explicit Collation(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

}  // namespace quire::document
