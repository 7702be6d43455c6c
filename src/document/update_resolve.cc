#include <algorithm>

#include "document/tuning.h"
#include "document/update_actions.h"
#include "document/update_position.h"

namespace quire::document {

namespace {
// Follows one action's path through a document and writes down where it leads.
class Resolver {
 public:
  Resolver(const ArrayFilters& filters, const Filter* found_by, const UpdateAction& action,
           std::vector<UpdateTarget>& targets)
      : filters_(filters), found_by_(found_by), action_(action), targets_(targets) {}

  Status resolve(const Value& document) {
    const auto& steps = action_.path.steps();
    if (std::any_of(steps.begin(), steps.end(), takes_elements)) return follow(&document, 0);
    QUIRE_TRY_STATUS(check_count());
    targets_.push_back({action_.path, &action_, false});
    return ok();
  }

 private:
  static bool takes_elements(const PathStep& step) { return step.name.starts_with('$'); }

  Status check_count() const {
    if (targets_.size() < kMaxUpdateTargets) return ok();
    return Error(ErrorCode::too_large, "an update changes too many places")
        .at(action_.path.text())
        .over(kMaxUpdateTargets);
  }

  // `value`: where the path so far leads; null: nowhere yet.
  Status follow(const Value* value, std::size_t next) {
    const auto& steps = action_.path.steps();
    QUIRE_TRY_STATUS(check_count());
    if (next == steps.size()) {
      targets_.push_back({path_, &action_, false});
      return ok();
    }
    const PathStep& step = steps[next];
    if (takes_elements(step)) return follow_elements(value, next);
    path_.push(step);
    Status status = follow(child(value, step), next + 1);
    path_.pop();
    return status;
  }

  static const Value* child(const Value* value, const PathStep& step) {
    if (value == nullptr) return nullptr;
    if (value->is_array()) {
      return step.index && *step.index < value->size() ? &value->elements()[*step.index] : nullptr;
    }
    return is_plain_object(*value) ? value->find(step.name) : nullptr;
  }

  Status follow_elements(const Value* array, std::size_t next) {
    const std::string& step = action_.path.steps()[next].name;
    if (array == nullptr || !array->is_array()) {
      return update_error(action_.op, action_.path.text(), "there is no array for \"" + step + "\"");
    }
    if (step == "$") return follow_found(*array, next);
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (is_taken(step, array->elements()[i])) QUIRE_TRY_STATUS(follow_element(*array, i, next));
    }
    return ok();
  }

  Status follow_found(const Value& array, std::size_t next) {
    const std::span<const PathStep> steps = action_.path.steps();
    std::optional<std::size_t> found;
    if (found_by_ != nullptr) found = FoundElement(*found_by_, steps.first(next)).in(array);
    if (found) return follow_element(array, *found, next);
    return update_error(action_.op, action_.path.text(),
                        "\"$\" is the element that the filter asks for, and it asks for none of this array");
  }

  Status follow_element(const Value& array, std::size_t position, std::size_t next) {
    path_.push(PathStep(std::to_string(position)));
    QUIRE_TRY_STATUS(follow(&array.elements()[position], next + 1));
    path_.pop();
    return ok();
  }

  bool is_taken(std::string_view step, const Value& element) {
    if (step == "$[]") return true;
    const std::string_view name = step.substr(2, step.size() - 3);
    arena_.reset();
    Value named = Value::object();
    named.append_member(arena_, name, element);
    return filters_.find(name)->second.matches(named);
  }

  const ArrayFilters& filters_;
  const Filter* const found_by_;
  const UpdateAction& action_;
  std::vector<UpdateTarget>& targets_;
  Path path_;
  Arena arena_;
};
}  // namespace

void sort_targets(std::vector<UpdateTarget>& targets) {
  const auto by_path = [](const UpdateTarget& a, const UpdateTarget& b) { return a.path < b.path; };
  std::stable_sort(targets.begin(), targets.end(), by_path);
}

Result<std::vector<UpdateTarget>> resolve_targets(const ParsedUpdate& update, const Value& document,
                                                  const Filter* found_by) {
  std::vector<UpdateTarget> targets;
  for (const UpdateAction& action : update.actions) {
    QUIRE_TRY_STATUS(Resolver(update.array_filters, found_by, action, targets).resolve(document));
    if (action.op == UpdateOperator::rename) targets.push_back({action.destination, &action, true});
  }
  sort_targets(targets);
  QUIRE_TRY_STATUS(check_conflicts(targets));
  return targets;
}

// In order, what a path leads to stands directly behind it.
Status check_conflicts(const std::vector<UpdateTarget>& targets) {
  for (std::size_t i = 1; i < targets.size(); ++i) {
    const UpdateTarget& before = targets[i - 1];
    const UpdateTarget& target = targets[i];
    if (!before.path.is_prefix_of(target.path)) continue;
    const std::string other(operator_name(before.action->op));
    return update_error(target.action->op, target.path.text(),
                        "conflicts with " + other + " at \"" + before.path.text() + "\"");
  }
  return ok();
}

}  // namespace quire::document
