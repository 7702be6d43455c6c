// From text to expressions: a string that begins with "$" is a path, one that begins with "$$" a variable; an
// object whose name begins with "$" is a call; other objects and arrays are made of what stands in them; all
// else is a value.
#include <algorithm>
#include <array>

#include "document/extended_json.h"
#include "document/path.h"
#include "query/aggregate/expression.h"
#include "query/aggregate/functions.h"
#include "query/aggregate/special_forms.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
class Constant final : public Expression {
 public:
  explicit Constant(const Value& value) : value_(value) {}
  const Value* evaluate(Evaluation&) const override { return &value_; }
  const Value* constant() const override { return &value_; }

 private:
  const Value value_;
};

class FieldPath final : public Expression {
 public:
  explicit FieldPath(std::vector<std::string> path) : path_(std::move(path)) {}
  const Value* evaluate(Evaluation& on) const override { return value_at(on, on.root(), path_); }
  std::span<const std::string> field_path() const override { return path_; }

 private:
  const std::vector<std::string> path_;
};

class VariablePath final : public Expression {
 public:
  VariablePath(std::size_t slot, std::vector<std::string> path) : slot_(slot), path_(std::move(path)) {}
  const Value* evaluate(Evaluation& on) const override {
    const Value* const value = on.variable(slot_);
    return value == nullptr ? nullptr : value_at(on, *value, path_);
  }

 private:
  const std::size_t slot_;
  const std::vector<std::string> path_;
};

class Root final : public Expression {
 public:
  const Value* evaluate(Evaluation& on) const override { return &on.root(); }
};

class Removed final : public Expression {
 public:
  const Value* evaluate(Evaluation&) const override { return nullptr; }
};

class Now final : public Expression {
 public:
  const Value* evaluate(Evaluation& on) const override {
    return on.keep(document::make_date(on.arena(), on.now()));
  }
};

// Members that are missing are left out.
class ObjectOf final : public Expression {
 public:
  struct Part {
    Value name;
    ExpressionPointer value;
  };
  explicit ObjectOf(std::vector<Part> parts) : parts_(std::move(parts)) {}
  const Value* evaluate(Evaluation& on) const override {
    Value object = Value::object();
    if (!on.charge(parts_.size() * 2 * kElementBytes)) return nullptr;
    for (const Part& part : parts_) {
      const Value* const value = part.value->evaluate(on);
      if (value != nullptr) object.append_member(on.arena(), Member{part.name, *value});
    }
    return on.keep(object);
  }

 private:
  const std::vector<Part> parts_;
};

// Elements that are missing are null.
class ArrayOf final : public Expression {
 public:
  explicit ArrayOf(std::vector<ExpressionPointer> parts) : parts_(std::move(parts)) {}
  const Value* evaluate(Evaluation& on) const override {
    Value array = Value::array();
    if (!on.charge(parts_.size() * kElementBytes)) return nullptr;
    for (const ExpressionPointer& part : parts_) {
      const Value* const value = part->evaluate(on);
      array.append(on.arena(), value == nullptr ? Value() : *value);
    }
    return on.keep(array);
  }

 private:
  const std::vector<ExpressionPointer> parts_;
};

class FunctionCall final : public Expression {
 public:
  FunctionCall(Call call, std::vector<ExpressionPointer> arguments)
      : call_(std::move(call)), arguments_(std::move(arguments)) {}
  const Value* evaluate(Evaluation& on) const override {
    constexpr std::size_t kFew = 4;
    std::array<const Value*, kFew> few{};
    const std::size_t count = arguments_.size();
    const Value** const values = count <= kFew ? few.data() : on.arena().allocate_array<const Value*>(count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = arguments_[i] == nullptr ? nullptr : arguments_[i]->evaluate(on);
      if (on.failed()) return nullptr;
    }
    const Value* const result = call_.function->call(on, call_, {values, count});
    if (on.failed()) on.place(call_.where);
    return result;
  }

 private:
  const Call call_;
  const std::vector<ExpressionPointer> arguments_;
};

bool is_call(const Value& value) { return value.members()[0].name.to_string().starts_with('$'); }
}  // namespace

namespace {
// The bytes of a text up to `most`, and no part of a code point behind them.
std::size_t whole_code_points(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return most;
}
}  // namespace

std::string_view ExpressionParser::Step::shortened(std::string_view name) {
  return name.substr(0, whole_code_points(name, kPlaceNameBytes));
}

std::size_t ExpressionParser::where_end() const { return whole_code_points(where_, kPlaceBytes); }

Result<std::vector<std::string>> ExpressionParser::path(std::string_view text) {
  std::vector<std::string> steps;
  if (text.size() > kPathBytes) return too_large("a path is too long", kPathBytes);
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view step = text.substr(0, dot);
    if (step.empty()) return invalid("a path has an empty step");
    if (step.starts_with('$')) return invalid("a step of a path does not begin with a dollar sign");
    if (steps.size() == limits_.path_steps) return too_large("a path has too many steps", limits_.path_steps);
    steps.emplace_back(step);
    if (dot == std::string_view::npos) return steps;
    text.remove_prefix(dot + 1);
  }
}

Status ExpressionParser::check_variable_name(std::string_view name) const {
  if (variables_ + scope_.size() > kVariables || name.size() > kPathBytes)
    return too_large("a pipeline has too many variables, or too long ones", kVariables);
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  if (!name.empty() && std::all_of(name.begin(), name.end(), good) && (name[0] < '0' || name[0] > '9') &&
      (name[0] < 'A' || name[0] > 'Z') && name[0] != '_')
    return ok();
  return invalid("a variable's name begins with a small letter and has letters, digits and _");
}

void ExpressionParser::push_variable(std::string name) {
  scope_.push_back({std::move(name), variables_});
  ++variables_;
}

Result<ExpressionPointer> ExpressionParser::variable(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::string_view name = text.substr(0, dot);
  std::vector<std::string> steps;
  if (dot != std::string_view::npos) {
    QUIRE_TRY(steps, path(text.substr(dot + 1)));
  }
  if (name == "ROOT" || name == "CURRENT") {
    if (!steps.empty()) {
      dependencies_.add(steps[0]);
      return ExpressionPointer(new FieldPath(std::move(steps)));
    }
    dependencies_.everything = true;
    return ExpressionPointer(new Root);
  }
  if (name == "REMOVE" && steps.empty()) return ExpressionPointer(new Removed);
  if (name == "NOW" && steps.empty()) return ExpressionPointer(new Now);
  for (auto known = scope_.rbegin(); known != scope_.rend(); ++known) {
    if (known->name == name) return ExpressionPointer(new VariablePath(known->slot, std::move(steps)));
  }
  return invalid("no such variable here");
}

Result<ExpressionPointer> ExpressionParser::text(const Value& value, std::string_view text) {
  if (!text.starts_with('$')) return ExpressionPointer(new Constant(value));
  if (text.starts_with("$$")) return variable(text.substr(2));
  QUIRE_TRY(auto steps, path(text.substr(1)));
  dependencies_.add(steps[0]);
  return ExpressionPointer(new FieldPath(std::move(steps)));
}

Result<ExpressionPointer> ExpressionParser::parse(const Value& value) {
  if (++nodes_ > limits_.nodes)
    return too_large("a pipeline's expressions have too many parts", limits_.nodes);
  if (value.is_string()) {
    std::string scratch;
    return text(value, value.string(scratch));
  }
  if (!value.is_array() && !value.is_object()) return ExpressionPointer(new Constant(value));
  if (++depth_ > limits_.depth) return too_large("an expression nests too deep", limits_.depth);
  auto parsed = value.is_array() ? array(value) : object(value);
  --depth_;
  return parsed;
}

Result<ExpressionPointer> ExpressionParser::array(const Value& value) {
  std::vector<ExpressionPointer> parts;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Step step(*this, i);
    QUIRE_TRY(auto part, parse(value.elements()[i]));
    parts.push_back(std::move(part));
  }
  const auto is_constant = [](const ExpressionPointer& part) { return part->constant() != nullptr; };
  if (!std::all_of(parts.begin(), parts.end(), is_constant)) {
    return ExpressionPointer(new ArrayOf(std::move(parts)));
  }
  Value constants = Value::array();
  for (const ExpressionPointer& part : parts) constants.append(arena_, *part->constant());
  return ExpressionPointer(new Constant(constants));
}

Result<ExpressionPointer> ExpressionParser::object(const Value& value) {
  if (value.size() == 0 || !document::is_plain_object(value)) return ExpressionPointer(new Constant(value));
  if (!is_call(value)) return members(value);
  const Step step(*this, value.members()[0].name.to_string());
  if (value.size() != 1) return invalid("an object that calls a function has no other member");
  return operation(value.members()[0]);
}

Result<ExpressionPointer> ExpressionParser::members(const Value& value) {
  std::vector<ObjectOf::Part> parts;
  for (const Member& member : value.members()) {
    const std::string name = member.name.to_string();
    const Step step(*this, name);
    if (name.starts_with('$')) return invalid("an object that calls a function has no other member");
    if (name.empty() || name.find('.') != std::string::npos)
      return invalid("a member's name here is not empty and has no dots");
    QUIRE_TRY(auto part, parse(member.value));
    parts.push_back({member.name, std::move(part)});
  }
  return ExpressionPointer(new ObjectOf(std::move(parts)));
}

namespace {
using Parsed = Result<std::vector<ExpressionPointer>>;

Parsed parse_list(ExpressionParser& parser, const Function& function, const Value& operand) {
  std::vector<ExpressionPointer> arguments;
  if (!operand.is_array()) {
    QUIRE_TRY(auto argument, parser.parse(operand));
    arguments.push_back(std::move(argument));
  }
  for (std::size_t i = 0; operand.is_array() && i < operand.size(); ++i) {
    const ExpressionParser::Step step(parser, i);
    QUIRE_TRY(auto argument, parser.parse(operand.elements()[i]));
    arguments.push_back(std::move(argument));
  }
  const bool either = function.form == Function::Form::either;
  const std::size_t most = either ? 1 : function.most;
  if (arguments.size() < function.least || arguments.size() > most) {
    const bool fixed = function.least == most;
    return parser.invalid("the function takes " + std::string(fixed ? "" : "at least ") +
                          std::to_string(function.least) +
                          (fixed || most == kAnyNumber ? "" : " and at most " + std::to_string(most)) +
                          (most == 1 ? " argument" : " arguments"));
  }
  if (either) arguments.resize(function.most);
  return arguments;
}

bool takes_names(const Function& function, const Value& operand) {
  if (function.form == Function::Form::one) return !function.names[0].empty();
  return is_named(operand);
}

Parsed parse_named(ExpressionParser& parser, const Function& function, const Value& operand) {
  if (!document::is_plain_object(operand))
    return parser.invalid("the function takes an object of named arguments");
  std::vector<ExpressionPointer> arguments(function.most);
  for (const Member& member : operand.members()) {
    const std::string name = member.name.to_string();
    const ExpressionParser::Step step(parser, name);
    const auto* const names = std::begin(function.names);
    const auto* const found = std::find(names, names + function.most, name);
    if (found == names + function.most) return parser.invalid("the function has no such argument");
    QUIRE_TRY(auto argument, parser.parse(member.value));
    arguments[static_cast<std::size_t>(found - names)] = std::move(argument);
  }
  for (std::size_t i = 0; i < function.least; ++i) {
    if (arguments[i] == nullptr)
      return parser.invalid("the function needs the argument " + std::string(function.names[i]));
  }
  return arguments;
}
}  // namespace

bool is_named(const Value& operand) {
  return document::is_plain_object(operand) && (operand.size() == 0 || !is_call(operand));
}

// The step of the call's name is already there.
Result<ExpressionPointer> ExpressionParser::operation(const Member& member) {
  const std::string name = member.name.to_string();
  if (const SpecialForm* const form = find_special_form(name)) return form->parse(*this, member.value);
  const Function* const function = find_function(name);
  if (function == nullptr) return invalid("no such function in an expression");
  auto arguments = takes_names(*function, member.value) ? parse_named(*this, *function, member.value)
                                                        : parse_list(*this, *function, member.value);
  if (!arguments) return std::move(arguments).error();
  if (function->prepare != nullptr) {
    if (auto prepared = function->prepare(*arguments, collation_.get())) return prepared;
  }
  return ExpressionPointer(new FunctionCall({function, where()}, std::move(*arguments)));
}

}  // namespace quire::query
