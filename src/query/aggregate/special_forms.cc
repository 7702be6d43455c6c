#include "query/aggregate/special_forms.h"

#include <algorithm>
#include <array>

#include "document/filter.h"
#include "document/path.h"
#include "document/regex.h"
#include "query/aggregate/functions.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
using Step = ExpressionParser::Step;
using Parsed = Result<ExpressionPointer>;
using Parts = std::vector<ExpressionPointer>;

Error wrong(const std::string& where, std::string message) {
  return Error(ErrorCode::invalid, std::move(message)).at(where);
}

class Literal final : public Expression {
 public:
  explicit Literal(const Value& value) : value_(value) {}
  const Value* evaluate(Evaluation&) const override { return &value_; }
  const Value* constant() const override { return &value_; }

 private:
  const Value value_;
};

Parsed parse_literal(ExpressionParser&, const Value& operand) {
  return ExpressionPointer(new Literal(operand));
}

// A list, or one alone.
Result<Parts> parse_parts(ExpressionParser& parser, const Value& operand) {
  Parts parts;
  if (!operand.is_array()) {
    QUIRE_TRY(auto part, parser.parse(operand));
    parts.push_back(std::move(part));
    return parts;
  }
  for (std::size_t i = 0; i < operand.size(); ++i) {
    const Step step(parser, i);
    QUIRE_TRY(auto part, parser.parse(operand.elements()[i]));
    parts.push_back(std::move(part));
  }
  return parts;
}

// The members of an object by these names; those behind the first `least` may be left out, and are then null.
Result<Parts> parse_named(ExpressionParser& parser, const Value& operand,
                          std::span<const std::string_view> names, std::size_t least) {
  if (!document::is_plain_object(operand))
    return parser.invalid("the function takes an object of named arguments");
  Parts parts(names.size());
  for (const Member& member : operand.members()) {
    const std::string name = member.name.to_string();
    const Step step(parser, name);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return parser.invalid("the function has no such argument");
    QUIRE_TRY(parts[static_cast<std::size_t>(found - names.begin())], parser.parse(member.value));
  }
  for (std::size_t i = 0; i < least; ++i) {
    if (parts[i] == nullptr)
      return parser.invalid("the function needs the argument " + std::string(names[i]));
  }
  return parts;
}

template <bool stops_at>
class Junction final : public Expression {
 public:
  explicit Junction(Parts parts) : parts_(std::move(parts)) {}
  const Value* evaluate(Evaluation& on) const override {
    for (const ExpressionPointer& part : parts_) {
      const bool holds = is_true(part->evaluate(on));
      if (on.failed()) return nullptr;
      if (holds == stops_at) return Evaluation::boolean(stops_at);
    }
    return Evaluation::boolean(!stops_at);
  }

 private:
  const Parts parts_;
};

template <bool stops_at>
Parsed parse_junction(ExpressionParser& parser, const Value& operand) {
  QUIRE_TRY(auto parts, parse_parts(parser, operand));
  return ExpressionPointer(new Junction<stops_at>(std::move(parts)));
}

class Condition final : public Expression {
 public:
  explicit Condition(Parts parts) : parts_(std::move(parts)) {}
  const Value* evaluate(Evaluation& on) const override {
    const bool holds = is_true(parts_[0]->evaluate(on));
    return on.failed() ? nullptr : parts_[holds ? 1 : 2]->evaluate(on);
  }

 private:
  const Parts parts_;
};

Parsed parse_condition(ExpressionParser& parser, const Value& operand) {
  constexpr std::string_view kNames[] = {"if", "then", "else"};
  auto parts = operand.is_array() ? parse_parts(parser, operand) : parse_named(parser, operand, kNames, 3);
  if (!parts) return std::move(parts).error();
  if (parts->size() != 3) return parser.invalid("$cond takes three arguments");
  return ExpressionPointer(new Condition(std::move(*parts)));
}

class IfNull final : public Expression {
 public:
  explicit IfNull(Parts parts) : parts_(std::move(parts)) {}
  const Value* evaluate(Evaluation& on) const override {
    const Value* value = nullptr;
    for (const ExpressionPointer& part : parts_) {
      value = part->evaluate(on);
      if (on.failed() || !is_nothing(value)) break;
    }
    return value;
  }

 private:
  const Parts parts_;
};

Parsed parse_if_null(ExpressionParser& parser, const Value& operand) {
  QUIRE_TRY(auto parts, parse_parts(parser, operand));
  if (parts.size() < 2) return parser.invalid("$ifNull takes two arguments or more");
  return ExpressionPointer(new IfNull(std::move(parts)));
}

class Switch final : public Expression {
 public:
  struct Branch {
    ExpressionPointer condition;
    ExpressionPointer value;
  };
  Switch(std::vector<Branch> branches, ExpressionPointer otherwise, std::string where)
      : branches_(std::move(branches)), otherwise_(std::move(otherwise)), where_(std::move(where)) {}
  const Value* evaluate(Evaluation& on) const override {
    for (const Branch& branch : branches_) {
      const bool holds = is_true(branch.condition->evaluate(on));
      if (on.failed()) return nullptr;
      if (holds) return branch.value->evaluate(on);
    }
    if (otherwise_ != nullptr) return otherwise_->evaluate(on);
    return on.fail(wrong(where_, "no branch of a $switch holds, and it has no default"));
  }

 private:
  const std::vector<Branch> branches_;
  const ExpressionPointer otherwise_;
  const std::string where_;
};

Parsed parse_switch(ExpressionParser& parser, const Value& operand) {
  constexpr std::string_view kNames[] = {"case", "then"};
  if (!operand.is_object()) return parser.invalid("$switch takes an object of branches and default");
  std::vector<Switch::Branch> branches;
  ExpressionPointer otherwise;
  for (const Member& member : operand.members()) {
    const std::string name = member.name.to_string();
    const Step step(parser, name);
    if (name == "default") {
      QUIRE_TRY(otherwise, parser.parse(member.value));
      continue;
    }
    if (name != "branches" || !member.value.is_array())
      return parser.invalid("$switch takes branches and default");
    for (std::size_t i = 0; i < member.value.size(); ++i) {
      const Step branch(parser, i);
      QUIRE_TRY(auto parts, parse_named(parser, member.value.elements()[i], kNames, 2));
      branches.push_back({std::move(parts[0]), std::move(parts[1])});
    }
  }
  if (branches.empty()) return parser.invalid("$switch needs a branch");
  return ExpressionPointer(new Switch(std::move(branches), std::move(otherwise), parser.where()));
}

// What $filter, $map and $reduce share: an array, and an expression that sees each element as a variable.
struct OverElements {
  ExpressionPointer input;
  ExpressionPointer limit;    // of $filter
  ExpressionPointer initial;  // of $reduce
  ExpressionPointer each;
  std::size_t slot = 0;        // of the element
  std::size_t value_slot = 0;  // of what $reduce has so far
  std::string where;
};

// False, and `result` is the answer, where the input is no array.
bool read_input(Evaluation& on, const OverElements& over, const Value*& input) {
  input = over.input->evaluate(on);
  if (on.failed()) return false;
  if (is_nothing(input)) {
    input = Evaluation::null();
    return false;
  }
  if (input->is_array()) return true;
  input = on.fail(wrong(over.where, "takes an array as its input, not " + described(input)));
  return false;
}

class Filter final : public Expression {
 public:
  explicit Filter(OverElements over) : over_(std::move(over)) {}
  const Value* evaluate(Evaluation& on) const override {
    const Value* input = nullptr;
    if (!read_input(on, over_, input)) return on.failed() ? nullptr : input;
    std::int64_t limit = INT64_MAX;
    if (over_.limit != nullptr) {
      const Value* const given = over_.limit->evaluate(on);
      if (!is_nothing(given) && (!read_whole(given, limit) || limit < 1))
        return on.fail(wrong(over_.where, "takes a limit that is a whole number above 0"));
    }
    Value kept = Value::array();
    for (const Value& element : input->elements()) {
      if (!on.goes_on()) return nullptr;
      if (static_cast<std::int64_t>(kept.size()) == limit) break;
      on.set_variable(over_.slot, &element);
      if (!is_true(over_.each->evaluate(on))) continue;
      if (!on.charge(kElementBytes)) return nullptr;
      kept.append(on.arena(), element);
    }
    return on.failed() ? nullptr : on.keep(kept);
  }

 private:
  const OverElements over_;
};

class Map final : public Expression {
 public:
  explicit Map(OverElements over) : over_(std::move(over)) {}
  const Value* evaluate(Evaluation& on) const override {
    const Value* input = nullptr;
    if (!read_input(on, over_, input)) return on.failed() ? nullptr : input;
    Value mapped = Value::array();
    for (const Value& element : input->elements()) {
      on.set_variable(over_.slot, &element);
      const Value* const value = over_.each->evaluate(on);
      if (!on.goes_on() || !on.charge(kElementBytes)) return nullptr;
      mapped.append(on.arena(), value == nullptr ? Value() : *value);
    }
    return on.keep(mapped);
  }

 private:
  const OverElements over_;
};

class Reduce final : public Expression {
 public:
  explicit Reduce(OverElements over) : over_(std::move(over)) {}
  const Value* evaluate(Evaluation& on) const override {
    const Value* input = nullptr;
    if (!read_input(on, over_, input)) return on.failed() ? nullptr : input;
    const Value* value = over_.initial->evaluate(on);
    for (const Value& element : input->elements()) {
      if (!on.goes_on()) return nullptr;
      on.set_variable(over_.slot, &element);
      on.set_variable(over_.value_slot, value);
      value = over_.each->evaluate(on);
    }
    return on.failed() ? nullptr : value;
  }

 private:
  const OverElements over_;
};

// The members of an operand, all of them known.
Status check_names(ExpressionParser& parser, const Value& operand, std::span<const std::string_view> names,
                   std::size_t needed) {
  if (!document::is_plain_object(operand))
    return parser.invalid("the function takes an object of named arguments");
  for (const Member& member : operand.members()) {
    const std::string name = member.name.to_string();
    const Step step(parser, name);
    if (std::find(names.begin(), names.end(), name) == names.end())
      return parser.invalid("the function has no such argument");
  }
  for (std::size_t i = 0; i < needed; ++i) {
    if (operand.find(names[i]) == nullptr)
      return parser.invalid("the function needs the argument " + std::string(names[i]));
  }
  return ok();
}

Parsed parse_member(ExpressionParser& parser, const Value& operand, std::string_view name) {
  const Value* const member = operand.find(name);
  if (member == nullptr) return ExpressionPointer();
  const Step step(parser, name);
  return parser.parse(*member);
}

Result<std::string> element_name(ExpressionParser& parser, const Value& operand) {
  const Value* const as = operand.find("as");
  if (as == nullptr) return std::string("this");
  const Step step(parser, "as");
  if (!as->is_string()) return parser.invalid("a variable's name is a string");
  QUIRE_TRY_STATUS(parser.check_variable_name(as->to_string()));
  return as->to_string();
}

// `each`: the name of the argument that is evaluated for each element.
Result<OverElements> parse_over(ExpressionParser& parser, const Value& operand, std::string_view each) {
  OverElements over;
  over.where = parser.where();
  QUIRE_TRY(over.input, parse_member(parser, operand, "input"));
  QUIRE_TRY(over.limit, parse_member(parser, operand, "limit"));
  QUIRE_TRY(over.initial, parse_member(parser, operand, "initialValue"));
  QUIRE_TRY(std::string name, element_name(parser, operand));
  if (over.initial != nullptr) {
    parser.push_variable("value");
    over.value_slot = parser.newest_slot();
  }
  parser.push_variable(std::move(name));
  over.slot = parser.newest_slot();
  QUIRE_TRY(over.each, parse_member(parser, operand, each));
  parser.pop_variable();
  if (over.initial != nullptr) parser.pop_variable();
  return over;
}

Parsed parse_filter(ExpressionParser& parser, const Value& operand) {
  constexpr std::string_view kNames[] = {"input", "cond", "as", "limit"};
  QUIRE_TRY_STATUS(check_names(parser, operand, kNames, 2));
  QUIRE_TRY(auto over, parse_over(parser, operand, "cond"));
  return ExpressionPointer(new Filter(std::move(over)));
}

Parsed parse_map(ExpressionParser& parser, const Value& operand) {
  constexpr std::string_view kNames[] = {"input", "in", "as"};
  QUIRE_TRY_STATUS(check_names(parser, operand, kNames, 2));
  QUIRE_TRY(auto over, parse_over(parser, operand, "in"));
  return ExpressionPointer(new Map(std::move(over)));
}

Parsed parse_reduce(ExpressionParser& parser, const Value& operand) {
  constexpr std::string_view kNames[] = {"input", "initialValue", "in"};
  QUIRE_TRY_STATUS(check_names(parser, operand, kNames, 3));
  QUIRE_TRY(auto over, parse_over(parser, operand, "in"));
  return ExpressionPointer(new Reduce(std::move(over)));
}

class Let final : public Expression {
 public:
  struct Variable {
    std::size_t slot;
    ExpressionPointer value;
  };
  Let(std::vector<Variable> variables, ExpressionPointer in)
      : variables_(std::move(variables)), in_(std::move(in)) {}
  const Value* evaluate(Evaluation& on) const override {
    for (const Variable& variable : variables_) on.set_variable(variable.slot, variable.value->evaluate(on));
    return on.failed() ? nullptr : in_->evaluate(on);
  }

 private:
  const std::vector<Variable> variables_;
  const ExpressionPointer in_;
};

Parsed parse_let(ExpressionParser& parser, const Value& operand) {
  constexpr std::string_view kNames[] = {"vars", "in"};
  QUIRE_TRY_STATUS(check_names(parser, operand, kNames, 2));
  const Value& given = *operand.find("vars");
  std::vector<Let::Variable> variables;
  {
    const Step step(parser, "vars");
    if (!document::is_plain_object(given)) return parser.invalid("vars is an object");
    if (parser.variables() + given.size() > kVariables)
      return parser.too_large("a pipeline has too many variables", kVariables);
    for (const Member& member : given.members()) {
      const std::string name = member.name.to_string();
      const Step one(parser, name);
      QUIRE_TRY_STATUS(parser.check_variable_name(name));
      QUIRE_TRY(auto value, parser.parse(member.value));
      variables.push_back({0, std::move(value)});
    }
  }
  // None of them sees the others.
  for (std::size_t i = 0; i < variables.size(); ++i) {
    parser.push_variable(given.members()[i].name.to_string());
    variables[i].slot = parser.newest_slot();
  }
  QUIRE_TRY(auto in, parse_member(parser, operand, "in"));
  for (std::size_t i = 0; i < variables.size(); ++i) parser.pop_variable();
  return ExpressionPointer(new Let(std::move(variables), std::move(in)));
}

class GetField final : public Expression {
 public:
  GetField(ExpressionPointer field, ExpressionPointer input, std::string where)
      : field_(std::move(field)), input_(std::move(input)), where_(std::move(where)) {}
  const Value* evaluate(Evaluation& on) const override {
    const Value* const field = field_->evaluate(on);
    const Value* const input = on.failed() ? nullptr : input_->evaluate(on);
    if (on.failed()) return nullptr;
    if (field == nullptr || !field->is_string())
      return on.fail(wrong(where_, "takes a name that is a string"));
    if (is_nothing(input)) return input;
    if (!document::is_plain_object(*input)) return nullptr;
    std::string scratch;
    return input->find(field->string(scratch));
  }

 private:
  const ExpressionPointer field_;
  const ExpressionPointer input_;
  const std::string where_;
};

// A name alone is one of the document's.
Parsed parse_get_field(ExpressionParser& parser, const Value& operand) {
  constexpr std::string_view kNames[] = {"field", "input"};
  const bool named = is_named(operand);
  if (named) QUIRE_TRY_STATUS(check_names(parser, operand, kNames, 1));
  QUIRE_TRY(auto field, named ? parse_member(parser, operand, "field") : parser.parse(operand));
  ExpressionPointer input;
  if (named) {
    QUIRE_TRY(input, parse_member(parser, operand, "input"));
  }
  if (input == nullptr) {
    QUIRE_TRY(input, parser.parse(Value::string(parser.arena(), "$$CURRENT")));
  }
  return ExpressionPointer(new GetField(std::move(field), std::move(input), parser.where()));
}

class RegexMatch final : public Expression {
 public:
  RegexMatch(ExpressionPointer input, std::shared_ptr<const document::Regex> regex, std::string where)
      : input_(std::move(input)), regex_(std::move(regex)), where_(std::move(where)) {}
  const Value* evaluate(Evaluation& on) const override {
    const Value* const input = input_->evaluate(on);
    if (on.failed()) return nullptr;
    if (is_nothing(input)) return Evaluation::boolean(false);
    if (!input->is_string())
      return on.fail(wrong(where_, "takes a string as its input, not " + described(input)));
    std::string scratch;
    return Evaluation::boolean(regex_->found_in(input->string(scratch)));
  }

 private:
  const ExpressionPointer input_;
  const std::shared_ptr<const document::Regex> regex_;
  const std::string where_;
};

Parsed parse_regex_match(ExpressionParser& parser, const Value& operand) {
  constexpr std::string_view kNames[] = {"input", "regex", "options"};
  QUIRE_TRY_STATUS(check_names(parser, operand, kNames, 2));
  QUIRE_TRY(auto input, parse_member(parser, operand, "input"));
  const Value& pattern = *operand.find("regex");
  const Value* const options = operand.find("options");
  if (!pattern.is_string() || (options != nullptr && !options->is_string()))
    return parser.invalid("regex and options are strings as they stand");
  const std::string text = pattern.to_string();
  // Elsewhere in an expression it would be a path or a variable.
  if (text.size() > 1 && text.starts_with('$'))
    return parser.invalid("regex is a pattern as it stands, not the value of a path");
  const std::uint32_t most = document::FilterLimits().pattern_bytes;
  if (text.size() > most) return parser.too_large("a pattern is too long", most);
  QUIRE_TRY_STATUS(parser.count_pattern());
  auto regex = document::Regex::compile(text, options == nullptr ? "" : options->to_string());
  if (!regex) return std::move(regex).error().at(parser.where());
  return ExpressionPointer(new RegexMatch(std::move(input), std::move(*regex), parser.where()));
}

constexpr std::array kForms = {
    SpecialForm{"$literal", parse_literal},        SpecialForm{"$and", parse_junction<false>},
    SpecialForm{"$or", parse_junction<true>},      SpecialForm{"$cond", parse_condition},
    SpecialForm{"$ifNull", parse_if_null},         SpecialForm{"$switch", parse_switch},
    SpecialForm{"$filter", parse_filter},          SpecialForm{"$map", parse_map},
    SpecialForm{"$reduce", parse_reduce},          SpecialForm{"$let", parse_let},
    SpecialForm{"$regexMatch", parse_regex_match}, SpecialForm{"$getField", parse_get_field},
};
}  // namespace

const SpecialForm* find_special_form(std::string_view name) {
  const auto found =
      std::find_if(kForms.begin(), kForms.end(), [&](const SpecialForm& form) { return form.name == name; });
  return found == kForms.end() ? nullptr : &*found;
}

}  // namespace quire::query
