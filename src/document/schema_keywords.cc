// The keywords, each with what its value must be, which is what the metaschema says.
#include <algorithm>
#include <unordered_set>

#include "document/filter_node.h"
#include "document/path.h"
#include "document/schema_compile.h"
#include "document/schema_equality.h"

namespace quire::document {

namespace {
constexpr std::string_view kDraft = "https://json-schema.org/draft/2020-12/schema";

template <class T>
T& made(std::unique_ptr<T>& part) {
  if (!part) part = std::make_unique<T>();
  return *part;
}

// A whole number that is not negative; what is too large for 64 bits is as good as unbounded.
std::optional<std::uint64_t> count_of(const Value& value) {
  const TypedValue typed(value);
  if (typed.type() != Type::number) return std::nullopt;
  const Number& number = typed.number();
  if (!number.is_integer() || number.is_negative()) return std::nullopt;
  const auto small = number.to_int64();
  return small ? static_cast<std::uint64_t>(*small) : kUnbounded;
}
}  // namespace

const SchemaCompiler::Keyword* SchemaCompiler::find_keyword(std::string_view name) {
  using Self = SchemaCompiler;
  static constexpr auto kKeywords = std::to_array<Keyword>({
      {"$id", &Self::nothing},
      {"$schema", &Self::declared_draft},
      {"$vocabulary", &Self::vocabulary},
      {"$comment", &Self::text},
      {"$ref", &Self::reference},
      {"$dynamicRef", &Self::reference},
      {"$defs", &Self::definitions},
      {"definitions", &Self::definitions},
      {"allOf", &Self::combined},
      {"anyOf", &Self::combined},
      {"oneOf", &Self::combined},
      {"not", &Self::single},
      {"if", &Self::single},
      {"then", &Self::single},
      {"else", &Self::single},
      {"dependentSchemas", &Self::dependent_schemas},
      {"properties", &Self::properties},
      {"patternProperties", &Self::pattern_properties},
      {"additionalProperties", &Self::single},
      {"propertyNames", &Self::single},
      {"prefixItems", &Self::prefix_items},
      {"items", &Self::single},
      {"contains", &Self::single},
      {"unevaluatedItems", &Self::single},
      {"unevaluatedProperties", &Self::single},
      {"type", &Self::type},
      {"bsonType", &Self::bson_type},
      {"const", &Self::constant},
      {"enum", &Self::enumeration},
      {"multipleOf", &Self::bound},
      {"maximum", &Self::bound},
      {"exclusiveMaximum", &Self::bound},
      {"minimum", &Self::bound},
      {"exclusiveMinimum", &Self::bound},
      {"maxLength", &Self::count},
      {"minLength", &Self::count},
      {"maxItems", &Self::count},
      {"minItems", &Self::count},
      {"maxContains", &Self::count},
      {"minContains", &Self::count},
      {"maxProperties", &Self::count},
      {"minProperties", &Self::count},
      {"pattern", &Self::string_pattern},
      {"format", &Self::format},
      {"uniqueItems", &Self::unique_items},
      {"required", &Self::required},
      {"dependentRequired", &Self::dependent_required},
      {"title", &Self::text},
      {"description", &Self::text},
      {"contentEncoding", &Self::text},
      {"contentMediaType", &Self::text},
      {"contentSchema", &Self::unused_schema},
      {"deprecated", &Self::flag},
      {"readOnly", &Self::flag},
      {"writeOnly", &Self::flag},
      {"examples", &Self::array},
  });
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const Keyword*> map;
    for (const Keyword& keyword : kKeywords) map.emplace(keyword.name, &keyword);
    return map;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

Status SchemaCompiler::nothing(Draft& /*draft*/, const Value& /*value*/) { return ok(); }

Status SchemaCompiler::text(Draft& draft, const Value& value) {
  return value.is_string() ? ok() : invalid(draft, "must be a string");
}

Status SchemaCompiler::flag(Draft& draft, const Value& value) {
  return value.is_boolean() ? ok() : invalid(draft, "must be true or false");
}

Status SchemaCompiler::array(Draft& draft, const Value& value) {
  return value.is_array() ? ok() : invalid(draft, "must be an array");
}

Status SchemaCompiler::declared_draft(Draft& draft, const Value& value) {
  if (!value.is_string()) return invalid(draft, "must be a string");
  std::string draft_name = value.to_string();
  if (draft_name.ends_with('#')) draft_name.pop_back();
  if (draft_name == kDraft) return ok();
  return invalid(draft, "only draft 2020-12 is known, \"" + std::string(kDraft) + "\"");
}

Status SchemaCompiler::vocabulary(Draft& draft, const Value& value) {
  if (!is_plain_object(value)) return invalid(draft, "must be an object");
  for (const Member& member : value.members()) {
    if (!member.value.is_boolean()) return invalid(draft, "its members must be true or false");
  }
  return ok();
}

Status SchemaCompiler::reference(Draft& draft, const Value& value) {
  if (!value.is_string()) return invalid(draft, "must be a string");
  made(draft.node.combinations);
  pending_.push_back({&draft.node, value.to_string(), draft.keyword == "$dynamicRef", ""});
  return ok();
}

Status SchemaCompiler::definitions(Draft& draft, const Value& value) {
  if (!is_plain_object(value)) return invalid(draft, "must be an object of schemas");
  QUIRE_TRY_STATUS(children(draft, value));
  return ok();
}

Status SchemaCompiler::unused_schema(Draft& draft, const Value& value) {
  QUIRE_TRY_STATUS(child(draft, value));
  return ok();
}

Status SchemaCompiler::combined(Draft& draft, const Value& value) {
  if (!value.is_array() || value.size() == 0) return invalid(draft, "must be an array of one schema at least");
  QUIRE_TRY(List list, children(draft, value));
  Combinations& combinations = made(draft.node.combinations);
  (draft.keyword == "allOf"   ? combinations.all_of
   : draft.keyword == "anyOf" ? combinations.any_of
                              : combinations.one_of) = std::move(list);
  return ok();
}

Status SchemaCompiler::single(Draft& draft, const Value& value) {
  const std::string_view keyword = draft.keyword;
  SchemaNode& node = draft.node;
  if (keyword == "items" && value.is_array()) {
    return invalid(draft, "must be one schema; a list of schemas is the value of prefixItems");
  }
  QUIRE_TRY(const SchemaNode* const made_child, child(draft, value));
  if (keyword == "not") made(node.combinations).negated = made_child;
  if (keyword == "if") made(node.combinations).condition = made_child;
  if (keyword == "then") made(node.combinations).consequence = made_child;
  if (keyword == "else") made(node.combinations).alternative = made_child;
  if (keyword == "additionalProperties") made(node.objects).additional = made_child;
  if (keyword == "propertyNames") made(node.objects).property_names = made_child;
  if (keyword == "items") made(node.arrays).items = made_child;
  if (keyword == "contains") made(node.arrays).contains = made_child;
  if (keyword == "unevaluatedItems") node.unevaluated_items = made_child;
  if (keyword == "unevaluatedProperties") node.unevaluated_properties = made_child;
  return ok();
}

Status SchemaCompiler::type(Draft& draft, const Value& value) {
  const std::span<const Value> names = value.is_array() ? value.elements() : std::span(&value, 1);
  std::uint8_t types = 0;
  for (const Value& name : names) {
    const auto found =
        std::find_if(schema_type::kNames.begin(), schema_type::kNames.end(),
                     [&](const auto& known) { return name.is_string_equal_to(known.first); });
    if (found == schema_type::kNames.end()) {
      return invalid(draft, "must be null, boolean, object, array, number, string or integer, or a list of them; "
                            "bsonType knows other types");
    }
    if ((types & found->second) != 0) return invalid(draft, "lists a type twice");
    types |= found->second;
  }
  if (types == 0) return invalid(draft, "must list a type at least");
  draft.node.types = types;
  return ok();
}

Status SchemaCompiler::bson_type(Draft& draft, const Value& value) {
  const std::span<const Value> names = value.is_array() ? value.elements() : std::span(&value, 1);
  std::uint32_t types = 0;
  for (const Value& name : names) {
    const auto bits = name.is_string() ? type_bits(TypedValue(name)) : std::nullopt;
    if (!bits) {
      return invalid(draft, "must be double, string, object, array, binData, objectId, bool, date, null, int, "
                            "long, decimal or number, or a list of them");
    }
    if (*bits == 0) return invalid(draft, "no document here has values of this type");
    types |= *bits;
  }
  if (types == 0) return invalid(draft, "must list a type at least");
  draft.node.bson_types = types;
  return ok();
}

ValueRules::Allowed SchemaCompiler::allowed(const Value& value) { return {hash_as_json(value, steps_), &value}; }

Status SchemaCompiler::constant(Draft& draft, const Value& value) {
  made(draft.node.values).constant = allowed(value);
  return ok();
}

Status SchemaCompiler::enumeration(Draft& draft, const Value& value) {
  if (!value.is_array()) return invalid(draft, "must be an array");
  ValueRules& rules = made(draft.node.values);
  rules.listed = &value;
  for (const Value& one : value.elements()) rules.any_of.push_back(allowed(one));
  std::sort(rules.any_of.begin(), rules.any_of.end(),
            [](const auto& left, const auto& right) { return left.hash < right.hash; });
  return ok();
}

Status SchemaCompiler::bound(Draft& draft, const Value& value) {
  const std::string_view keyword = draft.keyword;
  const TypedValue typed(value);
  if (typed.type() != Type::number || !typed.number().is_finite()) return invalid(draft, "must be a number");
  const Number number = *Number::parse(state_.arena.copy(typed.number_text()));
  NumberRules& rules = made(draft.node.numbers);
  if (keyword == "maximum") rules.maximum = number;
  if (keyword == "exclusiveMaximum") rules.exclusive_maximum = number;
  if (keyword == "minimum") rules.minimum = number;
  if (keyword == "exclusiveMinimum") rules.exclusive_minimum = number;
  if (keyword != "multipleOf") return ok();
  if (number.is_zero() || number.is_negative()) return invalid(draft, "must be greater than 0");
  rules.multiple_of = number;
  return ok();
}

Status SchemaCompiler::count(Draft& draft, const Value& value) {
  const std::string_view keyword = draft.keyword;
  const auto count = count_of(value);
  if (!count) return invalid(draft, "must be a whole number that is not negative");
  SchemaNode& node = draft.node;
  if (keyword == "maxLength") made(node.strings).max_length = *count;
  if (keyword == "minLength") made(node.strings).min_length = *count;
  if (keyword == "maxItems") made(node.arrays).max_items = *count;
  if (keyword == "minItems") made(node.arrays).min_items = *count;
  if (keyword == "maxContains") made(node.arrays).max_contains = *count;
  if (keyword == "minContains") made(node.arrays).min_contains = *count;
  if (keyword == "maxProperties") made(node.objects).max_properties = *count;
  if (keyword == "minProperties") made(node.objects).min_properties = *count;
  return ok();
}

Status SchemaCompiler::string_pattern(Draft& draft, const Value& value) {
  if (!value.is_string()) return invalid(draft, "must be a string");
  StringRules& rules = made(draft.node.strings);
  rules.pattern_text = kept_text(value);
  QUIRE_TRY(rules.pattern, pattern(draft, rules.pattern_text));
  return ok();
}

Status SchemaCompiler::format(Draft& draft, const Value& value) {
  if (!value.is_string()) return invalid(draft, "must be a string");
  const SchemaFormat named = format_named(value.to_string());
  if (options_.assert_formats && named != SchemaFormat::none) made(draft.node.strings).format = named;
  return ok();
}

Status SchemaCompiler::unique_items(Draft& draft, const Value& value) {
  QUIRE_TRY_STATUS(flag(draft, value));
  made(draft.node.arrays).unique = value.as_boolean();
  return ok();
}

Status SchemaCompiler::prefix_items(Draft& draft, const Value& value) {
  if (!value.is_array() || value.size() == 0) return invalid(draft, "must be an array of one schema at least");
  QUIRE_TRY(made(draft.node.arrays).prefix, children(draft, value));
  return ok();
}

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

}  // namespace quire::document
