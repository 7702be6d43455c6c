#include "document/testing/naive_schema.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "document/extended_json.h"
#include "document/value_order.h"

namespace quire::document::testing {

namespace {
// Members or elements that were looked at, by index.
using Seen = std::set<std::size_t>;

struct Answer {
  bool fits = true;
  Seen seen;
};

bool is_one(std::string_view type, const Value& value) {
  const TypedValue typed(value);
  switch (typed.type()) {
    case Type::null: return type == "null";
    case Type::boolean: return type == "boolean";
    case Type::number: return type == "number" || (type == "integer" && typed.number().is_integer());
    case Type::string: return type == "string";
    case Type::array: return type == "array";
    case Type::object: return type == "object";
    default: return false;
  }
}

bool same(const Value& left, const Value& right) {
  const Type type = TypedValue(left).type();
  if (type != TypedValue(right).type()) return false;
  if (type == Type::array) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!same(left.elements()[i], right.elements()[i])) return false;
    }
    return true;
  }
  if (type != Type::object) return compare_values(left, right) == 0;
  if (left.size() != right.size()) return false;
  for (const Member& member : left.members()) {
    const Value* const other = right.find(member.name.to_string());
    if (other == nullptr || !same(member.value, *other)) return false;
  }
  return true;
}

class Naive {
 public:
  explicit Naive(const Value& root) : root_(root) {}
  Answer ask(const Value& schema, const Value& value) const;

 private:
  bool fits(const Value& schema, const Value& value) const { return ask(schema, value).fits; }
  void scalars(const Value& schema, const Value& value, Answer& answer) const;
  void array(const Value& schema, const Value& value, Answer& answer) const;
  void object(const Value& schema, const Value& value, Answer& answer) const;
  void combinations(const Value& schema, const Value& value, Answer& answer) const;
  void unevaluated(const Value& schema, const Value& value, Answer& answer) const;

  const Value& root_;
};

void need(Answer& answer, bool holds) { answer.fits = answer.fits && holds; }
// What fits passes on what it has seen.
void take(Answer& answer, const Answer& part) {
  if (part.fits) answer.seen.insert(part.seen.begin(), part.seen.end());
}
std::int64_t whole(const Value& value) { return TypedValue(value).number().to_int64().value_or(1'000'000); }

Answer Naive::ask(const Value& schema, const Value& value) const {
  Answer answer;
  if (schema.is_boolean()) {
    answer.fits = schema.as_boolean();
    return answer;
  }
  scalars(schema, value, answer);
  const Type type = TypedValue(value).type();
  if (type == Type::array) array(schema, value, answer);
  if (type == Type::object) object(schema, value, answer);
  combinations(schema, value, answer);
  unevaluated(schema, value, answer);
  return answer;
}

void Naive::scalars(const Value& schema, const Value& value, Answer& answer) const {
  if (const Value* const type = schema.find("type")) {
    bool one = false;
    if (type->is_string()) one = is_one(type->to_string(), value);
    for (std::size_t i = 0; type->is_array() && i < type->size(); ++i) {
      one = one || is_one(type->elements()[i].to_string(), value);
    }
    need(answer, one);
  }
  if (const Value* const constant = schema.find("const")) need(answer, same(*constant, value));
  if (const Value* const list = schema.find("enum")) {
    const auto elements = list->elements();
    need(answer,
         std::any_of(elements.begin(), elements.end(), [&](const Value& one) { return same(one, value); }));
  }
  const TypedValue typed(value);
  if (typed.type() == Type::number) {
    const Number& number = typed.number();
    const bool nan = number.kind() == Number::Kind::nan;
    const auto bound = [&](const char* name, auto holds) {
      const Value* const limit = schema.find(name);
      if (limit != nullptr) need(answer, !nan && holds(number <=> TypedValue(*limit).number()));
    };
    bound("minimum", [](auto order) { return order >= 0; });
    bound("maximum", [](auto order) { return order <= 0; });
    bound("exclusiveMinimum", [](auto order) { return order > 0; });
    bound("exclusiveMaximum", [](auto order) { return order < 0; });
  }
  if (typed.type() == Type::string) {
    std::int64_t length = 0;
    for (const char c : typed.string()) length += (c & 0xC0) == 0x80 ? 0 : 1;
    if (const Value* const least = schema.find("minLength")) need(answer, length >= whole(*least));
    if (const Value* const most = schema.find("maxLength")) need(answer, length <= whole(*most));
  }
}

void Naive::array(const Value& schema, const Value& value, Answer& answer) const {
  const auto elements = value.elements();
  const auto size = static_cast<std::int64_t>(elements.size());
  if (const Value* const least = schema.find("minItems")) need(answer, size >= whole(*least));
  if (const Value* const most = schema.find("maxItems")) need(answer, size <= whole(*most));
  const Value* const unique = schema.find("uniqueItems");
  for (std::size_t i = 0; unique != nullptr && unique->as_boolean() && i < elements.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) need(answer, !same(elements[i], elements[j]));
  }
  const Value* const prefix = schema.find("prefixItems");
  const std::size_t prefixed = prefix == nullptr ? 0 : prefix->size();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Value* const items = i < prefixed ? &prefix->elements()[i] : schema.find("items");
    if (items == nullptr) continue;
    need(answer, fits(*items, elements[i]));
    answer.seen.insert(i);
  }
  const Value* const contains = schema.find("contains");
  if (contains == nullptr) return;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (!fits(*contains, elements[i])) continue;
    ++count;
    answer.seen.insert(i);
  }
  const Value* const least = schema.find("minContains");
  need(answer, count >= (least == nullptr ? 1 : whole(*least)));
  if (const Value* const most = schema.find("maxContains")) need(answer, count <= whole(*most));
}

void Naive::object(const Value& schema, const Value& value, Answer& answer) const {
  const auto members = value.members();
  const auto size = static_cast<std::int64_t>(members.size());
  if (const Value* const least = schema.find("minProperties")) need(answer, size >= whole(*least));
  if (const Value* const most = schema.find("maxProperties")) need(answer, size <= whole(*most));
  const auto need_all = [&](const Value& names) {
    for (const Value& name : names.elements()) need(answer, value.find(name.to_string()) != nullptr);
  };
  if (const Value* const required = schema.find("required")) need_all(*required);
  if (const Value* const dependent = schema.find("dependentRequired")) {
    for (const Member& one : dependent->members()) {
      if (value.find(one.name.to_string()) != nullptr) need_all(one.value);
    }
  }
  const Value* const properties = schema.find("properties");
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (const Value* const names = schema.find("propertyNames")) need(answer, fits(*names, members[i].name));
    const Value* rule = properties == nullptr ? nullptr : properties->find(members[i].name.to_string());
    if (rule == nullptr) rule = schema.find("additionalProperties");
    if (rule == nullptr) continue;
    need(answer, fits(*rule, members[i].value));
    answer.seen.insert(i);
  }
  if (const Value* const dependent = schema.find("dependentSchemas")) {
    for (const Member& one : dependent->members()) {
      if (value.find(one.name.to_string()) == nullptr) continue;
      const Answer part = ask(one.value, value);
      need(answer, part.fits);
      take(answer, part);
    }
  }
}

void Naive::combinations(const Value& schema, const Value& value, Answer& answer) const {
  if (const Value* const reference = schema.find("$ref")) {
    const std::string name = reference->to_string().substr(std::string("#/$defs/").size());
    const Answer part = ask(*root_.find("$defs")->find(name), value);
    need(answer, part.fits);
    take(answer, part);
  }
  const auto all = [&](const char* keyword) {
    std::size_t count = 0;
    const Value* const list = schema.find(keyword);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const Answer part = ask(list->elements()[i], value);
      count += part.fits ? 1 : 0;
      take(answer, part);
    }
    return count;
  };
  if (const Value* const list = schema.find("allOf")) need(answer, all("allOf") == list->size());
  if (schema.find("anyOf") != nullptr) need(answer, all("anyOf") > 0);
  if (schema.find("oneOf") != nullptr) need(answer, all("oneOf") == 1);
  if (const Value* const negated = schema.find("not")) need(answer, !fits(*negated, value));
  if (const Value* const condition = schema.find("if")) {
    const Answer met = ask(*condition, value);
    take(answer, met);
    if (const Value* const next = schema.find(met.fits ? "then" : "else")) {
      const Answer part = ask(*next, value);
      need(answer, part.fits);
      take(answer, part);
    }
  }
}

void Naive::unevaluated(const Value& schema, const Value& value, Answer& answer) const {
  const Type type = TypedValue(value).type();
  if (type != Type::array && type != Type::object) return;
  const Value* const rest = schema.find(type == Type::array ? "unevaluatedItems" : "unevaluatedProperties");
  for (std::size_t i = 0; rest != nullptr && i < value.size(); ++i) {
    if (answer.seen.contains(i)) continue;
    need(answer, fits(*rest, type == Type::array ? value.elements()[i] : value.members()[i].value));
  }
  for (std::size_t i = 0; rest != nullptr && i < value.size(); ++i) answer.seen.insert(i);
}

class SchemaMaker {
 public:
  explicit SchemaMaker(JsonFromBytes& bytes) : bytes_(bytes) {}

  std::string whole_schema() {
    std::string definitions;
    // What a definition holds leads only to later ones, so that nothing is endless.
    for (std::size_t i = 0; i < kDefinitions; ++i) {
      next_definition_ = i + 1;
      definitions += (i == 0 ? "\"d" : ",\"d") + std::to_string(i) + "\":" + schema(2);
    }
    next_definition_ = 0;
    const std::string body = schema(4);
    if (body == "true" || body == "false") return body;
    return "{\"$defs\":{" + definitions + "}" + (body == "{}" ? "" : ",") + body.substr(1);
  }

 private:
  static constexpr std::size_t kDefinitions = 2;

  std::string schema(int depth) {
    if (bytes_.done() || depth == 0 || bytes_.pick(12) == 0) return bytes_.pick(3) == 0 ? "false" : "true";
    std::string members;
    std::set<std::string> names;
    for (std::size_t count = 1 + bytes_.pick(4); count > 0; --count) {
      const auto [name, value] = keyword(depth - 1);
      if (value.empty() || !names.insert(name).second) continue;
      members += (members.empty() ? "\"" : ",\"") + name + "\":" + value;
    }
    return "{" + members + "}";
  }
  std::string list(int depth) {
    std::string out = "[" + schema(depth);
    for (std::size_t count = bytes_.pick(3); count > 0; --count) out += "," + schema(depth);
    return out + "]";
  }
  std::string name() { return "\"" + bytes_.name() + "\""; }
  std::string number() {
    static constexpr const char* kNumbers[] = {"0", "1", "1.5", "-2", "10", "3.0"};
    return kNumbers[bytes_.pick(std::size(kNumbers))];
  }
  std::string count() { return std::to_string(bytes_.pick(4)); }
  std::string types() {
    static constexpr const char* kTypes[] = {"\"null\"",
                                             "\"boolean\"",
                                             "\"object\"",
                                             "\"array\"",
                                             "\"number\"",
                                             "\"string\"",
                                             "\"integer\"",
                                             "[\"array\",\"object\"]",
                                             "[\"string\",\"number\"]"};
    return kTypes[bytes_.pick(std::size(kTypes))];
  }
  std::string members(int depth) {
    const std::string first = name();
    const std::string second = name();
    const std::string one = "{" + first + ":" + schema(depth);
    return first == second ? one + "}" : one + "," + second + ":" + schema(depth) + "}";
  }

  std::pair<std::string, std::string> keyword(int depth) {
    static constexpr const char* kKeywords[] = {"type",
                                                "const",
                                                "enum",
                                                "minimum",
                                                "maximum",
                                                "exclusiveMinimum",
                                                "exclusiveMaximum",
                                                "minLength",
                                                "maxLength",
                                                "minItems",
                                                "maxItems",
                                                "uniqueItems",
                                                "prefixItems",
                                                "items",
                                                "contains",
                                                "minContains",
                                                "maxContains",
                                                "minProperties",
                                                "maxProperties",
                                                "required",
                                                "dependentRequired",
                                                "properties",
                                                "additionalProperties",
                                                "propertyNames",
                                                "dependentSchemas",
                                                "allOf",
                                                "anyOf",
                                                "oneOf",
                                                "not",
                                                "if",
                                                "then",
                                                "else",
                                                "$ref",
                                                "unevaluatedItems",
                                                "unevaluatedProperties"};
    const std::string word = kKeywords[bytes_.pick(std::size(kKeywords))];
    const auto is = [&](std::initializer_list<std::string_view> words) {
      return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (word == "type") return {word, types()};
    if (word == "const") return {word, bytes_.value()};
    if (word == "enum") return {word, "[" + bytes_.value() + "," + bytes_.value() + "]"};
    if (is({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})) return {word, number()};
    if (word == "uniqueItems") return {word, "true"};
    if (word.starts_with("min") || word.starts_with("max")) return {word, count()};
    if (word == "required") return {word, "[" + name() + "]"};
    if (word == "dependentRequired") return {word, "{" + name() + ":[" + name() + "]}"};
    if (is({"properties", "dependentSchemas"})) return {word, members(depth)};
    if (is({"prefixItems", "allOf", "anyOf", "oneOf"})) return {word, list(depth)};
    if (word != "$ref") return {word, schema(depth)};
    if (next_definition_ == kDefinitions) return {word, ""};
    const std::size_t target = next_definition_ + bytes_.pick(kDefinitions - next_definition_);
    return {word, "\"#/$defs/d" + std::to_string(target) + "\""};
  }

  JsonFromBytes& bytes_;
  std::size_t next_definition_ = 0;
};
}  // namespace

bool naive_fits(const Value& schema, const Value& document) {
  return Naive(schema).ask(schema, document).fits;
}

std::string schema_from_bytes(JsonFromBytes& bytes) { return SchemaMaker(bytes).whole_schema(); }

}  // namespace quire::document::testing
