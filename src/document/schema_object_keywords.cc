// The keywords for objects, which share a table of names.
#include <unordered_set>

#include "document/path.h"
#include "document/schema_compile.h"

namespace quire::document {

std::uint32_t SchemaCompiler::name_number(SchemaNode& node, const Value& name) {
  ObjectRules& rules = made(node.objects);
  const std::uint32_t number = rules.names.add(kept_text(name));
  rules.properties.resize(rules.names.size(), nullptr);
  return number;
}

Status SchemaCompiler::properties(Draft& draft, const Value& value) {
  if (!is_plain_object(value)) return invalid(draft, "must be an object of schemas");
  QUIRE_TRY(const List list, children(draft, value));
  made(draft.node.objects);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::uint32_t number = name_number(draft.node, value.members()[i].name);
    draft.node.objects->properties[number] = list[i];
  }
  return ok();
}

Status SchemaCompiler::pattern_properties(Draft& draft, const Value& value) {
  if (!is_plain_object(value)) return invalid(draft, "must be an object of schemas");
  QUIRE_TRY(const List list, children(draft, value));
  ObjectRules& rules = made(draft.node.objects);
  for (std::size_t i = 0; i < list.size(); ++i) {
    PatternRule rule;
    QUIRE_TRY(rule.pattern, pattern(draft, value.members()[i].name.to_string()));
    rule.schema = list[i];
    rules.patterns.push_back(std::move(rule));
  }
  return ok();
}

// Numbers of names that a keyword lists; `where` says which list it is.
Result<std::vector<std::uint32_t>> SchemaCompiler::name_list(Draft& draft, const Value& value,
                                                             const std::string& where) {
  if (!value.is_array()) return invalid(draft, where + "must be an array of names");
  std::vector<std::uint32_t> numbers;
  std::unordered_set<std::uint32_t> known;
  for (const Value& name : value.elements()) {
    if (!name.is_string()) return invalid(draft, where + "must be an array of names");
    numbers.push_back(name_number(draft.node, name));
    if (!known.insert(numbers.back()).second) return invalid(draft, where + "lists a name twice");
  }
  return numbers;
}

Status SchemaCompiler::required(Draft& draft, const Value& value) {
  QUIRE_TRY(std::vector<std::uint32_t> numbers, name_list(draft, value, ""));
  made(draft.node.objects).required = std::move(numbers);
  return ok();
}

DependentRule& SchemaCompiler::dependent(SchemaNode& node, const Value& trigger) {
  const std::uint32_t number = name_number(node, trigger);
  DependentRule& rule = node.objects->dependents.emplace_back();
  rule.trigger = number;
  return rule;
}

Status SchemaCompiler::dependent_required(Draft& draft, const Value& value) {
  if (!is_plain_object(value)) return invalid(draft, "must be an object of arrays of names");
  for (const Member& member : value.members()) {
    QUIRE_TRY(std::vector<std::uint32_t> numbers, name_list(draft, member.value, "each of its members "));
    dependent(draft.node, member.name).required = std::move(numbers);
  }
  return ok();
}

Status SchemaCompiler::dependent_schemas(Draft& draft, const Value& value) {
  if (!is_plain_object(value)) return invalid(draft, "must be an object of schemas");
  QUIRE_TRY(const List list, children(draft, value));
  for (std::size_t i = 0; i < list.size(); ++i) {
    dependent(draft.node, value.members()[i].name).schema = list[i];
  }
  return ok();
}

// The older name of dependentRequired and dependentSchemas in one.
Status SchemaCompiler::dependencies(Draft& draft, const Value& value) {
  if (!is_plain_object(value)) return invalid(draft, "must be an object of schemas or arrays of names");
  for (const Member& member : value.members()) {
    if (member.value.is_array()) {
      QUIRE_TRY(std::vector<std::uint32_t> numbers, name_list(draft, member.value, "each of its members "));
      dependent(draft.node, member.name).required = std::move(numbers);
    } else {
      std::string step = "/dependencies";
      append_pointer_step(step, member.name.to_string());
      QUIRE_TRY(const SchemaNode* const made_child,
                schema(member.value, &draft.node, std::move(step), draft.node.resource));
      dependent(draft.node, member.name).schema = made_child;
    }
  }
  return ok();
}

}  // namespace quire::document
