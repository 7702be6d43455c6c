// Rules for arrays and objects.
#include "document/schema_equality.h"
#include "document/schema_run.h"

namespace quire::document {

namespace {
std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}
std::string items_counted(std::uint64_t count) { return counted(count, "item", "items"); }
std::string members_counted(std::uint64_t count) { return counted(count, "member", "members"); }
}  // namespace

bool SchemaRun::arrays(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  const ArrayRules& rules = *node.arrays;
  const std::size_t size = instance.value().size();
  bool held = true;
  if (size < rules.min_items) {
    held = fail(node, "minItems", instance, [&] { return "must have at least " + items_counted(rules.min_items); });
  }
  if (size > rules.max_items && go_on(held)) {
    held = fail(node, "maxItems", instance, [&] { return "must have at most " + items_counted(rules.max_items); });
  }
  if (rules.unique && size > 1 && go_on(held)) {
    std::uint64_t steps = 0;
    const auto equal = find_equal_elements(instance.value().elements(), steps);
    if (!spend(steps)) return false;
    if (equal) {
      held = fail(node, "uniqueItems", instance, [&] {
        return "must not hold a value twice, and items " + std::to_string(equal->first) + " and " +
               std::to_string(equal->second) + " are equal";
      });
    }
  }
  if (go_on(held)) held &= items(node, instance, seen);
  if (rules.contains != nullptr && go_on(held)) held &= contains(node, instance, seen);
  return held;
}

bool SchemaRun::items(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  const ArrayRules& rules = *node.arrays;
  const std::size_t size = instance.value().size();
  bool held = true;
  for (std::size_t i = 0; i < size && go_on(held); ++i) {
    const SchemaNode* const schema = i < rules.prefix.size() ? rules.prefix[i] : rules.items;
    if (schema == nullptr) break;
    if (schema->kind == SchemaNode::Kind::always && i >= rules.prefix.size()) break;
    held &= holds(schema, Instance::element(instance, i), nullptr);
    if (seen != nullptr) seen->add(i);
  }
  if (seen != nullptr && rules.items != nullptr) seen->add_all();
  return held;
}

bool SchemaRun::contains(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  const ArrayRules& rules = *node.arrays;
  const std::size_t size = instance.value().size();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < size && !stopped(); ++i) {
    if (!alternative(rules.contains, Instance::element(instance, i), nullptr)) continue;
    ++count;
    if (seen != nullptr) seen->add(i);
    const bool decided = count >= rules.min_contains && rules.max_contains == kUnbounded;
    if (seen == nullptr && (decided || count > rules.max_contains)) break;
  }
  bool held = true;
  if (count < rules.min_contains) {
    const std::string_view rule = rules.min_contains == 1 ? "contains" : "minContains";
    held = fail(node, rule, instance, [&] {
      return "must hold at least " + items_counted(rules.min_contains) + " of those that \"contains\" describes";
    });
  }
  if (count > rules.max_contains && go_on(held)) {
    held = fail(node, "maxContains", instance, [&] {
      return "must hold at most " + items_counted(rules.max_contains) + " of those that \"contains\" describes";
    });
  }
  return held;
}

bool SchemaRun::objects(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  const ObjectRules& rules = *node.objects;
  const std::size_t size = instance.value().size();
  bool held = true;
  if (size < rules.min_properties) {
    held = fail(node, "minProperties", instance,
                [&] { return "must have at least " + members_counted(rules.min_properties); });
  }
  if (size > rules.max_properties && go_on(held)) {
    held = fail(node, "maxProperties", instance,
                [&] { return "must have at most " + members_counted(rules.max_properties); });
  }
  const bool looks_at_members = rules.names.size() > 0 || !rules.patterns.empty() ||
                                rules.additional != nullptr || rules.property_names != nullptr;
  if (!looks_at_members) return held;
  if (!spend(rules.required.size() + rules.dependents.size() + rules.names.size() / 64)) return false;

  std::vector<bool> present(rules.names.size());
  for (std::size_t i = 0; i < size && go_on(held); ++i) held &= member(node, instance, i, present, seen);
  for (std::size_t i = 0; i < rules.required.size() && go_on(held); ++i) {
    if (present[rules.required[i]]) continue;
    held = fail(node, "required", instance, [&] {
      return "must have the member \"" + std::string(rules.names.name(rules.required[i])) + "\"";
    });
  }
  if (!rules.dependents.empty() && go_on(held)) held &= dependents(node, instance, present, seen);
  return held;
}

bool SchemaRun::member(const SchemaNode& node, const Instance& instance, std::size_t index,
                       std::vector<bool>& present, Evaluated* seen) {
  if (!spend(1)) return false;
  const ObjectRules& rules = *node.objects;
  const Member& member = instance.value().members()[index];
  std::string scratch;
  const std::string_view name = member.name.string(scratch);
  const Instance value = Instance::member(instance, member);
  bool held = true;
  bool known = false;
  if (rules.property_names != nullptr) {
    held = holds(rules.property_names, Instance::name(instance, member), nullptr);
  }
  if (const auto number = rules.names.find(name)) {
    present[*number] = true;
    if (const SchemaNode* const schema = rules.properties[*number]) {
      known = true;
      if (go_on(held)) held &= holds(schema, value, nullptr);
    }
  }
  for (const PatternRule& rule : rules.patterns) {
    if (!go_on(held) || !is_found(*rule.pattern, name)) continue;
    known = true;
    held &= holds(rule.schema, value, nullptr);
  }
  if (!known && rules.additional != nullptr) {
    known = true;
    if (go_on(held)) held &= holds(rules.additional, value, nullptr);
  }
  if (known && seen != nullptr) seen->add(index);
  return held;
}

bool SchemaRun::dependents(const SchemaNode& node, const Instance& instance, const std::vector<bool>& present,
                           Evaluated* seen) {
  const ObjectRules& rules = *node.objects;
  bool held = true;
  for (const DependentRule& rule : rules.dependents) {
    if (!present[rule.trigger]) continue;
    if (!spend(1 + rule.required.size())) return false;
    for (std::size_t i = 0; i < rule.required.size() && go_on(held); ++i) {
      if (present[rule.required[i]]) continue;
      held = fail(node, "dependentRequired", instance, [&] {
        return "must have the member \"" + std::string(rules.names.name(rule.required[i])) + "\", as it has \"" +
               std::string(rules.names.name(rule.trigger)) + "\"";
      });
    }
    if (rule.schema != nullptr && go_on(held)) held &= holds(rule.schema, instance, seen);
  }
  return held;
}

}  // namespace quire::document
