#include "engine/upsert.h"

#include <set>

#include "document/arena.h"
#include "document/extended_json.h"
#include "document/id.h"
#include "document/value.h"

namespace quire::engine {

namespace {

using document::Arena;
using document::FilterNode;
using document::FilterOperator;
using document::Path;
using document::Type;
using document::TypedValue;
using document::Value;

class BaseBuilder {
 public:
  explicit BaseBuilder(Arena& arena) : arena_(arena) {}

  Status take(const FilterNode& node) {
    const bool all = node.op == FilterOperator::all_of;
    const bool only = node.op == FilterOperator::any_of && node.children.size() == 1;
    if (all || only) {
      for (const FilterNode& child : node.children) QUIRE_TRY_STATUS(take(child));
      return ok();
    }
    if (node.op != FilterOperator::equal || node.path.empty()) return ok();
    const TypedValue& operand = *node.operands.front();
    if (node.path.steps().front().name == "_id") return take_id(node.path, operand);
    return put(node.path, operand.value());
  }

  const std::optional<std::string>& id() const { return id_; }
  const Value& root() const { return root_; }

 private:
  static Error twice(const Path& path) {
    return Error(ErrorCode::invalid, "an upsert cannot tell what stands here: the filter says it twice")
        .at(path.text());
  }

  Status take_id(const Path& path, const TypedValue& operand) {
    if (id_ || path.steps().size() != 1) return twice(path);
    if (operand.type() == Type::string) {
      id_ = std::string(operand.string());
    } else if (operand.type() == Type::object_id) {
      id_ = std::string(operand.object_id());
    } else {
      return Error(ErrorCode::invalid, "an id is a string").at("_id");
    }
    auto checked = document::check_id(*id_);
    return checked ? ok() : Status(Error(checked.error()).at("_id"));
  }

  Status put(const Path& path, const Value& value) {
    Value* place = &root_;
    const auto& steps = path.steps();
    if (steps.front().name.starts_with('_'))
      return Error(ErrorCode::invalid, "names that begin with \"_\" are reserved").at(path.text());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].name.empty() || steps[i].name.starts_with('$'))
        return Error(ErrorCode::invalid, "no member can have this name").at(path.text());
      Value* const found = place->find_mutable(steps[i].name);
      const bool last = i + 1 == steps.size();
      if (last) {
        if (found != nullptr) return twice(path);
        place->append_member(arena_, steps[i].name, value.copy(arena_));
        return ok();
      }
      // What a value of the filter brought is not gone into.
      const std::string here = text_of(path, i + 1);
      if (found != nullptr && made_.count(here) == 0) return twice(path);
      if (found == nullptr) made_.insert(here);
      place = found != nullptr ? found : &place->append_member(arena_, steps[i].name, Value::object());
    }
    return ok();
  }

  static std::string text_of(const Path& path, std::size_t steps) {
    std::string text;
    for (std::size_t i = 0; i < steps; ++i) text.append(i == 0 ? "" : ".").append(path.steps()[i].name);
    return text;
  }

  Arena& arena_;
  Value root_ = Value::object();
  std::set<std::string> made_;  // paths of objects that stand on the way to others
  std::optional<std::string> id_;
};

}  // namespace

Result<UpsertBase> upsert_base(const document::Filter& filter, const document::JsonLimits& limits) {
  Arena arena;
  BaseBuilder builder(arena);
  QUIRE_TRY_STATUS(builder.take(filter.root()));
  UpsertBase base;
  base.id = builder.id();
  base.body.clear();
  builder.root().print(base.body);
  if (base.body.size() > limits.document_bytes) {
    return Error(ErrorCode::too_large, "the document that the filter describes is too long")
        .over(limits.document_bytes);
  }
  return base;
}

}  // namespace quire::engine
