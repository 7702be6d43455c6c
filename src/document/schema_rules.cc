// Rules for values that hold no others.
#include <algorithm>

#include "document/divisibility.h"
#include "document/filter_node.h"
#include "document/schema_equality.h"
#include "document/schema_run.h"

namespace quire::document {

namespace {
std::uint64_t code_points(std::string_view text) {
  return static_cast<std::uint64_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string type_names(std::uint8_t types) {
  std::string names;
  for (const auto& [name, bit] : schema_type::kNames) {
    if ((types & bit) != 0) (names += names.empty() ? "" : " or ") += name;
  }
  return names;
}

std::string bson_type_names(std::uint32_t types) {
  std::string names;
  for (const std::string_view name : {"double", "string", "object", "array", "binData", "objectId", "bool", "date",
                                      "null", "int", "long", "decimal"}) {
    Arena arena;
    const Value value = Value::string(arena, name);
    const std::uint32_t bit = type_bits(TypedValue(value)).value_or(0);
    if ((types & bit) != 0) (names += names.empty() ? "" : " or ") += name;
  }
  return names;
}

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}
}  // namespace

bool SchemaRun::types(const SchemaNode& node, const Instance& instance) {
  if (node.types != 0 && (node.types & instance.schema_types()) == 0) {
    return fail(node, "type", instance, [&] { return "must be of type " + type_names(node.types); });
  }
  if (node.bson_types != 0 && (node.bson_types & type_bit_of(instance.typed())) == 0) {
    return fail(node, "bsonType", instance,
                [&] { return "must be of the type " + bson_type_names(node.bson_types); });
  }
  return true;
}

bool SchemaRun::values(const SchemaNode& node, const Instance& instance) {
  const ValueRules& rules = *node.values;
  std::uint64_t steps = 0;
  const std::uint64_t hash = hash_as_json(instance.value(), steps);
  if (!spend(steps)) return false;
  const auto is = [&](const ValueRules::Allowed& allowed) {
    return allowed.hash == hash && equal_as_json(*allowed.value, instance.value());
  };
  bool held = true;
  if (rules.constant && !is(*rules.constant)) {
    held = fail(node, "const", instance, [&] { return "must be " + shown(*rules.constant->value); });
  }
  if (rules.listed == nullptr || !go_on(held)) return held;
  const auto at = std::lower_bound(rules.any_of.begin(), rules.any_of.end(), hash,
                                   [](const auto& allowed, std::uint64_t wanted) { return allowed.hash < wanted; });
  const auto end = std::find_if(at, rules.any_of.end(), [&](const auto& allowed) { return allowed.hash != hash; });
  if (std::any_of(at, end, is)) return held;
  return fail(node, "enum", instance, [&] {
    std::string list;
    constexpr std::size_t kShown = 10;
    for (std::size_t i = 0; i < std::min(rules.listed->size(), kShown); ++i) {
      (list += i == 0 ? "" : ", ") += shown(rules.listed->elements()[i]);
    }
    if (rules.listed->size() > kShown) list += " or one of " + std::to_string(rules.listed->size() - kShown) + " more";
    return "must be one of " + list;
  });
}

// NaN keeps within no bound and is a multiple of nothing.
bool SchemaRun::numbers(const SchemaNode& node, const Instance& instance) {
  const NumberRules& rules = *node.numbers;
  const Number& number = instance.typed().number();
  const bool ordered = number.kind() != Number::Kind::nan;
  bool held = true;
  const auto say = [](std::string_view what, const Number& bound) {
    return "must be " + std::string(what) + " " +
           number_text(bound.is_negative(), bound.digits(), bound.exponent());
  };
  if (rules.minimum && !(ordered && number >= *rules.minimum)) {
    held = fail(node, "minimum", instance, [&] { return say("at least", *rules.minimum); });
  }
  if (rules.maximum && go_on(held) && !(ordered && number <= *rules.maximum)) {
    held = fail(node, "maximum", instance, [&] { return say("at most", *rules.maximum); });
  }
  if (rules.exclusive_minimum && go_on(held) && !(ordered && number > *rules.exclusive_minimum)) {
    held = fail(node, "exclusiveMinimum", instance, [&] { return say("more than", *rules.exclusive_minimum); });
  }
  if (rules.exclusive_maximum && go_on(held) && !(ordered && number < *rules.exclusive_maximum)) {
    held = fail(node, "exclusiveMaximum", instance, [&] { return say("less than", *rules.exclusive_maximum); });
  }
  if (rules.multiple_of && go_on(held) && !is_multiple_of(number, *rules.multiple_of)) {
    held = fail(node, "multipleOf", instance, [&] { return say("a multiple of", *rules.multiple_of); });
  }
  return held;
}

bool SchemaRun::strings(const SchemaNode& node, const Instance& instance) {
  const StringRules& rules = *node.strings;
  std::string scratch;
  const std::string_view text = instance.value().string(scratch);
  bool held = true;
  // Counting is for those whose bytes do not say enough.
  if (text.size() > rules.max_length || text.size() / 4 < rules.min_length) {
    const std::uint64_t length = code_points(text);
    if (length < rules.min_length) {
      held = fail(node, "minLength", instance,
                  [&] { return "must have at least " + counted(rules.min_length, "character"); });
    }
    if (length > rules.max_length && go_on(held)) {
      held = fail(node, "maxLength", instance,
                  [&] { return "must have at most " + counted(rules.max_length, "character"); });
    }
  }
  if (rules.pattern && go_on(held) && !is_found(*rules.pattern, text)) {
    held = fail(node, "pattern", instance,
                [&] { return "must match the pattern " + std::string(rules.pattern_text); });
  }
  if (rules.format != SchemaFormat::none && go_on(held) && !has_format(rules.format, text)) {
    held = fail(node, "format", instance,
                [&] { return "must have the format " + std::string(format_name(rules.format)); });
  }
  return held;
}

bool SchemaRun::is_found(const Regex& pattern, std::string_view text) {
  return spend(1 + text.size() * pattern.program_size() / kSchemaPatternWorkAStep) && pattern.found_in(text);
}

}  // namespace quire::document
