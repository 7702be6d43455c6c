// What a violation says.
#include <algorithm>

#include "document/json.h"
#include "document/schema_run.h"

namespace quire::document {

namespace {
// The text up to so many bytes, whole characters only.
std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, cut(text, kViolationFoundBytes));
  return out;
}

std::string amount(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}
}  // namespace

std::string described(const Instance& instance) {
  const Value& value = instance.value();
  switch (instance.type()) {
    case Type::null: return "null";
    case Type::boolean: return value.as_boolean() ? "true" : "false";
    case Type::number: return cut(instance.typed().number_text(), kViolationFoundBytes);
    case Type::string: return quoted(instance.typed().string());
    case Type::object_id: return "the ObjectId " + std::string(instance.typed().object_id());
    case Type::date: return "a date";
    case Type::binary: return "binary data of " + amount(instance.typed().binary().size(), "byte");
    case Type::array: return "an array of " + amount(value.size(), "item");
    case Type::object: return "an object of " + amount(value.size(), "member");
  }
  return "";
}

std::string shown(const Value& value) {
  return value.is_string() ? quoted(value.to_string()) : cut(value.to_json(), kViolationFoundBytes);
}

std::string Violation::to_string() const {
  std::string out = path.empty() ? "" : path + ": ";
  out += message;
  if (!found.empty()) (out += ", found ") += found;
  return out + " (" + rule + ")";
}

Instance::Instance(const Value& value, const Instance* parent, const Value* name, std::size_t index,
                   bool is_name)
    : value_(value), parent_(parent), name_(name), index_(index), is_name_(is_name) {
  switch (value.kind()) {
    case Value::Kind::null: type_ = Type::null; break;
    case Value::Kind::boolean: type_ = Type::boolean; break;
    case Value::Kind::number: type_ = Type::number; break;
    case Value::Kind::string: type_ = Type::string; break;
    case Value::Kind::array: type_ = Type::array; break;
    case Value::Kind::object:
      // Only an object of one member may stand for another type.
      type_ = value.size() == 1 ? typed().type() : Type::object;
      break;
  }
}

std::uint8_t Instance::schema_types() const {
  switch (type_) {
    case Type::null: return schema_type::kNull;
    case Type::boolean: return schema_type::kBoolean;
    case Type::number:
      return schema_type::kNumber | (typed().number().is_integer() ? schema_type::kInteger : 0);
    case Type::string: return schema_type::kString;
    case Type::array: return schema_type::kArray;
    case Type::object: return schema_type::kObject;
    default: return 0;
  }
}

std::vector<const Instance*> Instance::way() const {
  std::vector<const Instance*> way;
  for (const Instance* at = this; at->parent_ != nullptr; at = at->parent_) way.push_back(at);
  std::reverse(way.begin(), way.end());
  return way;
}

std::size_t Instance::depth() const { return way().size(); }

std::string Instance::path() const {
  std::string path;
  std::string scratch;
  for (const Instance* const at : way()) {
    if (at->name_ == nullptr) {
      path += "[" + std::to_string(at->index_) + "]";
    } else {
      (path += path.empty() ? "" : ".") += at->name_->string(scratch);
    }
  }
  return cut(path, kViolationPathBytes);
}

std::string Instance::pointer() const {
  std::string pointer;
  std::string scratch;
  for (const Instance* const at : way()) {
    append_pointer_step(pointer,
                        at->name_ == nullptr ? std::to_string(at->index_) : at->name_->string(scratch));
  }
  return cut(pointer, kViolationPathBytes);
}

void SchemaRun::report(const SchemaNode& node, std::string_view rule, const Instance& instance,
                       std::string message) {
  if (violations_.list.size() == most_) {
    violations_.more = true;
    return;
  }
  Violation violation;
  violation.path = instance.path();
  violation.pointer = instance.pointer();
  violation.rule = rule;
  violation.schema_pointer = node.pointer();
  if (node.kind != SchemaNode::Kind::never) append_pointer_step(violation.schema_pointer, rule);
  violation.message = (instance.is_name() ? "its name " : "") + std::move(message);
  // A member that is missing, or one too many, says what it is by its name.
  if (node.kind != SchemaNode::Kind::never && rule != "required" && rule != "dependentRequired") {
    violation.found = described(instance);
  }
  reported_depth_ = instance.depth();
  violations_.list.push_back(std::move(violation));
}

// "additionalProperties": false and its like: the keyword is the rule.
bool SchemaRun::fail_never(const SchemaNode& node, const Instance& instance) {
  const std::string_view keyword = node.keyword();
  if (keyword.empty()) {
    return fail(node, "false", instance, [] { return "no document fits the schema \"false\""; });
  }
  return fail(node, keyword, instance, [&] {
    return keyword == "additionalProperties" || keyword == "unevaluatedProperties"
               ? "is none of the members that may be here"
               : "must not be here";
  });
}

std::string SchemaRun::nearest(const std::vector<const SchemaNode*>& alternatives, const Instance& instance,
                               std::uint64_t steps_taken) {
  if (brief_ || alternatives.size() > kSchemaAlternativesExplained || steps_taken > steps_left_ / 2)
    return "";
  // Each is asked for its first violation, which takes no longer than finding out that there is one.
  Violations kept = std::exchange(violations_, {});
  const std::size_t most = std::exchange(most_, 1);
  const std::size_t depth = reported_depth_;
  brief_ = true;
  std::optional<Violation> best;
  std::size_t best_depth = 0;
  std::size_t best_number = 0;
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    Evaluated seen(instance.value().size());
    violations_ = {};
    holds(alternatives[i], instance, &seen);
    if (violations_.list.empty() || (best && reported_depth_ <= best_depth)) continue;
    best = std::move(violations_.list[0]);
    best_depth = reported_depth_;
    best_number = i;
  }
  brief_ = false;
  reported_depth_ = depth;
  most_ = most;
  violations_ = std::move(kept);
  if (!best) return "";
  return "; the nearest is number " + std::to_string(best_number) + ", but " +
         (best->path.empty() || best_depth == instance.depth() ? "" : best->path + " ") + best->message;
}

}  // namespace quire::document
