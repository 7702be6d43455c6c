#pragma once

#include <compare>

#include "document/extended_json.h"
#include "document/value.h"

// The one order of values, for indexes, sorts, ranges and filters:
//
//   null, false, true, numbers, strings, ObjectIds, dates, binary, arrays, objects
//
// Numbers of every form by exact value (1, 1.0, 1e0 and {"$numberLong":"1"} are equal; NaN, -Infinity, all
// others, Infinity); strings by code point; ObjectIds by their bytes; dates by time; binary by length,
// subtype, bytes; arrays element by element, a prefix first; objects member by member as they stand, each by
// the type of its value, its name and its value, a prefix first. A total order; what is equal in it prints
// differently at most in how numbers, escapes and dates are written.
namespace quire::document {

class Collation;

// With a collation, strings are ordered by it, also those inside arrays and objects; names of members are
// not.
std::weak_ordering compare_values(const Value& left, const Value& right,
                                  const Collation* collation = nullptr);
std::weak_ordering compare_values(const TypedValue& left, const TypedValue& right,
                                  const Collation* collation = nullptr);

inline bool equal_values(const Value& left, const Value& right) { return compare_values(left, right) == 0; }

struct ValueLess {
  const Collation* collation = nullptr;
  bool operator()(const Value& left, const Value& right) const {
    return compare_values(left, right, collation) < 0;
  }
};

}  // namespace quire::document
