#include "document/update_operators.h"

#include <algorithm>

#include "base/check.h"
#include "document/member_index.h"
#include "document/tuning.h"
#include "document/update_actions.h"

namespace quire::document {

struct Update::State {
  std::string operators_text;
  std::string filters_text;
  Arena arena;
  ParsedUpdate parsed;
};

namespace {
// Puts new values into one document. The targets do not meet, so that none changes what another has found,
// but for containers that two of them have to make.
class Updater {
 public:
  Updater(Value& document, const UpdateContext& context, Arena& arena)
      : document_(document), context_(context), arena_(arena) {}

  Status apply(const UpdateTarget& target) {
    const UpdateOperator op = target.action->op;
    if (op == UpdateOperator::rename) return target.is_destination ? rename(target) : ok();
    Value* const old = find(target.path);
    if (op == UpdateOperator::unset) return old == nullptr ? ok() : unset(target.path);
    QUIRE_TRY(const std::optional<Value> value, new_value(target, old, context_, arena_));
    return value ? put(target, *value) : ok();
  }

  // After the last target. An object that others stand in keeps its members' places until those are done.
  void erase_marked() {
    const auto deepest_first = [](const Path& left, const Path& right) {
      const std::size_t depth = left.steps().size();
      return depth != right.steps().size() ? depth > right.steps().size() : left < right;
    };
    std::sort(marked_.begin(), marked_.end(), deepest_first);
    const Value* last = nullptr;
    for (const Path& path : marked_) {
      Value& container = parent(path);
      if (&container != last) MemberIndex::erase_marked(container);
      last = &container;
    }
  }

  ChangedFields take_changes() { return {take_texts(updated_), take_texts(removed_)}; }

 private:
  // In order, and without those that another one leads to.
  static std::vector<std::string> take_texts(std::vector<Path>& paths) {
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> texts;
    const Path* last = nullptr;
    for (const Path& path : paths) {
      if (last != nullptr && last->is_prefix_of(path)) continue;
      texts.push_back(path.text());
      last = &path;
    }
    return texts;
  }

  // `depth`: of the value in the document.
  Value* child(Value& value, const PathStep& step, std::size_t depth) {
    if (value.is_array()) {
      return step.index && *step.index < value.size() ? &value.mutable_elements()[*step.index] : nullptr;
    }
    if (!is_plain_object(value)) return nullptr;
    return MemberIndex::is_large(value) ? members(depth).find(value, step.name)
                                        : value.find_mutable(step.name);
  }

  MemberIndex& members(std::size_t depth) {
    if (depth >= members_.size()) members_.resize(depth + 1);
    return members_[depth];
  }

  Value* find(const Path& path) {
    Value* value = &document_;
    for (std::size_t i = 0; i < path.steps().size(); ++i) {
      value = child(*value, path.steps()[i], i);
      if (value == nullptr) return nullptr;
    }
    return value;
  }

  Value& parent(const Path& path) {
    Path above = path;
    above.pop();
    Value* const found = find(above);
    QUIRE_CHECK(found != nullptr, "a value that was found has no parent");
    return *found;
  }

  // A member goes; an element becomes null, so that the others keep their places.
  Status unset(const Path& path) {
    Value& container = parent(path);
    const PathStep& step = path.steps().back();
    if (container.is_array()) {
      Value& element = container.mutable_elements()[*step.index];
      if (element.is_null()) return ok();
      element = Value();
      updated_.push_back(path);
    } else {
      erase(container, path);
    }
    return ok();
  }

  void erase(Value& container, const Path& path) {
    const std::size_t depth = path.steps().size() - 1;
    const std::string& name = path.steps().back().name;
    if (MemberIndex::is_large(container)) {
      members(depth).erase(container, name);
      marked_.push_back(path);
    } else {
      container.erase(name);
      // What stood behind it has moved.
      if (members_.size() > depth + 1) members_.resize(depth + 1);
    }
    removed_.push_back(path);
  }

  // Sets the value, and makes what is missing on the way.
  Status put(const UpdateTarget& target, const Value& value) {
    Value* at = &document_;
    const auto& steps = target.path.steps();
    Path so_far;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      so_far.push(steps[i]);
      Value* const next = child(*at, steps[i], i);
      if (next == nullptr) return add(target, *at, i, so_far, value);
      at = next;
    }
    *at = value;
    updated_.push_back(target.path);
    return ok();
  }

  // Nothing is there from step `first` on.
  Status add(const UpdateTarget& target, Value& container, std::size_t first, Path& so_far,
             const Value& value) {
    const auto& steps = target.path.steps();
    Value made = value;
    for (std::size_t i = steps.size() - 1; i > first; --i) {
      Value object = Value::object();
      object.append_member(arena_, steps[i].name, made);
      made = object;
    }
    const PathStep& step = steps[first];
    if (is_plain_object(container)) {
      container.append_member(arena_, step.name, made);
      updated_.push_back(so_far);
      return ok();
    }
    so_far.pop();
    const std::string path = target.path.text();
    if (!container.is_array()) {
      return update_error(target.action->op, path,
                          "\"" + so_far.text() + "\" is neither an object nor an array");
    }
    if (!step.index) {
      return update_error(target.action->op, path,
                          "\"" + so_far.text() + "\" is an array, \"" + step.name + "\" no index");
    }
    if (*step.index > container.size() + kMaxArrayPadding) {
      return Error(ErrorCode::too_large, "an update adds at most so many nulls to an array")
          .at(path)
          .over(kMaxArrayPadding);
    }
    while (container.size() < *step.index) container.append(arena_, Value());
    container.append(arena_, made);
    updated_.push_back(so_far);
    return ok();
  }

  bool leads_through_array(const Path& path) {
    Value* value = &document_;
    for (std::size_t i = 0; i < path.steps().size(); ++i) {
      if (value->is_array()) return true;
      value = child(*value, path.steps()[i], i);
      if (value == nullptr) return false;
    }
    return false;
  }

  Status rename(const UpdateTarget& target) {
    const UpdateAction& action = *target.action;
    for (const Path* path : {&action.path, &action.destination}) {
      if (leads_through_array(*path))
        return update_error(action.op, path->text(), "a path must not lead through an array");
    }
    const Value* const source = find(action.path);
    if (source == nullptr) return ok();
    const Value value = *source;
    erase(parent(action.path), action.path);
    return put(target, value);
  }

  Value& document_;
  const UpdateContext& context_;
  Arena& arena_;
  std::vector<Path> updated_;
  std::vector<Path> removed_;
  std::vector<Path> marked_;          // of those, whose members are still there without a name
  std::vector<MemberIndex> members_;  // of the large object that was last asked about at each depth
};

Status check_limits(const Value& value, const JsonLimits& limits, std::uint32_t depth) {
  if (depth >= std::min(limits.depth, kMaxDepth)) {
    if (value.is_array() || value.is_object()) {
      return Error(ErrorCode::too_large, "the updated document nests too deep").over(limits.depth);
    }
  }
  if (value.is_array()) {
    for (const Value& element : value.elements()) QUIRE_TRY_STATUS(check_limits(element, limits, depth + 1));
  } else if (value.is_object()) {
    if (value.size() > limits.members) {
      return Error(ErrorCode::too_large, "an object of the updated document has too many members")
          .over(limits.members);
    }
    for (const Member& member : value.members())
      QUIRE_TRY_STATUS(check_limits(member.value, limits, depth + 1));
  }
  return ok();
}
}  // namespace

Result<Update> Update::parse(std::string_view operators, std::string_view array_filters,
                             const JsonLimits& limits, std::shared_ptr<const Collation> collation) {
  std::string operators_text;
  std::string filters_text;
  QUIRE_TRY_STATUS(minify(operators, limits, operators_text));
  QUIRE_TRY_STATUS(minify(array_filters, limits, filters_text));
  return parse_minified(std::move(operators_text), std::move(filters_text), std::move(collation));
}

Result<Update> Update::parse_minified(std::string operators, std::string array_filters,
                                      std::shared_ptr<const Collation> collation) {
  auto state = std::make_shared<State>();
  state->operators_text = std::move(operators);
  state->filters_text = std::move(array_filters);
  QUIRE_TRY(const Value operators_value, Value::parse(state->arena, state->operators_text));
  QUIRE_TRY(const Value filters_value, Value::parse(state->arena, state->filters_text));
  QUIRE_TRY(state->parsed, parse_update(operators_value, filters_value, std::move(collation)));
  return Update(std::move(state));
}

const std::optional<std::string>& Update::made_id() const { return state_->parsed.made_id; }

Result<ChangedFields> Update::apply(Value& document, const UpdateContext& context, Arena& arena) const {
  QUIRE_CHECK(document.is_object(), "an update was applied to a value that is no object");
  const auto& id = state_->parsed.made_id;
  if (id && context.inserting && *id != context.id)
    return update_error(UpdateOperator::set_on_insert, "_id", "the document has another id");
  QUIRE_TRY(const std::vector<UpdateTarget> targets,
            resolve_targets(state_->parsed, document, context.found_by));
  Updater updater(document, context, arena);
  for (const UpdateTarget& target : targets) QUIRE_TRY_STATUS(updater.apply(target));
  updater.erase_marked();
  QUIRE_TRY_STATUS(check_limits(document, context.limits, 0));
  return updater.take_changes();
}

}  // namespace quire::document
