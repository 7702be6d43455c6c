#include <algorithm>
#include <set>

#include "document/update_actions.h"
#include "document/value_order.h"

namespace quire::document {

namespace {
using NewValue = std::optional<Value>;
using Elements = std::vector<Value>;

Value make_array(const Elements& elements, Arena& arena) {
  Value array = Value::array();
  for (const Value& element : elements) array.append(arena, element);
  return array;
}

// What a dotted path leads to in an element; null where it leads nowhere.
const Value& sort_value(const Value& element, const SortKey& key) {
  static const Value missing;
  const Value* value = &element;
  if (!key.path) return *value;
  for (const PathStep& step : key.path->steps()) {
    if (value->is_array() && step.index && *step.index < value->size()) {
      value = &value->elements()[*step.index];
    } else {
      value = is_plain_object(*value) ? value->find(step.name) : nullptr;
    }
    if (value == nullptr) return missing;
  }
  return *value;
}

bool comes_first(const Value& left, const Value& right, const UpdateAction& action) {
  for (const SortKey& key : action.sort) {
    const auto order = compare_values(sort_value(left, key), sort_value(right, key), action.collation);
    if (order != 0) return key.descending ? order > 0 : order < 0;
  }
  return false;
}

std::size_t insert_position(const UpdateAction& push, std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  const std::int64_t position = push.position.value_or(count);
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(position < 0 ? count + position : position, 0, count));
}

void cut(Elements& elements, std::int64_t slice) {
  const auto size = static_cast<std::int64_t>(elements.size());
  if (slice >= 0) {
    elements.resize(static_cast<std::size_t>(std::min(slice, size)));
  } else if (slice > -size) {
    elements.erase(elements.begin(), elements.end() + slice);
  }
}

NewValue push(const UpdateAction& action, Elements elements, Arena& arena) {
  Elements added;
  for (const Value& element : action.each) added.push_back(element.copy(arena));
  const auto at = elements.begin() + static_cast<std::ptrdiff_t>(insert_position(action, elements.size()));
  elements.insert(at, added.begin(), added.end());
  if (!action.sort.empty()) {
    const auto first = [&](const Value& a, const Value& b) { return comes_first(a, b, action); };
    std::stable_sort(elements.begin(), elements.end(), first);
  }
  if (action.slice) cut(elements, *action.slice);
  return make_array(elements, arena);
}

NewValue add_to_set(const UpdateAction& action, Elements elements, bool exists, Arena& arena) {
  std::set<Value, ValueLess> known(elements.begin(), elements.end(), ValueLess{action.collation});
  const std::size_t before = elements.size();
  for (const Value& element : action.each) {
    if (known.insert(element).second) elements.push_back(element.copy(arena));
  }
  if (exists && elements.size() == before) return std::nullopt;
  return make_array(elements, arena);
}

bool is_pulled(const UpdateAction& action, const Value& element) {
  if (action.filter && action.filter_is_query)
    return is_plain_object(element) && action.filter->matches(element);
  if (action.filter) return action.filter->matches_value(element);
  return compare_values(element, action.operand, action.collation) == 0;
}

template <class Test>
NewValue without(Elements elements, const Test& test, Arena& arena) {
  const std::size_t before = elements.size();
  elements.erase(std::remove_if(elements.begin(), elements.end(), test), elements.end());
  if (elements.size() == before) return std::nullopt;
  return make_array(elements, arena);
}

NewValue pop(const UpdateAction& action, Elements elements, Arena& arena) {
  if (elements.empty()) return std::nullopt;
  const bool last = compare_values(action.operand, Value::number("0")) > 0;
  elements.erase(last ? elements.end() - 1 : elements.begin());
  return make_array(elements, arena);
}
}  // namespace

Result<NewValue> new_array(const UpdateTarget& target, const Value* old, Arena& arena) {
  const UpdateAction& action = *target.action;
  if (old != nullptr && !old->is_array())
    return update_error(action.op, target.path.text(), "the value is not an array");
  const bool adds = action.op == UpdateOperator::push || action.op == UpdateOperator::add_to_set;
  if (old == nullptr && !adds) return NewValue();
  Elements elements;
  if (old != nullptr) elements.assign(old->elements().begin(), old->elements().end());
  switch (action.op) {
    case UpdateOperator::push: {
      NewValue pushed = push(action, std::move(elements), arena);
      const bool same = old != nullptr && old->to_json() == pushed->to_json();
      return same ? NewValue() : pushed;
    }
    case UpdateOperator::add_to_set: return add_to_set(action, std::move(elements), old != nullptr, arena);
    case UpdateOperator::pull: {
      const auto test = [&](const Value& element) { return is_pulled(action, element); };
      return without(std::move(elements), test, arena);
    }
    case UpdateOperator::pull_all: {
      const std::set<Value, ValueLess> unwanted(action.each.begin(), action.each.end(),
                                                ValueLess{action.collation});
      const auto test = [&](const Value& element) { return unwanted.contains(element); };
      return without(std::move(elements), test, arena);
    }
    default: return pop(action, std::move(elements), arena);
  }
}

}  // namespace quire::document
