#include <algorithm>
#include <array>

#include "document/extended_json.h"
#include "document/id.h"
#include "document/tuning.h"
#include "document/update_actions.h"

namespace quire::document {

namespace {
constexpr std::array<std::string_view, 14> kNames = {
    "$set",    "$setOnInsert", "$unset", "$inc",      "$mul",  "$min",     "$max",
    "$rename", "$currentDate", "$push",  "$addToSet", "$pull", "$pullAll", "$pop"};

bool begins_with_dollar(const Value& object) {
  return object.size() > 0 && object.members()[0].name.to_string().starts_with('$');
}

// $and, $or and $nor hold filters, as a filter does that begins with a member's name.
bool begins_with_filters(const Value& object) {
  const std::string name = object.size() > 0 ? object.members()[0].name.to_string() : std::string();
  return name == "$and" || name == "$or" || name == "$nor";
}

std::optional<std::int64_t> whole_number(const Value& value) {
  const TypedValue typed(value);
  return typed.type() == Type::number ? typed.number().to_int64() : std::nullopt;
}

bool is_positional(std::string_view step) {
  return step == "$" || (step.starts_with("$[") && step.ends_with(']'));
}

// What is wrong with a path that an operator is given; null: nothing.
const char* fault_of(const Path& path, bool positional_allowed) {
  if (path.steps()[0].name.starts_with('_')) return "names that begin with \"_\" are reserved";
  const auto positional = std::find_if(path.steps().begin(), path.steps().end(),
                                       [](const PathStep& step) { return is_positional(step.name); });
  for (const PathStep& step : path.steps()) {
    if (step.name.empty()) return "a path must not have empty steps";
    if (step.name[0] != '$') continue;
    if (!is_positional(step.name)) return "a name must not begin with \"$\"";
    if (!positional_allowed || &step == path.steps().data())
      return step.name == "$" ? "\"$\" has no place here" : "\"$[]\" has no place here";
    if (step.name == "$" && &step != &*positional) return "\"$\" is for the outermost array, once";
  }
  return nullptr;
}

class ActionParser {
 public:
  ActionParser(UpdateAction& action, const std::shared_ptr<const Collation>& collation)
      : action_(action), collation_(collation) {}

  Status parse() {
    switch (action_.op) {
      case UpdateOperator::inc:
      case UpdateOperator::mul: return number();
      case UpdateOperator::rename: return rename();
      case UpdateOperator::current_date: return current_date();
      case UpdateOperator::push: return push();
      case UpdateOperator::add_to_set: return add_to_set();
      case UpdateOperator::pull: return pull();
      case UpdateOperator::pull_all: return pull_all();
      case UpdateOperator::pop: return pop();
      default: return ok();
    }
  }

 private:
  Error invalid(const std::string& what) const { return update_error(action_.op, action_.path.text(), what); }
  const Value& operand() const { return action_.operand; }

  Status number() {
    if (TypedValue(operand()).type() != Type::number) return invalid("the operand must be a number");
    return ok();
  }

  Status rename() {
    if (!operand().is_string()) return invalid("the operand must be a path");
    auto destination = Path::parse(operand().to_string(), kMaxPathSteps);
    if (!destination) return invalid(destination.error().message());
    if (const char* fault = fault_of(*destination, false)) return invalid(fault);
    action_.destination = std::move(*destination);
    return ok();
  }

  Status current_date() {
    const Value* const type = operand().find("$type");
    if (operand().is_boolean() && operand().as_boolean()) return ok();
    if (operand().size() == 1 && type != nullptr && type->is_string_equal_to("date")) return ok();
    return invalid("the operand must be true or {\"$type\": \"date\"}");
  }

  // The one value of the operand, or those of its $each.
  Status take_elements() {
    const Value* const each = is_plain_object(operand()) ? operand().find("$each") : nullptr;
    if (each == nullptr) {
      if (is_plain_object(operand()) && begins_with_dollar(operand()))
        return invalid("without $each there are no other $");
      action_.each = std::span(&action_.operand, 1);
      return ok();
    }
    if (!each->is_array()) return invalid("$each must be an array");
    action_.each = each->elements();
    has_each_ = true;
    return ok();
  }

  Status add_to_set() {
    QUIRE_TRY_STATUS(take_elements());
    if (has_each_ && operand().size() != 1) return invalid("beside $each nothing may stand");
    return ok();
  }

  Status push() {
    QUIRE_TRY_STATUS(take_elements());
    if (!has_each_) return ok();
    for (const Member& member : operand().members()) {
      const std::string name = member.name.to_string();
      if (name == "$each") continue;
      if (name == "$sort") {
        QUIRE_TRY_STATUS(sort(member.value));
      } else if (name == "$position" || name == "$slice") {
        auto& place = name == "$slice" ? action_.slice : action_.position;
        place = whole_number(member.value);
        if (!place) return invalid(name + " must be a whole number");
      } else {
        return invalid("no such modifier: " + name);
      }
    }
    return ok();
  }

  Status sort(const Value& spec) {
    if (!is_plain_object(spec)) return add_sort_key(std::nullopt, spec);
    if (spec.size() == 0) return invalid("$sort must name a member at least");
    for (const Member& member : spec.members()) {
      auto path = Path::parse(member.name.to_string(), kMaxPathSteps);
      if (!path) return invalid(path.error().message());
      QUIRE_TRY_STATUS(add_sort_key(std::move(*path), member.value));
    }
    return ok();
  }
  Status add_sort_key(std::optional<Path> path, const Value& direction) {
    const auto sign = whole_number(direction);
    if (sign != 1 && sign != -1) return invalid("$sort must be 1 or -1, or an object of these");
    action_.sort.push_back({std::move(path), sign == -1});
    return ok();
  }

  Status pull() {
    if (!is_plain_object(operand())) return ok();
    const bool predicates = begins_with_dollar(operand()) && !begins_with_filters(operand());
    const std::string text = operand().to_json();
    auto filter =
        predicates ? Filter::parse_predicates(text, {}, collation_) : Filter::parse(text, {}, collation_);
    if (!filter) {
      const Error& error = filter.error();
      return invalid(error.field() + (error.field().empty() ? "" : ": ") + error.message());
    }
    action_.filter = std::move(*filter);
    action_.filter_is_query = !predicates;
    return ok();
  }

  Status pull_all() {
    if (!operand().is_array()) return invalid("the operand must be an array");
    action_.each = operand().elements();
    return ok();
  }

  Status pop() {
    const auto end = whole_number(operand());
    if (end != 1 && end != -1) return invalid("the operand must be 1 or -1");
    return ok();
  }

  UpdateAction& action_;
  const std::shared_ptr<const Collation>& collation_;
  bool has_each_ = false;
};

Result<std::string> id_of(const Value& value) {
  const TypedValue typed(value);
  std::string id;
  if (typed.type() == Type::string) {
    id = typed.string();
  } else if (typed.type() == Type::object_id) {
    id = typed.object_id();
  } else {
    return update_error(UpdateOperator::set_on_insert, "_id", "an id is a string");
  }
  QUIRE_TRY_STATUS(check_id(id));
  return id;
}

Status parse_operator(const Member& member, ParsedUpdate& update) {
  const std::string name = member.name.to_string();
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return Error(ErrorCode::invalid, "no such update operator").at(name);
  const auto op = static_cast<UpdateOperator>(found - kNames.begin());
  if (!is_plain_object(member.value)) return update_error(op, name, "it needs an object of paths");
  for (const Member& one : member.value.members()) {
    if (op == UpdateOperator::set_on_insert && one.name.is_string_equal_to("_id")) {
      QUIRE_TRY(update.made_id, id_of(one.value));
      continue;
    }
    auto path = Path::parse(one.name.to_string(), kMaxPathSteps);
    if (!path) return std::move(path).error().at(one.name.to_string());
    if (const char* fault = fault_of(*path, op != UpdateOperator::rename))
      return update_error(op, path->text(), fault);
    if (const Status well = check_extended_json(one.value, path->text()); !well)
      return update_error(op, well.error().field(), well.error().message());
    UpdateAction& action = update.actions.emplace_back();
    action.op = op;
    action.path = std::move(*path);
    action.operand = one.value;
    action.collation = update.collation.get();
    QUIRE_TRY_STATUS(ActionParser(action, update.collation).parse());
  }
  return ok();
}

bool is_identifier(std::string_view name) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), is_letter_or_digit);
}

Status parse_array_filter(const Value& value, const std::string& where, ParsedUpdate& update) {
  auto filter = Filter::parse(value.to_json(), {}, update.collation);
  if (!filter) {
    const std::string inner = filter.error().field();
    return std::move(filter).error().at(where + (inner.empty() ? "" : ".") + inner);
  }
  const auto names = filter->top_level_names();
  if (names.size() != 1 || !is_identifier(names[0])) {
    return Error(ErrorCode::invalid,
                 "an array filter is about one name, of letters and digits, the first in lower case")
        .at(where);
  }
  const std::string name(names[0]);
  if (!update.array_filters.emplace(name, std::move(*filter)).second) {
    return Error(ErrorCode::invalid, "two array filters are about \"" + name + "\"").at(where);
  }
  return ok();
}

// Every filter is used, and every name has one.
Status check_names(const ParsedUpdate& update) {
  std::vector<std::string_view> used;
  for (const UpdateAction& action : update.actions) {
    for (const PathStep& step : action.path.steps()) {
      if (!is_positional(step.name) || step.name == "$[]" || step.name == "$") continue;
      const auto name = std::string_view(step.name).substr(2, step.name.size() - 3);
      if (!update.array_filters.contains(name)) {
        return update_error(action.op, action.path.text(),
                            "there is no array filter about \"" + std::string(name) + "\"");
      }
      used.push_back(name);
    }
  }
  for (const auto& [name, filter] : update.array_filters) {
    if (std::find(used.begin(), used.end(), name) != used.end()) continue;
    return Error(ErrorCode::invalid, "no path uses the array filter about \"" + name + "\"")
        .at("arrayFilters");
  }
  return ok();
}
// What conflicts whatever the document holds.
Status check_written_paths(const ParsedUpdate& update) {
  std::vector<UpdateTarget> targets;
  for (const UpdateAction& action : update.actions) {
    targets.push_back({action.path, &action, false});
    if (action.op == UpdateOperator::rename) targets.push_back({action.destination, &action, true});
  }
  sort_targets(targets);
  return check_conflicts(targets);
}
}  // namespace

std::string_view operator_name(UpdateOperator op) { return kNames[static_cast<std::size_t>(op)]; }

Error update_error(UpdateOperator op, const std::string& path, const std::string& what) {
  return Error(ErrorCode::invalid, std::string(operator_name(op)) + ": " + what).at(path);
}

Result<ParsedUpdate> parse_update(const Value& operators, const Value& array_filters,
                                  std::shared_ptr<const Collation> collation) {
  if (!is_plain_object(operators) || operators.size() == 0) {
    return Error(ErrorCode::invalid, "an update must be an object of operators");
  }
  if (!array_filters.is_array())
    return Error(ErrorCode::invalid, "array filters must be an array").at("arrayFilters");
  ParsedUpdate update;
  update.collation = std::move(collation);
  std::size_t count = 0;
  for (const Member& member : operators.members()) count += member.value.size();
  update.actions.reserve(count);  // actions point into themselves
  for (const Member& member : operators.members()) QUIRE_TRY_STATUS(parse_operator(member, update));
  for (std::size_t i = 0; i < array_filters.size(); ++i) {
    const std::string where = "arrayFilters[" + std::to_string(i) + "]";
    QUIRE_TRY_STATUS(parse_array_filter(array_filters.elements()[i], where, update));
  }
  QUIRE_TRY_STATUS(check_names(update));
  QUIRE_TRY_STATUS(check_written_paths(update));
  return update;
}

}  // namespace quire::document
