// From text to nodes. What may stand where decides what is an operator: the names in an object that is the
// condition on a path, where the first begins with "$" and the object is not a special type. Everything else
// is data.
#include <algorithm>

#include "document/filter_node.h"
#include "document/regex.h"
#include "document/value_order.h"

namespace quire::document {

namespace {
using Nodes = std::vector<FilterNode>;

bool begins_with_dollar(const Value& name) {
  std::string scratch;
  return name.string(scratch).starts_with('$');
}

// An object of operators: {"$gt": 5}.
bool is_condition(const Value& value) {
  return is_plain_object(value) && value.size() > 0 && begins_with_dollar(value.members()[0].name);
}

class FilterParser {
 public:
  FilterParser(const FilterLimits& limits, Arena& arena, const std::shared_ptr<const Collation>& collation)
      : limits_(limits), arena_(arena), collation_(collation) {}

  Result<FilterNode> query(const Value& value);
  Result<Nodes> predicates(const Value& condition);

 private:
  // While it lives, errors are at the named member below the one before.
  class Step {
   public:
    Step(FilterParser& parser, const std::string& name) : where_(parser.where_), size_(where_.size()) {
      where_ += (where_.empty() || name.starts_with('[') ? "" : ".") + name;
    }
    ~Step() { where_.resize(size_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& where_;
    std::size_t size_;
  };

  Error invalid(std::string message) const {
    return Error(ErrorCode::invalid, std::move(message)).at(where_);
  }
  Error too_large(std::string message, std::uint64_t limit) const {
    return Error(ErrorCode::too_large, std::move(message)).at(where_).over(limit);
  }
  Result<FilterNode> node(FilterOperator op);
  Status add_member(const Member& member, Nodes& children);
  Result<FilterNode> combination(FilterOperator op, const Value& list);
  Status add_predicates(const Path& path, const Value& value, Nodes& children);
  Result<FilterNode> predicate(FilterOperator op, const Value& operand, const Value& condition);
  Status set_operand(FilterNode& node, const Value& operand);
  Status check_value(const Value& value) const;
  Result<FilterNode> in(FilterOperator op, const Value& list);
  Result<FilterNode> exists(const Value& operand);
  Result<FilterNode> type(const Value& operand);
  Result<FilterNode> size(const Value& operand);
  Result<FilterNode> mod(const Value& operand);
  Result<FilterNode> regex(const Value& operand, const Value* options);
  Result<FilterNode> all(const Value& list);
  Result<FilterNode> elements(FilterOperator op, const Value& operand);
  Result<FilterNode> of_predicates(FilterOperator op, const Value& operand);

  const FilterLimits& limits_;
  Arena& arena_;
  const std::shared_ptr<const Collation>& collation_;
  std::string where_;
  std::uint32_t nodes_ = 0;
  std::uint32_t depth_ = 0;
  std::uint32_t elements_ = 0;  // queries on elements that this one is inside of
  bool on_id_ = false;          // below the document's "_id"
};

Result<FilterNode> FilterParser::node(FilterOperator op) {
  if (++nodes_ > limits_.nodes) return too_large("a filter has too many predicates", limits_.nodes);
  FilterNode node;
  node.op = op;
  node.collation = collation_;
  return node;
}

Result<FilterNode> FilterParser::query(const Value& value) {
  if (!is_plain_object(value)) return invalid("a filter must be an object");
  if (++depth_ > limits_.depth) return too_large("a filter nests too deep", limits_.depth);
  QUIRE_TRY(FilterNode all, node(FilterOperator::all_of));
  for (const Member& member : value.members()) {
    const Step step(*this, member.name.to_string());
    QUIRE_TRY_STATUS(add_member(member, all.children));
  }
  --depth_;
  if (all.children.size() == 1) {
    FilterNode only = std::move(all.children[0]);
    return only;
  }
  return all;
}

Status FilterParser::add_member(const Member& member, Nodes& children) {
  const std::string name = member.name.to_string();
  if (!name.starts_with('$')) {
    auto path = Path::parse(name, limits_.path_steps);
    if (!path) return std::move(path).error().at(where_);
    on_id_ = name == "_id" && elements_ == 0;
    return add_predicates(*path, member.value, children);
  }
  const auto op = operator_named(name);
  if (!op || *op > FilterOperator::none_of) return invalid("no such operator here");
  QUIRE_TRY(FilterNode combined, combination(*op, member.value));
  children.push_back(std::move(combined));
  return ok();
}

Result<FilterNode> FilterParser::combination(FilterOperator op, const Value& list) {
  if (!list.is_array()) return invalid("the operator needs an array of filters");
  if (list.size() == 0) return invalid("the operator needs one filter at least, and its array is empty");
  QUIRE_TRY(FilterNode combined, node(op));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Step step(*this, "[" + std::to_string(i) + "]");
    QUIRE_TRY(FilterNode child, query(list.elements()[i]));
    combined.children.push_back(std::move(child));
  }
  return combined;
}

Status FilterParser::add_predicates(const Path& path, const Value& value, Nodes& children) {
  Nodes found;
  if (is_condition(value)) {
    QUIRE_TRY(found, predicates(value));
  } else {
    QUIRE_TRY(FilterNode equal, node(FilterOperator::equal));
    QUIRE_TRY_STATUS(set_operand(equal, value));
    found.push_back(std::move(equal));
  }
  for (FilterNode& one : found) {
    one.path = path;
    children.push_back(std::move(one));
  }
  return ok();
}

Result<Nodes> FilterParser::predicates(const Value& condition) {
  if (!is_condition(condition)) return invalid("the operator needs an object of operators");
  if (++depth_ > limits_.depth) return too_large("a filter nests too deep", limits_.depth);
  Nodes found;
  for (const Member& member : condition.members()) {
    const std::string name = member.name.to_string();
    const auto op = operator_named(name);
    const bool known = op && *op >= FilterOperator::negation;
    if (!known) {
      QUIRE_TRY_STATUS(check_value(condition));
    }
    const Step step(*this, name);
    if (name == "$options" && condition.find("$regex") != nullptr) continue;
    if (!known) return invalid("no such operator here");
    QUIRE_TRY(FilterNode one, predicate(*op, member.value, condition));
    found.push_back(std::move(one));
  }
  --depth_;
  return found;
}

Result<FilterNode> FilterParser::predicate(FilterOperator op, const Value& operand, const Value& condition) {
  switch (op) {
    case FilterOperator::in:
    case FilterOperator::not_in: return in(op, operand);
    case FilterOperator::exists: return exists(operand);
    case FilterOperator::type: return type(operand);
    case FilterOperator::size: return size(operand);
    case FilterOperator::mod: return mod(operand);
    case FilterOperator::regex: return regex(operand, condition.find("$options"));
    case FilterOperator::all: return all(operand);
    case FilterOperator::elem_match:
    case FilterOperator::all_match: return elements(op, operand);
    case FilterOperator::negation:
    case FilterOperator::key_map_match: return of_predicates(op, operand);
    default: break;
  }
  QUIRE_TRY(FilterNode comparison, node(op));
  QUIRE_TRY_STATUS(set_operand(comparison, operand));
  return comparison;
}

// An id is a string, and {"$oid": h} names the same document as h.
Status FilterParser::set_operand(FilterNode& node, const Value& operand) {
  QUIRE_TRY_STATUS(check_value(operand));
  const TypedValue typed(operand);
  const bool as_string = on_id_ && typed.type() == Type::object_id;
  auto* const kept = static_cast<Value*>(arena_.allocate(sizeof(Value), alignof(Value)));
  new (kept) Value(as_string ? Value::string(arena_, typed.object_id()) : operand);
  node.operands.push_back(std::make_shared<const TypedValue>(*kept));
  return ok();
}

Status FilterParser::check_value(const Value& value) const {
  return limits_.plain_json ? ok() : check_extended_json(value, where_);
}

Result<FilterNode> FilterParser::in(FilterOperator op, const Value& list) {
  if (!list.is_array()) return invalid("the operator needs an array");
  QUIRE_TRY(FilterNode any, node(op));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Step step(*this, "[" + std::to_string(i) + "]");
    const Value& element = list.elements()[i];
    if (is_condition(element)) {
      QUIRE_TRY_STATUS(check_value(element));
      return invalid("the array must hold values, not operators");
    }
    QUIRE_TRY_STATUS(set_operand(any, element));
  }
  auto& operands = any.operands;
  const Collation* const collation = collation_.get();
  const auto less = [&](const auto& a, const auto& b) { return compare_values(*a, *b, collation) < 0; };
  const auto equal = [&](const auto& a, const auto& b) { return compare_values(*a, *b, collation) == 0; };
  std::sort(operands.begin(), operands.end(), less);
  operands.erase(std::unique(operands.begin(), operands.end(), equal), operands.end());
  return any;
}

Result<FilterNode> FilterParser::exists(const Value& operand) {
  QUIRE_TRY(FilterNode one, node(FilterOperator::exists));
  const TypedValue typed(operand);
  if (typed.type() == Type::boolean) {
    one.wanted = operand.as_boolean();
  } else if (typed.type() == Type::number) {
    one.wanted = !typed.number().is_zero();
  } else {
    return invalid("$exists needs true or false");
  }
  return one;
}

Result<FilterNode> FilterParser::type(const Value& operand) {
  QUIRE_TRY(FilterNode one, node(FilterOperator::type));
  const std::span<const Value> names = operand.is_array() ? operand.elements() : std::span(&operand, 1);
  if (names.empty()) return invalid("$type needs a type at least");
  for (const Value& name : names) {
    const auto bits = type_bits(TypedValue(name));
    if (!bits) return invalid("$type needs names or codes of types");
    one.types |= *bits;
    QUIRE_TRY_STATUS(set_operand(one, name));
  }
  return one;
}

Result<FilterNode> FilterParser::size(const Value& operand) {
  QUIRE_TRY(FilterNode one, node(FilterOperator::size));
  const TypedValue typed(operand);
  const auto size = typed.type() == Type::number ? typed.number().to_int64() : std::nullopt;
  if (!size || *size < 0) return invalid("$size needs a whole number that is not negative");
  one.remainder = *size;
  return one;
}

Result<FilterNode> FilterParser::mod(const Value& operand) {
  QUIRE_TRY(FilterNode one, node(FilterOperator::mod));
  if (!operand.is_array() || operand.size() != 2) return invalid("$mod needs a divisor and a remainder");
  const auto whole = [](const Value& value) {
    const TypedValue typed(value);
    return typed.type() == Type::number ? typed.number().truncated() : std::nullopt;
  };
  const auto divisor = whole(operand.elements()[0]);
  const auto remainder = whole(operand.elements()[1]);
  if (!divisor || !remainder) return invalid("$mod needs a divisor and a remainder");
  if (*divisor == 0) return invalid("the divisor must not be 0");
  one.divisor = *divisor;
  one.remainder = *remainder;
  return one;
}

Result<FilterNode> FilterParser::regex(const Value& operand, const Value* options) {
  QUIRE_TRY(FilterNode one, node(FilterOperator::regex));
  if (!operand.is_string()) return invalid("$regex needs a string");
  if (options != nullptr && !options->is_string()) return invalid("$options needs a string");
  const std::string pattern = operand.to_string();
  if (pattern.size() > limits_.pattern_bytes)
    return too_large("a pattern is too long", limits_.pattern_bytes);
  auto compiled = Regex::compile(pattern, options == nullptr ? "" : options->to_string());
  if (!compiled) return std::move(compiled).error().at(where_);
  one.pattern = *compiled;
  return one;
}

Result<FilterNode> FilterParser::all(const Value& list) {
  QUIRE_TRY(FilterNode every, node(FilterOperator::all));
  if (!list.is_array()) return invalid("$all needs an array");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Step step(*this, "[" + std::to_string(i) + "]");
    const Value& element = list.elements()[i];
    if (is_condition(element)) {
      if (element.size() != 1 || element.find("$elemMatch") == nullptr) {
        QUIRE_TRY_STATUS(check_value(element));
        return invalid("$all knows only $elemMatch");
      }
      QUIRE_TRY(FilterNode child, elements(FilterOperator::elem_match, *element.find("$elemMatch")));
      every.children.push_back(std::move(child));
    } else {
      QUIRE_TRY(FilterNode child, node(FilterOperator::equal));
      QUIRE_TRY_STATUS(set_operand(child, element));
      every.children.push_back(std::move(child));
    }
  }
  return every;
}

Result<FilterNode> FilterParser::elements(FilterOperator op, const Value& operand) {
  if (!is_plain_object(operand)) return invalid("the operator needs an object");
  std::string scratch;
  const auto combines = [&] {
    const auto first = operator_named(operand.members()[0].name.string(scratch));
    return first && *first < FilterOperator::negation;
  };
  if (is_condition(operand) && !combines()) return of_predicates(op, operand);
  QUIRE_TRY(FilterNode one, node(op));
  ++elements_;
  QUIRE_TRY(FilterNode child, query(operand));
  --elements_;
  one.query = true;
  one.children.push_back(std::move(child));
  return one;
}

Result<FilterNode> FilterParser::of_predicates(FilterOperator op, const Value& operand) {
  QUIRE_TRY(FilterNode one, node(op));
  QUIRE_TRY(one.children, predicates(operand));
  return one;
}
}  // namespace

Result<FilterNode> parse_filter(bool query, const Value& value, const FilterLimits& limits, Arena& arena,
                                const std::shared_ptr<const Collation>& collation) {
  FilterParser parser(limits, arena, collation);
  if (query) return parser.query(value);
  FilterNode all;
  all.op = FilterOperator::all_of;
  QUIRE_TRY(all.children, parser.predicates(value));
  return all;
}

}  // namespace quire::document
