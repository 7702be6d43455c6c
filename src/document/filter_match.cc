// Matching. A predicate looks at values one by one; walk() finds the values of a path:
//
// - A step into an object takes the member; where there is none, the value is "missing" (a null pointer).
// - An array on the way is gone through: from each element that is an object the path goes on, and also from
// the element
//   whose index the next step names; where the path ends at that index, the element is the value and is not
//   looked into. An array that has neither gives no value at all, not even "missing".
// - An array at the end gives each of its elements, then itself; predicates on arrays as a whole ($size,
// $exists,
//   $elemMatch, $allMatch) are given just the array.
// - Anything else on the way gives "missing".
#include <algorithm>
#include <type_traits>

#include "document/filter_node.h"
#include "document/regex.h"
#include "document/value_order.h"

namespace quire::document {

namespace {
using Steps = std::span<const PathStep>;
enum class Leaf { elements, whole };

// What looks at each value of a path; a reference to a callable.
class Visitor {
 public:
  template <class Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, Visitor>) explicit Visitor(const Callable& callable)
      : object_(&callable), call_([](const void* object, const Value* value) {
          return (*static_cast<const Callable*>(object))(value);
        }) {}
  bool operator()(const Value* value) const { return call_(object_, value); }

 private:
  const void* object_;
  bool (*call_)(const void*, const Value*);
};

bool walk(const Value& value, Steps steps, Leaf leaf, const Visitor& visit);

bool visit_end(const Value& value, Leaf leaf, const Visitor& visit) {
  if (leaf == Leaf::elements && value.is_array()) {
    for (const Value& element : value.elements()) {
      if (visit(&element)) return true;
    }
  }
  return visit(&value);
}

bool walk_array(std::span<const Value> elements, Steps steps, Leaf leaf, const Visitor& visit) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Value& element = elements[i];
    const bool is_object = is_plain_object(element);
    if (is_object && walk(element, steps, leaf, visit)) return true;
    if (!steps[0].is_index(i)) continue;
    if (steps.size() == 1) {
      if (visit(&element)) return true;
    } else if (is_object || element.is_array()) {
      if (walk(element, steps.subspan(1), leaf, visit)) return true;
    }
  }
  return false;
}

// True as soon as the visitor says so for one of the values.
bool walk(const Value& value, Steps steps, Leaf leaf, const Visitor& visit) {
  if (steps.empty()) return visit_end(value, leaf, visit);
  if (value.is_array()) return walk_array(value.elements(), steps, leaf, visit);
  if (!is_plain_object(value)) return visit(nullptr);
  const Value* const member = value.find(steps[0].name);
  if (member == nullptr) return visit(nullptr);
  return walk(*member, steps.subspan(1), leaf, visit);
}

// As walk(), from a document; an array that stands for one has its indexes as names.
bool walk_document(const Value& document, Steps steps, Leaf leaf, const Visitor& visit) {
  if (steps.empty() || !document.is_array()) return walk(document, steps, leaf, visit);
  if (!steps[0].index || *steps[0].index >= document.size()) return visit(nullptr);
  return walk(document.elements()[*steps[0].index], steps.subspan(1), leaf, visit);
}

// Where the values of a path are looked for: from a document, or, with the rest of a path, from a value that
// its first steps led to (null: to nothing).
struct Start {
  const Value* value;
  Steps path;
  bool document;
};

bool walk_from(const Start& start, Leaf leaf, const Visitor& visit) {
  if (start.value == nullptr) return visit(nullptr);
  return start.document ? walk_document(*start.value, start.path, leaf, visit)
                        : walk(*start.value, start.path, leaf, visit);
}

bool is_nan(const TypedValue& value) {
  return value.type() == Type::number && value.number().kind() == Number::Kind::nan;
}

bool compares(FilterOperator op, const TypedValue& value, const TypedValue& operand) {
  if (value.type() != operand.type()) return false;
  const auto order = compare_values(value, operand);
  const bool or_equal = op == FilterOperator::greater_equal || op == FilterOperator::less_equal;
  if (order == 0) return or_equal;
  if (is_nan(value) || is_nan(operand)) return false;
  const bool greater = op == FilterOperator::greater || op == FilterOperator::greater_equal;
  return greater == (order > 0);
}

bool is_in(const TypedValue& value, const FilterNode& node) {
  const auto less = [](const std::shared_ptr<const TypedValue>& operand, const TypedValue& wanted) {
    return compare_values(*operand, wanted) < 0;
  };
  const auto found = std::lower_bound(node.operands.begin(), node.operands.end(), value, less);
  return found != node.operands.end() && compare_values(**found, value) == 0;
}

bool has_remainder(const TypedValue& value, const FilterNode& node) {
  if (value.type() != Type::number) return false;
  const auto number = value.number().truncated();
  // The remainder of the smallest number by -1 does not fit; it is 0, as by every -1.
  return number && (node.divisor == -1 ? 0 : *number % node.divisor) == node.remainder;
}

bool element_matches(const FilterNode& node, const Value& element);

bool holds_for_elements(const FilterNode& node, const Value& value) {
  if (!value.is_array() || value.size() == 0) return false;
  const auto matches = [&](const Value& element) { return element_matches(node, element); };
  const auto elements = value.elements();
  if (node.op == FilterOperator::all_match) return std::all_of(elements.begin(), elements.end(), matches);
  return std::any_of(elements.begin(), elements.end(), matches);
}

bool holds(const FilterNode& node, const Value* value);

bool all_hold(const FilterNode& node, const Value* value) {
  const auto one_holds = [&](const FilterNode& child) { return holds(child, value); };
  return std::all_of(node.children.begin(), node.children.end(), one_holds);
}

bool holds_for_names(const FilterNode& node, const Value& value) {
  if (!is_plain_object(value)) return false;
  const auto matches = [&](const Member& member) { return all_hold(node, &member.name); };
  return std::any_of(value.members().begin(), value.members().end(), matches);
}

bool element_matches(const FilterNode& node, const Value& element) {
  if (!node.query) return all_hold(node, &element);
  return (is_plain_object(element) || element.is_array()) && node_matches(node.children[0], element);
}

// What holds for a member that is missing: what holds for null, and $exists.
bool holds_for_missing(const FilterNode& node) {
  switch (node.op) {
    case FilterOperator::equal:
    case FilterOperator::not_equal:
    case FilterOperator::greater_equal:
    case FilterOperator::less_equal: return node.operands[0]->type() == Type::null;
    case FilterOperator::in:
    case FilterOperator::not_in: return !node.operands.empty() && node.operands[0]->type() == Type::null;
    default: return false;
  }
}

// For not_equal and not_in: whether what they negate holds.
bool holds_positive(const FilterNode& node, const Value* value) {
  if (value == nullptr) return holds_for_missing(node);
  switch (node.op) {
    case FilterOperator::size:
      return value->is_array() && static_cast<std::int64_t>(value->size()) == node.remainder;
    case FilterOperator::elem_match:
    case FilterOperator::all_match: return holds_for_elements(node, *value);
    case FilterOperator::key_map_match: return holds_for_names(node, *value);
    default: break;
  }
  const TypedValue typed(*value);
  switch (node.op) {
    case FilterOperator::equal:
    case FilterOperator::not_equal:
      return typed.type() == node.operands[0]->type() && compare_values(typed, *node.operands[0]) == 0;
    case FilterOperator::in:
    case FilterOperator::not_in: return is_in(typed, node);
    case FilterOperator::type: return (type_bit_of(typed) & node.types) != 0;
    case FilterOperator::mod: return has_remainder(typed, node);
    case FilterOperator::regex: return typed.type() == Type::string && node.pattern->found_in(typed.string());
    default: return compares(node.op, typed, *node.operands[0]);
  }
}

// Whether a predicate holds for one value, which is not looked into where it is an array. Null: missing.
bool holds(const FilterNode& node, const Value* value) {
  switch (node.op) {
    case FilterOperator::negation: return !all_hold(node, value);
    case FilterOperator::all: return !node.children.empty() && all_hold(node, value);
    case FilterOperator::exists: return (value != nullptr) == node.wanted;
    case FilterOperator::not_equal:
    case FilterOperator::not_in: return !holds_positive(node, value);
    default: return holds_positive(node, value);
  }
}

// The values that a predicate looks at, and whether one of them satisfies it.
bool holds_at(const FilterNode& node, const Start& start) {
  const auto each = [&](const Value* value) { return holds_positive(node, value); };
  const auto child_holds = [&](const FilterNode& child) { return holds_at(child, start); };
  switch (node.op) {
    case FilterOperator::negation:
      return !std::all_of(node.children.begin(), node.children.end(), child_holds);
    case FilterOperator::all:
      return !node.children.empty() && std::all_of(node.children.begin(), node.children.end(), child_holds);
    case FilterOperator::not_equal:
    case FilterOperator::not_in: return !walk_from(start, Leaf::elements, Visitor(each));
    case FilterOperator::exists: {
      const auto is_there = [](const Value* value) { return value != nullptr; };
      return walk_from(start, Leaf::whole, Visitor(is_there)) == node.wanted;
    }
    case FilterOperator::size:
    case FilterOperator::elem_match:
    case FilterOperator::all_match:
    case FilterOperator::key_map_match: return walk_from(start, Leaf::whole, Visitor(each));
    default: return walk_from(start, Leaf::elements, Visitor(each));
  }
}
}  // namespace

bool node_matches(const FilterNode& node, const Value& document) {
  const auto matches = [&](const FilterNode& child) { return node_matches(child, document); };
  const auto& children = node.children;
  switch (node.op) {
    case FilterOperator::all_of: return std::all_of(children.begin(), children.end(), matches);
    case FilterOperator::any_of: return std::any_of(children.begin(), children.end(), matches);
    case FilterOperator::none_of: return std::none_of(children.begin(), children.end(), matches);
    default: return holds_at(node, {&document, node.path.steps(), true});
  }
}

bool predicate_matches(const FilterNode& node, const Value* value, Steps rest) {
  return holds_at(node, {value, rest, false});
}

bool predicates_match(const FilterNode& node, const Value& value) {
  const auto matches = [&](const FilterNode& child) { return holds_at(child, {&value, {}, true}); };
  return std::all_of(node.children.begin(), node.children.end(), matches);
}

}  // namespace quire::document
