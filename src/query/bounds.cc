#include "query/bounds.h"

#include <algorithm>

#include "document/regex.h"
#include "document/value_order.h"

namespace quire::query {

using document::Direction;
using document::FilterNode;
using document::FilterOperator;
using document::Type;
using document::TypedValue;

namespace {

std::string key_of(const document::Value& value, const document::Collation* collation) {
  std::string key;
  document::append_key(value, Direction::ascending, key, collation);
  return key;
}

std::string no_elements_key() {
  std::string key;
  document::append_no_elements_key(Direction::ascending, key);
  return key;
}

std::string null_key() { return key_of(document::Value(), nullptr); }

Cut first_of(Type type) {
  return {std::string(1, static_cast<char>(document::key_range(type).first)), false};
}
Cut last_of(Type type) { return {std::string(1, static_cast<char>(document::key_range(type).last)), true}; }

Bounds type_bounds(Type type) {
  return Bounds(std::vector<Interval>{{.low = first_of(type), .high = last_of(type)}});
}

bool is_nan(const TypedValue& value) {
  return value.type() == Type::number && value.number().kind() == document::Number::Kind::nan;
}

// Of a value that a document's is to be equal to. Null is equal to what is missing, and to nothing where an
// array on the way holds no objects; an array is keyed by its elements, or by having none, and where it is
// one itself, as it is.
void add_equal(const TypedValue& operand, const document::Collation* collation,
               std::vector<Interval>& intervals, bool& exact) {
  if (operand.type() == Type::null) exact = false;
  if (operand.type() == Type::array) {
    exact = false;
    intervals.push_back(Interval::point(
        operand.value().size() > 0 ? key_of(operand.value().elements()[0], collation) : no_elements_key()));
  }
  intervals.push_back(Interval::point(key_of(operand.value(), collation)));
}

std::optional<PredicateBounds> equal_bounds(const FilterNode& node) {
  PredicateBounds found{.bounds = {}, .exact = true};
  std::vector<Interval> intervals;
  for (const auto& operand : node.operands) add_equal(*operand, node.collation.get(), intervals, found.exact);
  found.bounds = Bounds(std::move(intervals));
  return found;
}

std::optional<PredicateBounds> range_bounds(const FilterNode& node) {
  const TypedValue& operand = *node.operands[0];
  const bool greater = node.op == FilterOperator::greater || node.op == FilterOperator::greater_equal;
  const bool or_equal = node.op == FilterOperator::greater_equal || node.op == FilterOperator::less_equal;
  if (operand.type() == Type::array) return std::nullopt;
  if (operand.type() == Type::null || is_nan(operand)) {
    // Nothing is above or below these.
    return or_equal ? equal_bounds(node) : PredicateBounds{.bounds = Bounds(), .exact = true};
  }
  const std::string key = key_of(operand.value(), node.collation.get());
  Interval interval;
  if (greater) {
    interval = {.low = {key, !or_equal}, .high = last_of(operand.type())};
  } else {
    interval = {.low = first_of(operand.type()), .high = {key, or_equal}};
    interval.low.behind = operand.type() == Type::number;  // behind NaN, which is less than nothing
  }
  return PredicateBounds{.bounds = Bounds(std::vector<Interval>{interval}), .exact = true};
}

std::optional<PredicateBounds> regex_bounds(const FilterNode& node) {
  if (node.collation != nullptr) {
    // Texts that begin alike need not have keys that do.
    return PredicateBounds{.bounds = type_bounds(Type::string), .exact = false};
  }
  std::string key;
  document::append_string_key(literal_prefix(node.pattern->pattern(), node.pattern->options()), key);
  key.pop_back();  // the end of the string
  return PredicateBounds{.bounds = Bounds(std::vector<Interval>{{.low = {key, false}, .high = {key, true}}}),
                         .exact = false};
}

// Predicates of one element, whose key is one key.
std::optional<PredicateBounds> element_bounds(const FilterNode& node) {
  if (node.query) return std::nullopt;
  Bounds all = Bounds::everything();
  for (const FilterNode& child : node.children) {
    const bool looks_inside = child.op == FilterOperator::elem_match || child.op == FilterOperator::all ||
                              child.op == FilterOperator::exists;
    if (looks_inside) continue;
    if (const auto one = bounds_of(child)) all = all.intersected(one->bounds);
  }
  if (all.is_everything()) return std::nullopt;
  return PredicateBounds{.bounds = std::move(all), .exact = false};
}

bool holds_strings(Type type) { return type == Type::string || type == Type::array || type == Type::object; }

std::string print_cut(const Cut& cut, bool low, bool collated) {
  if (cut.bytes.empty()) return low ? "first" : "last";
  if (cut.bytes == no_elements_key()) return "no elements";
  static constexpr std::pair<Type, const char*> kNames[] = {
      {Type::null, "null"},       {Type::boolean, "booleans"},    {Type::number, "numbers"},
      {Type::string, "strings"},  {Type::object_id, "ObjectIds"}, {Type::date, "dates"},
      {Type::binary, "binaries"}, {Type::array, "arrays"},        {Type::object, "objects"}};
  for (const auto& [type, name] : kNames) {
    const auto range = document::key_range(type);
    const auto first = static_cast<unsigned char>(cut.bytes[0]);
    if (first < range.first || first > range.last) continue;
    if (collated && holds_strings(type)) return cut.bytes.size() > 1 ? "(a collation's)" : name;
    document::Arena arena;
    std::string_view bytes = cut.bytes;
    auto value = document::take_key(bytes, Direction::ascending, arena);
    if (value && bytes.empty()) return value->to_json();
    if (type == Type::string && cut.bytes.size() > 1) return "\"" + cut.bytes.substr(1) + "...\"";
    return name;
  }
  return "?";
}

}  // namespace

std::strong_ordering Cut::operator<=>(const Cut& other) const {
  const std::size_t common = std::min(bytes.size(), other.bytes.size());
  if (const int order = bytes.compare(0, common, other.bytes, 0, common); order != 0) {
    return order <=> 0;
  }
  if (bytes.size() == other.bytes.size()) return behind <=> other.behind;
  // The shorter one is in front of, or behind, all that begins so.
  if (bytes.size() < other.bytes.size()) {
    return behind ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  return other.behind ? std::strong_ordering::less : std::strong_ordering::greater;
}

Interval Interval::descending() const {
  const auto inverted = [](const Cut& cut) {
    Cut other{cut.bytes, !cut.behind};
    document::invert_key(other.bytes.data(), other.bytes.data() + other.bytes.size());
    return other;
  };
  return {.low = inverted(high), .high = inverted(low), .whole_key = whole_key};
}

Bounds::Bounds(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& left, const Interval& right) { return left.low < right.low; });
  for (Interval& next : intervals) {
    if (next.empty()) continue;
    if (intervals_.empty() || intervals_.back().high < next.low) {
      intervals_.push_back(std::move(next));
    } else {
      Interval& last = intervals_.back();
      last.whole_key = last.whole_key && next.whole_key;
      if (last.high < next.high) last.high = std::move(next.high);
    }
  }
}

bool Bounds::is_points() const {
  return std::all_of(intervals_.begin(), intervals_.end(),
                     [](const Interval& one) { return one.is_point(); });
}

bool Bounds::contains(std::string_view key) const {
  const Cut place{std::string(key), false};
  return std::any_of(intervals_.begin(), intervals_.end(),
                     [&](const Interval& one) { return one.low <= place && place < one.high; });
}

bool Bounds::covers(const Bounds& other) const {
  return std::all_of(other.intervals_.begin(), other.intervals_.end(), [&](const Interval& inner) {
    return std::any_of(intervals_.begin(), intervals_.end(), [&](const Interval& outer) {
      return outer.low <= inner.low && inner.high <= outer.high;
    });
  });
}

Bounds Bounds::intersected(const Bounds& other) const {
  std::vector<Interval> common;
  auto left = intervals_.begin();
  auto right = other.intervals_.begin();
  while (left != intervals_.end() && right != other.intervals_.end()) {
    Interval one{.low = std::max(left->low, right->low),
                 .high = std::min(left->high, right->high),
                 .whole_key = left->whole_key || right->whole_key};
    if (!one.empty()) common.push_back(std::move(one));
    (left->high < right->high ? left : right)++;
  }
  return Bounds(std::move(common));
}

std::string Bounds::print(bool collated) const {
  std::string out;
  for (const Interval& one : intervals_) {
    if (!out.empty()) out += ' ';
    if (out.size() > 200) return out + "...";
    if (one.is_point()) {
      out += print_cut(one.low, true, collated);
      continue;
    }
    out += one.low.behind ? "(" : "[";
    out += print_cut(one.low, true, collated) + ", " + print_cut(one.high, false, collated);
    out += one.high.behind ? "]" : ")";
  }
  return out.empty() ? "nothing" : out;
}

std::optional<PredicateBounds> bounds_of(const FilterNode& predicate) {
  switch (predicate.op) {
    case FilterOperator::equal:
    case FilterOperator::in: return equal_bounds(predicate);
    case FilterOperator::greater:
    case FilterOperator::greater_equal:
    case FilterOperator::less:
    case FilterOperator::less_equal: return range_bounds(predicate);
    case FilterOperator::regex: return regex_bounds(predicate);
    case FilterOperator::mod: return PredicateBounds{.bounds = type_bounds(Type::number), .exact = false};
    case FilterOperator::exists:
      if (predicate.wanted) return std::nullopt;
      return PredicateBounds{.bounds = Bounds(std::vector<Interval>{Interval::point(null_key())}),
                             .exact = false};
    case FilterOperator::elem_match: return element_bounds(predicate);
    default: return std::nullopt;
  }
}

bool may_hold_strings(const Bounds& bounds) {
  static constexpr Type kTypes[] = {Type::string, Type::array, Type::object};
  return std::any_of(std::begin(kTypes), std::end(kTypes),
                     [&](Type type) { return !bounds.intersected(type_bounds(type)).intervals().empty(); });
}

std::string literal_prefix(std::string_view pattern, std::string_view options) {
  if (!pattern.starts_with('^') || pattern.find('|') != std::string_view::npos) return {};
  if (options.find_first_of("imx") != std::string_view::npos) return {};
  pattern.remove_prefix(1);
  const std::size_t end = std::min(pattern.find_first_of("\\^$.[]()*+?{}"), pattern.size());
  std::string literal(pattern.substr(0, end));
  if (end < pattern.size() && std::string_view("*?{+").find(pattern[end]) != std::string_view::npos) {
    // The last character may be missing: all of its bytes.
    while (!literal.empty() && (static_cast<unsigned char>(literal.back()) & 0xC0) == 0x80)
      literal.pop_back();
    if (!literal.empty()) literal.pop_back();
  }
  return literal;
}

}  // namespace quire::query
