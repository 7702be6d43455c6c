#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/arena.h"
#include "document/number.h"
#include "document/regex.h"
#include "document/schema.h"
#include "document/schema_format.h"
#include "document/schema_names.h"
#include "document/value.h"

// What a schema is compiled to. Nodes are built by schema_compile.cc and schema_keywords.cc, and never change
// afterwards; pointers are to nodes of the same schema, and null where the keyword is not there.
namespace quire::document {

struct SchemaNode;

inline constexpr std::uint64_t kUnbounded = ~std::uint64_t{0};

// A set of the types that JSON Schema knows, each a bit.
namespace schema_type {
inline constexpr std::uint8_t kNull = 1;
inline constexpr std::uint8_t kBoolean = 2;
inline constexpr std::uint8_t kObject = 4;
inline constexpr std::uint8_t kArray = 8;
inline constexpr std::uint8_t kNumber = 16;
inline constexpr std::uint8_t kString = 32;
inline constexpr std::uint8_t kInteger = 64;
inline constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> kNames = {{
    {"null", kNull},
    {"boolean", kBoolean},
    {"object", kObject},
    {"array", kArray},
    {"number", kNumber},
    {"string", kString},
    {"integer", kInteger},
}};
}  // namespace schema_type

// const and enum: values by the hash of what they are (schema_equality.h).
struct ValueRules {
  struct Allowed {
    std::uint64_t hash;
    const Value* value;
  };
  std::optional<Allowed> constant;
  std::vector<Allowed> any_of;      // sorted by hash
  const Value* listed = nullptr;    // of enum, as it stands there
};

struct NumberRules {
  std::optional<Number> minimum;
  std::optional<Number> maximum;
  std::optional<Number> exclusive_minimum;
  std::optional<Number> exclusive_maximum;
  std::optional<Number> multiple_of;
};

struct StringRules {
  std::uint64_t min_length = 0;  // in code points
  std::uint64_t max_length = kUnbounded;
  std::shared_ptr<const Regex> pattern;
  std::string_view pattern_text;
  SchemaFormat format = SchemaFormat::none;
};

struct ArrayRules {
  std::uint64_t min_items = 0;
  std::uint64_t max_items = kUnbounded;
  bool unique = false;
  std::vector<const SchemaNode*> prefix;
  const SchemaNode* items = nullptr;
  const SchemaNode* contains = nullptr;
  std::uint64_t min_contains = 1;
  std::uint64_t max_contains = kUnbounded;
};

struct PatternRule {
  std::shared_ptr<const Regex> pattern;
  const SchemaNode* schema = nullptr;
};

// What holds where the object has the member `trigger`.
struct DependentRule {
  std::uint32_t trigger = 0;            // a number in `names`
  std::vector<std::uint32_t> required;  // numbers in `names`
  const SchemaNode* schema = nullptr;
};

struct ObjectRules {
  std::uint64_t min_properties = 0;
  std::uint64_t max_properties = kUnbounded;
  SchemaNames names;                           // every name that a rule names
  std::vector<const SchemaNode*> properties;   // by the name's number; null where it only is required
  std::vector<std::uint32_t> required;         // numbers in `names`
  std::vector<DependentRule> dependents;
  std::vector<PatternRule> patterns;
  const SchemaNode* additional = nullptr;
  const SchemaNode* property_names = nullptr;
};

struct DynamicReference {
  const SchemaNode* initial = nullptr;
  std::uint32_t anchor = 0;  // its number, where the scope decides
};

// Schemas that look at the same value.
struct Combinations {
  const SchemaNode* reference = nullptr;
  std::optional<DynamicReference> dynamic_reference;
  std::vector<const SchemaNode*> all_of;
  std::vector<const SchemaNode*> any_of;
  std::vector<const SchemaNode*> one_of;
  const SchemaNode* negated = nullptr;
  const SchemaNode* condition = nullptr;
  const SchemaNode* consequence = nullptr;
  const SchemaNode* alternative = nullptr;
};

struct SchemaNode {
  enum class Kind : std::uint8_t { rules, always, never };

  const SchemaNode* parent = nullptr;
  std::string step;  // from the parent, a JSON Pointer: "/properties/a"
  std::uint32_t resource = 0;
  Kind kind = Kind::rules;
  std::uint8_t types = 0;        // 0: every type
  std::uint32_t bson_types = 0;  // 0: every type; else bits as of type_bit_of() in filter_node.h
  std::unique_ptr<ValueRules> values;
  std::unique_ptr<NumberRules> numbers;
  std::unique_ptr<StringRules> strings;
  std::unique_ptr<ArrayRules> arrays;
  std::unique_ptr<ObjectRules> objects;
  std::unique_ptr<Combinations> combinations;
  const SchemaNode* unevaluated_items = nullptr;
  const SchemaNode* unevaluated_properties = nullptr;

  // Where it stands in the schema, a JSON Pointer.
  std::string pointer() const;
  // The keyword that it stands under; empty for the root.
  std::string_view keyword() const;
};

// A part of the schema that has an $id; the first is the whole.
struct SchemaResource {
  // Number of the anchor, and where it is; few.
  std::vector<std::pair<std::uint32_t, const SchemaNode*>> dynamic_anchors;

  const SchemaNode* find_dynamic(std::uint32_t anchor) const {
    for (const auto& [number, node] : dynamic_anchors) {
      if (number == anchor) return node;
    }
    return nullptr;
  }
};

struct Schema::State {
  std::string text;
  Arena arena;
  Value json;
  std::deque<SchemaNode> nodes;
  std::vector<SchemaResource> resources;
  const SchemaNode* root = nullptr;
  bool has_dynamic_references = false;
};

// Appends "/" and the name, with "~" and "/" in it escaped.
void append_pointer_step(std::string& pointer, std::string_view name);

// Fills all of the state but its text, which is minified JSON.
Status compile_schema(const SchemaOptions& options, Schema::State& state);

}  // namespace quire::document
