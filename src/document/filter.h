#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/collation.h"
#include "document/extended_json.h"
#include "document/path.h"
#include "document/value.h"

namespace quire::document {

class Regex;

// Bounds on a filter from outside.
struct FilterLimits {
  std::uint64_t text_bytes = 1 << 20;
  std::uint32_t depth = 32;       // of operators in each other
  std::uint32_t nodes = 10'000;   // predicates and combinations
  std::uint32_t path_steps = 32;  // of one path; matching may take time that doubles with every second step
  std::uint32_t pattern_bytes = 1024;  // of one regular expression
  // Of a dialect without Extended JSON, or of values that are stored: what only looks like a special type is
  // an object. Else it is invalid.
  bool plain_json = false;
};

enum class FilterOperator : std::uint8_t {
  // Combinations of children, each of which looks at the document.
  all_of,   // $and
  any_of,   // $or
  none_of,  // $nor
  // Negation of all children, each of which is a predicate on the same path.
  negation,  // $not
  // Predicates on the values at a path.
  equal,          // $eq
  not_equal,      // $ne
  greater,        // $gt
  greater_equal,  // $gte
  less,           // $lt
  less_equal,     // $lte
  in,             // $in
  not_in,         // $nin
  exists,         // $exists
  type,           // $type
  size,           // $size
  mod,            // $mod
  regex,          // $regex
  all,            // $all: children, all of which hold
  elem_match,     // $elemMatch: one element for which the children hold
  all_match,      // $allMatch: every element, and one at least
  key_map_match,  // $keyMapMatch: one name of a member for which the children hold
};

// A node of a filter, for those who plan with it. Read only once it is built.
struct FilterNode {
  FilterOperator op;
  Path path;  // of a predicate or negation; empty inside another predicate
  std::vector<FilterNode> children;
  // Of elem_match and all_match: the only child is a combination that looks at the element as at a document;
  // else the children are predicates without a path.
  bool query = false;
  // One value; for in and not_in those of the list, ascending and each once; for type the names or codes as
  // they came.
  std::vector<std::shared_ptr<const TypedValue>> operands;
  bool wanted = true;          // of exists
  std::uint32_t types = 0;     // of type: a bit for each of its names (filter_types.h)
  std::int64_t divisor = 0;    // of mod
  std::int64_t remainder = 0;  // of mod; of size: the size
  std::shared_ptr<const Regex> pattern;
  std::shared_ptr<const Collation> collation;  // of what compares strings; null: by code point
};

// The one filter of Quire, which queries, change feeds, partial indexes and replication share: MongoDB's
// query language on one document, with its meaning.
//
//   {"a.b": 5}  {"a": {"$gte": 1, "$lt": 5}}  {"$or": [{"a": 1}, {"b": {"$in": [1, null]}}]}
//
// Combinations: $and $or $nor. On a path: $not $eq $ne $gt $gte $lt $lte $in $nin $exists $type $size $all
// $elemMatch $mod $regex (with $options; RE2's syntax, i m s x) $allMatch $keyMapMatch. A predicate holds at
// an array where it holds for the array or for one of its elements; a path goes through every element of the
// arrays on its way; null is equal to a member that is missing; ranges hold only between values of one type.
// An operator counts only where an operator may stand: inside the operand of $eq or $in, and as the name of a
// member deeper down, "$gt" is data.
//
// A document has its id as the member "_id", a string; {"$oid": h} as an operand on "_id" is the string h.
//
// A handle on something that never changes: copying is cheap, every thread may use it.
class Filter {
 public:
  // Matches every document.
  Filter();
  // Errors: invalid, too_large; the field is the path of the operator or member in the filter
  // ("$or[1].a.$gt").
  // With a collation, $eq, $ne, $in, $nin, $all and ranges compare strings by it, in arrays and objects too;
  // patterns and names do not know of it.
  static Result<Filter> parse(std::string_view json, const FilterLimits& limits = {},
                              std::shared_ptr<const Collation> collation = nullptr);
  // Predicates on one value ({"$gte": 5}), without a path; for matches_value() only.
  static Result<Filter> parse_predicates(std::string_view json, const FilterLimits& limits = {},
                                         std::shared_ptr<const Collation> collation = nullptr);

  // `document` is an object, with "_id" as a member where it has one.
  bool matches(const Value& document) const;
  // As matches() of the minified text with `id` as its "_id", of a query. Reads only members that the filter
  // asks for, and no further than to the last of them. `scratch` is reset. Errors: corrupt, where it is seen
  // that the text is not JSON.
  Result<bool> matches_text(std::string_view minified, std::string_view id, Arena& scratch) const;
  // Whether the predicates hold for this value, as if it stood at their path.
  bool matches_value(const Value& value) const;

  bool matches_everything() const;
  const FilterNode& root() const;
  // The first steps of all paths, each once.
  std::span<const std::string_view> top_level_names() const;

  // As parse() was given it; null: none.
  const std::shared_ptr<const Collation>& collation() const;

  // A text that parse() makes an equal filter of, with the same collation, which the text does not hold. Two
  // filters with one text and one collation match the same documents.
  std::string print() const;

 private:
  struct State;
  explicit Filter(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  static Result<Filter> parse_as(bool query, std::string_view json, const FilterLimits& limits,
                                 std::shared_ptr<const Collation> collation);

  std::shared_ptr<const State> state_;
};

}  // namespace quire::document
