#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "document/changed_fields.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::document {

class Collation;
class Filter;

// What an update is applied with.
struct UpdateContext {
  WallMs now_ms = 0;       // for $currentDate
  bool inserting = false;  // the document is made by this update: $setOnInsert counts
  std::string_view id{};   // of the document that is made: the only one that $setOnInsert may name
  JsonLimits limits;       // that the result keeps to, but for the length of its text
  // By which the document was found: what "$" means in a path. Null: nothing.
  const Filter* found_by = nullptr;
};

// MongoDB's update operators, with their meaning:
//
//   $set $unset $inc $mul $min $max $rename $currentDate $setOnInsert
//   $push (with $each, $position, $slice, $sort) $addToSet (with $each) $pull $pullAll $pop
//
// on dotted paths into objects and arrays, with "$[]" for every element of an array, "$[name]" for those
// that a filter of `array_filters` takes, and "$" for the one by which the document was found
// (update_position.h). New members are added in the order of their paths. Arithmetic:
// arithmetic.h. Order: value_order.h.
//
// Members whose names begin with "_" at the top are not an update's to change, and names that begin with "$"
// cannot be made. But $setOnInsert may say what the "_id" of the document is that it makes.
//
// A handle on something that never changes: copying is cheap, every thread may use it.
class Update {
 public:
  // `operators` is an object of operators, `array_filters` an array of filters; JSON, not validated before.
  // With a collation, what compares strings does so by it: array filters, $min, $max, $addToSet, $pull,
  // $pullAll and the $sort of $push. Errors: invalid, too_large; the message names the operator, the field is
  // the path in the document.
  static Result<Update> parse(std::string_view operators, std::string_view array_filters = "[]",
                              const JsonLimits& limits = {},
                              std::shared_ptr<const Collation> collation = nullptr);
  // The same of texts that minify() made.
  static Result<Update> parse_minified(std::string operators, std::string array_filters = "[]",
                                       std::shared_ptr<const Collation> collation = nullptr);

  // What $setOnInsert says of "_id".
  const std::optional<std::string>& made_id() const;

  // Changes the document, which is an object. The update must outlive it, or at least its printing. On an
  // error the document is useless: errors are invalid (a path leads through a scalar, a value is of the wrong
  // type, two operators meet at one path, another id than the made document's) and too_large.
  Result<ChangedFields> apply(Value& document, const UpdateContext& context, Arena& arena) const;

 private:
  struct State;
  explicit Update(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

}  // namespace quire::document
