#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "document/collation.h"
#include "document/value.h"
#include "query/aggregate/numeric.h"

namespace quire::query {

using document::Value;

// $sum and $avg take numbers and pass over all else; $min and $max pass over null and what is missing; $first
// and $last take null for what is missing; $push and $addToSet pass over what is missing. Of no value at all
// $sum is 0, lists are empty, and the others null.
enum class AccumulatorKind : std::uint8_t { sum, avg, min, max, first, last, push, add_to_set };

std::optional<AccumulatorKind> accumulator_named(std::string_view name);

class AccumulatorState;

// What an accumulator of one group knows: whole numbers in place, anything else in a state of its own. Which
// kind it is must be said at each call.
class Slot {
 public:
  Slot() = default;
  Slot(Slot&& other) noexcept : number_(other.number_), count_(other.count_), state_(other.state_) {
    other.state_ = nullptr;
  }
  ~Slot();
  Slot& operator=(Slot&&) = delete;

  // Null: missing. The collation (null: none) is the same at every call. Errors: too_large, where a list
  // outgrows a document.
  Status add(AccumulatorKind kind, const Value* value, const document::Collation* collation) {
    if (kind == AccumulatorKind::sum && value != nullptr && value->is_number()) {
      const auto whole = read_integer(value->number_text());
      if (whole) {
        add_count(*whole);
        return ok();
      }
    }
    return add_any(kind, value, collation);
  }
  // As add() of this number to a sum.
  void add_count(std::int64_t by) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(number_, by, &sum)) return overflow(by);
    number_ = sum;
  }
  // As if the values of `later` had come after these.
  Status merge(AccumulatorKind kind, const Slot& later, const document::Collation* collation);

  // Appends the result as JSON.
  void print(AccumulatorKind kind, std::string& out) const;
  // Of numbers alone: the result as a value, for expressions; nullopt of the other kinds.
  std::optional<ArithmeticResult> number(AccumulatorKind kind) const;

  void encode(AccumulatorKind kind, std::string& out) const;
  // What encode() wrote.
  static Slot decode(AccumulatorKind kind, ByteReader& reader);

  // Of the state.
  std::size_t memory() const;

 private:
  Status add_any(AccumulatorKind kind, const Value* value, const document::Collation* collation);
  void add_number(const Value& value);
  void add_extreme(AccumulatorKind kind, const Value& value, const document::Collation* collation);
  void overflow(std::int64_t by);
  AccumulatorState& state(AccumulatorKind kind);
  Sum total() const;

  // Of sum and avg: what whole numbers have come to since the state was last added to. Of min and max
  // without a state: the number, where count_ is not 0.
  std::int64_t number_ = 0;
  std::uint64_t count_ = 0;  // values taken, of all kinds but sum
  AccumulatorState* state_ = nullptr;
};

}  // namespace quire::query
