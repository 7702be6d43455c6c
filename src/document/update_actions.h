#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "document/changed_fields.h"
#include "document/filter.h"
#include "document/path.h"
#include "document/update_operators.h"

// The parts of an update: parse (update_parse.cc), find the paths that are meant in one document
// (update_resolve.cc), calculate new values (update_values.cc, update_arrays.cc), put them there
// (update_operators.cc).
namespace quire::document {

enum class UpdateOperator : std::uint8_t {
  set,
  set_on_insert,
  unset,
  inc,
  mul,
  min,
  max,
  rename,
  current_date,
  push,
  add_to_set,
  pull,
  pull_all,
  pop,
};

// "$inc" for UpdateOperator::inc.
std::string_view operator_name(UpdateOperator op);

// Sorts the elements that $push leaves: by themselves, or by their members.
struct SortKey {
  std::optional<Path> path;  // none: the element itself
  bool descending = false;
};

// One operator on one path as it was written.
struct UpdateAction {
  UpdateOperator op;
  Path path;
  Value operand;
  Path destination;                      // of rename
  std::span<const Value> each;           // of push, add_to_set, pull_all: the elements
  std::optional<std::int64_t> position;  // of push
  std::optional<std::int64_t> slice;     // of push
  std::vector<SortKey> sort;             // of push
  std::optional<Filter> filter;          // of pull: what to take out; none: what equals the operand
  bool filter_is_query = false;          // the filter is for elements that are objects
  const Collation* collation = nullptr;  // the update's
};

using ArrayFilters = std::map<std::string, Filter, std::less<>>;

struct ParsedUpdate {
  std::vector<UpdateAction> actions;
  ArrayFilters array_filters;
  std::shared_ptr<const Collation> collation;  // null: by code point
  std::optional<std::string> made_id;          // of $setOnInsert
};

// An action on one path of one document: no "$[]" in it.
struct UpdateTarget {
  Path path;
  const UpdateAction* action;
  bool is_destination = false;  // of a rename
};

// "$inc: what": the message; the path is the error's field.
Error update_error(UpdateOperator op, const std::string& path, const std::string& what);

Result<ParsedUpdate> parse_update(const Value& operators, const Value& array_filters,
                                  std::shared_ptr<const Collation> collation);

void sort_targets(std::vector<UpdateTarget>& targets);
// All targets, in the order of their paths. Errors: two of them meet, "$[]" finds no array, or "$" no
// element.
Result<std::vector<UpdateTarget>> resolve_targets(const ParsedUpdate& update, const Value& document,
                                                  const Filter* found_by);
// An error where of two paths one is the other or leads to it; the targets are in order.
Status check_conflicts(const std::vector<UpdateTarget>& targets);

// What stands at the target afterwards, given what stands there now (null: nothing); nullopt: it stays as it
// is. For all operators but unset and rename.
Result<std::optional<Value>> new_value(const UpdateTarget& target, const Value* old,
                                       const UpdateContext& context, Arena& arena);
// The same for the operators on arrays.
Result<std::optional<Value>> new_array(const UpdateTarget& target, const Value* old, Arena& arena);

}  // namespace quire::document
