#include "document/testing/naive_filter.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "document/extended_json.h"
#include "document/value_order.h"

namespace quire::document::testing {

namespace {
// A value that a path leads to; null where it leads to nothing.
struct Found {
  const Value* value;
  bool by_index = false;  // the path ends with this element's index
};
using FoundList = std::vector<Found>;

bool is_map(const Value& value) { return value.is_object() && !TypedValue(value).is_special(); }

std::vector<std::string> split(const std::string& dotted) {
  std::vector<std::string> path(1);
  for (const char c : dotted) {
    if (c == '.')
      path.emplace_back();
    else
      path.back().push_back(c);
  }
  return path;
}

void collect(const Value& value, const std::vector<std::string>& path, std::size_t at, FoundList& out) {
  if (at == path.size()) {
    out.push_back({&value});
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Value& element = value.elements()[i];
      const bool named = path[at] == std::to_string(i);
      const bool last = at + 1 == path.size();
      if (is_map(element)) collect(element, path, at, out);
      if (named && last) out.push_back({&element, true});
      if (named && !last && (is_map(element) || element.is_array())) collect(element, path, at + 1, out);
    }
  } else if (const Value* member = is_map(value) ? value.find(path[at]) : nullptr; member != nullptr) {
    collect(*member, path, at + 1, out);
  } else {
    out.push_back({nullptr});
  }
}

FoundList find(const Value& document, const std::string& dotted) {
  FoundList out;
  if (!document.is_array()) {
    collect(document, split(dotted), 0, out);
    return out;
  }
  // An array that stands for a document has its indexes as names.
  const auto path = split(dotted);
  for (std::size_t i = 0; i < document.size(); ++i) {
    if (path[0] != std::to_string(i)) continue;
    collect(document.elements()[i], path, 1, out);
    return out;
  }
  return {{nullptr}};
}

// With the elements of the arrays that are found.
FoundList look_into(const FoundList& found) {
  FoundList all;
  for (const Found& one : found) {
    all.push_back(one);
    if (one.value == nullptr || one.by_index || !one.value->is_array()) continue;
    for (const Value& element : one.value->elements()) all.push_back({&element});
  }
  return all;
}

std::string type_name(const Value& name_or_code) {
  static const std::map<std::int64_t, std::string> kNames{
      {1, "double"}, {2, "string"}, {3, "object"}, {4, "array"}, {5, "binData"}, {7, "objectId"},
      {8, "bool"},   {9, "date"},   {10, "null"},  {16, "int"},  {18, "long"},   {19, "decimal"}};
  if (name_or_code.is_string()) return name_or_code.to_string();
  const auto code = TypedValue(name_or_code).number().to_int64();
  const auto known = code ? kNames.find(*code) : kNames.end();
  return known == kNames.end() ? "" : known->second;
}

std::string type_name_of(const TypedValue& value) {
  switch (value.type()) {
    case Type::null: return "null";
    case Type::boolean: return "bool";
    case Type::string: return "string";
    case Type::object_id: return "objectId";
    case Type::date: return "date";
    case Type::binary: return "binData";
    case Type::array: return "array";
    case Type::object: return "object";
    case Type::number: break;
  }
  switch (canonical_form(value)) {
    case NumberForm::int32: return "int";
    case NumberForm::int64: return "long";
    case NumberForm::decimal: return "decimal";
    case NumberForm::real: return "double";
    case NumberForm::plain: break;  // no canonical form
  }
  return "";
}

bool has_type(const Value* value, const Value& operand) {
  if (value == nullptr) return false;
  if (operand.is_array()) {
    return std::any_of(operand.elements().begin(), operand.elements().end(),
                       [&](const Value& one) { return has_type(value, one); });
  }
  const TypedValue typed(*value);
  const std::string name = type_name(operand);
  return name == type_name_of(typed) || (name == "number" && typed.type() == Type::number);
}

bool has_remainder(const Value* value, const Value& operand) {
  if (value == nullptr || TypedValue(*value).type() != Type::number) return false;
  const auto whole = TypedValue(*value).number().truncated();
  const auto divisor = *TypedValue(operand.elements()[0]).number().truncated();
  return whole && *whole % divisor == *TypedValue(operand.elements()[1]).number().truncated();
}

bool is_condition(const Value& value) {
  return is_map(value) && value.size() > 0 && value.members()[0].name.to_string().starts_with("$");
}
bool is_query(const Value& value) {
  if (!is_condition(value)) return true;
  const std::string first = value.members()[0].name.to_string();
  return first == "$and" || first == "$or" || first == "$nor";
}

class NaiveFilter {
 public:
  explicit NaiveFilter(const Collation* collation) : collation_(collation) {}

  bool matches(const Value& filter, const Value& document) const {
    return std::all_of(filter.members().begin(), filter.members().end(),
                       [&](const Member& member) { return member_holds(member, document); });
  }

 private:
  bool equals(const Value* value, const Value& operand) const {
    return value == nullptr ? operand.is_null() : compare_values(*value, operand, collation_) == 0;
  }

  bool in_range(const std::string& op, const Value* value, const Value& operand) const {
    if (value == nullptr) return operand.is_null() && op.size() == 4;
    const TypedValue left(*value);
    const TypedValue right(operand);
    if (left.type() != right.type()) return false;
    const bool nan = (left.type() == Type::number && left.number().kind() == Number::Kind::nan) ||
                     (right.type() == Type::number && right.number().kind() == Number::Kind::nan);
    const auto order = compare_values(left, right, collation_);
    if (order == 0) return op == "$gte" || op == "$lte";
    return !nan && (order < 0) == op.starts_with("$l");
  }

  // The condition on one value alone.
  bool holds_for(const Value& condition, const Value& value) const {
    return all_hold(condition, {{&value}}, {{&value}});
  }

  bool element_fits(const Value& operand, const Value& element) const {
    if (!is_query(operand)) return holds_for(operand, element);
    return (is_map(element) || element.is_array()) && matches(operand, element);
  }

  bool whole_holds(const std::string& op, const Value& operand, const Value* value) const {
    if (value == nullptr) return false;
    const auto fits = [&](const Value& element) { return element_fits(operand, element); };
    if (op == "$keyMapMatch") {
      return is_map(*value) &&
             std::any_of(value->members().begin(), value->members().end(),
                         [&](const Member& member) { return holds_for(operand, member.name); });
    }
    if (!value->is_array()) return false;
    const auto elements = value->elements();
    if (op == "$size")
      return TypedValue(operand).number().to_int64() == static_cast<std::int64_t>(value->size());
    if (op == "$elemMatch") return std::any_of(elements.begin(), elements.end(), fits);
    return !elements.empty() && std::all_of(elements.begin(), elements.end(), fits);
  }

  bool predicate(const std::string& op, const Value& operand, const FoundList& found,
                 const FoundList& looked) const {
    const auto some = [](const FoundList& list, auto&& test) {
      return std::any_of(list.begin(), list.end(), [&](const Found& one) { return test(one.value); });
    };
    const auto equal = [&](const Value* value) { return equals(value, operand); };
    const auto listed = [&](const Value* value) {
      return std::any_of(operand.elements().begin(), operand.elements().end(),
                         [&](const Value& one) { return equals(value, one); });
    };
    if (op == "$not") return !all_hold(operand, found, looked);
    if (op == "$eq") return some(looked, equal);
    if (op == "$ne") return !some(looked, equal);
    if (op == "$in") return some(looked, listed);
    if (op == "$nin") return !some(looked, listed);
    if (op == "$exists")
      return some(found, [](const Value* value) { return value != nullptr; }) == operand.as_boolean();
    if (op == "$type") return some(looked, [&](const Value* value) { return has_type(value, operand); });
    if (op == "$mod") return some(looked, [&](const Value* value) { return has_remainder(value, operand); });
    if (op == "$regex") {
      return some(looked, [&](const Value* value) {
        if (value == nullptr || !value->is_string()) return false;
        const std::string pattern = operand.to_string();
        if (pattern.starts_with('^')) return value->to_string().starts_with(pattern.substr(1));
        return value->to_string().find(pattern) != std::string::npos;
      });
    }
    if (op == "$all") {
      return operand.size() > 0 &&
             std::all_of(operand.elements().begin(), operand.elements().end(), [&](const Value& one) {
               if (is_condition(one)) return all_hold(one, found, looked);
               return some(looked, [&](const Value* value) { return equals(value, one); });
             });
    }
    if (op == "$gt" || op == "$gte" || op == "$lt" || op == "$lte") {
      return some(looked, [&](const Value* value) { return in_range(op, value, operand); });
    }
    return some(found, [&](const Value* value) { return whole_holds(op, operand, value); });
  }

  bool all_hold(const Value& condition, const FoundList& found, const FoundList& looked) const {
    return std::all_of(condition.members().begin(), condition.members().end(), [&](const Member& member) {
      return predicate(member.name.to_string(), member.value, found, looked);
    });
  }

  bool member_holds(const Member& member, const Value& document) const {
    const std::string name = member.name.to_string();
    const auto fits = [&](const Value& filter) { return matches(filter, document); };
    if (name == "$and" || name == "$or" || name == "$nor") {
      const auto filters = member.value.elements();
      if (name == "$and") return std::all_of(filters.begin(), filters.end(), fits);
      return std::any_of(filters.begin(), filters.end(), fits) == (name == "$or");
    }
    const FoundList found = find(document, name);
    const FoundList looked = look_into(found);
    if (is_condition(member.value)) return all_hold(member.value, found, looked);
    return predicate("$eq", member.value, found, looked);
  }

  const Collation* const collation_;
};
}  // namespace

bool naive_matches(const Value& filter, const Value& document, const Collation* collation) {
  return NaiveFilter(collation).matches(filter, document);
}

}  // namespace quire::document::testing
