#include "api/fields.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "api/tuning.h"
#include "api/wiped.h"
#include "document/arena.h"
#include "document/json.h"
#include "document/number.h"

namespace quire::api {

namespace {

using Type = FieldType;

Error expected(Type type) { return Error(ErrorCode::invalid, "expected " + std::string(describe(type))); }

Error placed(const Error& error, std::string_view prefix, std::string_view name) {
  return Error(error.code(), error.message()).at(std::string(prefix) + std::string(name)).over(error.limit());
}

Result<std::uint64_t> whole_number(const document::Value& value) {
  std::uint64_t number = 0;
  if (!value.is_number()) return expected(Type::number);
  const std::string_view digits = value.number_text();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc() && end == digits.data() + digits.size()) return number;
  // Also 1.0 and 1e2.
  const auto other = document::Number::parse(digits);
  const auto whole = other ? other->to_int64() : std::nullopt;
  if (!whole || *whole < 0) return expected(Type::number);
  return static_cast<std::uint64_t>(*whole);
}

// What a client writes that means one thing: a name, checked against those that are.
Result<std::string> enumerated(const document::Value& value, Type type) {
  if (type == Type::publicity && value.is_boolean()) return std::string(value.as_boolean() ? "read" : "none");
  if (!value.is_string()) return expected(type);
  std::string text = value.to_string();
  const bool good = type == Type::role    ? text == "user" || text == "admin"
                    : type == Type::grant ? text == "read" || text == "write"
                    : type == Type::right ? text == "read" || text == "write" || text == "owner"
                                          : text == "none" || text == "read" || text == "write";
  if (!good) return expected(type);
  return text;
}

Result<Secret> secret_of(const document::Value& value) {
  if (!value.is_string()) return expected(Type::secret);
  if (value.raw_string().size() > tuning::kSecretBytes) {
    return Error(ErrorCode::too_large, "this is longer than any password or key").over(tuning::kSecretBytes);
  }
  WipedText scratch;
  scratch.text().reserve(tuning::kSecretBytes);
  return Secret(value.string(scratch.text()));
}

Result<std::vector<std::string>> texts_of(const document::Value& value) {
  if (!value.is_array()) return expected(Type::texts);
  if (value.size() > tuning::kFieldTexts) {
    return Error(ErrorCode::too_large, "these are too many").over(tuning::kFieldTexts);
  }
  std::vector<std::string> texts;
  for (const document::Value& one : value.elements()) {
    if (!one.is_string()) return expected(Type::texts);
    texts.push_back(one.to_string());
  }
  return texts;
}

// Of the types object, objects and list.
bool has_objects(const document::Value& value, Type type) {
  if (!value.is_array()) return value.is_object() && type != Type::list;
  const auto elements = value.elements();
  if (type == Type::object || (type == Type::objects && elements.empty())) return false;
  return std::all_of(elements.begin(), elements.end(),
                     [](const document::Value& one) { return one.is_object(); });
}

}  // namespace

std::string shown_name(std::string_view name) { return name.empty() ? R"("")" : std::string(name); }

Error of_element(const Error& error, std::string_view list) {
  constexpr std::string_view kChanges = "changes";
  const std::string& field = error.field();
  if (!field.starts_with(kChanges) || field.find('[') != kChanges.size()) return error;
  const std::string_view rest = std::string_view(field).substr(kChanges.size());
  if (rest.ends_with("].collection")) return Error(error).at("collection");
  return Error(error).at(std::string(list).append(rest));
}

Status check_name(std::string_view text) {
  if (text.empty()) return Error(ErrorCode::invalid, "the name is empty");
  if (text.size() > tuning::kNameBytes) {
    return Error(ErrorCode::too_large, "the name has more than 128 bytes").over(tuning::kNameBytes);
  }
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '/') {
      return Error(ErrorCode::invalid, "the name holds '/' or a control character");
    }
  }
  return ok();
}

Status Fields::take_value(const document::Value& value, Taken& taken) {
  switch (const Type type = taken.field->type; type) {
    case Type::text:
    case Type::name:
      if (!value.is_string()) return expected(type);
      taken.text = value.to_string();
      return type == Type::name ? check_name(taken.text) : ok();
    case Type::secret: {
      QUIRE_TRY(taken.secret, secret_of(value));
      return ok();
    }
    case Type::number: {
      QUIRE_TRY(taken.number, whole_number(value));
      return ok();
    }
    case Type::flag:
      if (!value.is_boolean()) return expected(type);
      taken.flag = value.as_boolean();
      return ok();
    case Type::grant:
    case Type::publicity:
    case Type::right:
    case Type::role: {
      QUIRE_TRY(taken.text, enumerated(value, type));
      return ok();
    }
    case Type::object:
    case Type::objects:
    case Type::list:
      if (!has_objects(value, type)) return expected(type);
      value.print(taken.text);
      return ok();
    case Type::texts: {
      QUIRE_TRY(taken.texts, texts_of(value));
      return ok();
    }
  }
  return ok();
}

Result<Fields> Fields::take(const document::Value& object, std::span<const Field> known,
                            std::string_view prefix) {
  Fields fields;
  std::string scratch;
  for (const auto& member : object.members()) {
    const std::string_view name = member.name.string(scratch);
    const auto at =
        std::find_if(known.begin(), known.end(), [&](const Field& one) { return one.name == name; });
    if (at == known.end()) {
      return placed(Error(ErrorCode::invalid, "there is no such field here"), prefix, shown_name(name));
    }
    if (member.value.is_null()) continue;
    Taken taken{.field = &*at, .text = {}, .secret = {}, .texts = {}};
    if (const auto status = take_value(member.value, taken); !status) {
      return placed(status.error(), prefix, name);
    }
    fields.taken_.push_back(std::move(taken));
  }
  for (const Field& field : known) {
    if (!field.required || fields.has(field.name)) continue;
    return placed(Error(ErrorCode::invalid, "this is missing; expected " + std::string(describe(field.type))),
                  prefix, field.name);
  }
  return fields;
}

Result<Fields> Fields::parse(std::string_view body, std::span<const Field> known) {
  WipedText minified;
  minified.text().reserve(body.size() + 64);
  QUIRE_TRY_STATUS(document::minify(body.empty() ? "{}" : body, {}, minified.text()));
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, minified.text()));
  if (!value.is_object()) return Error(ErrorCode::invalid, "the body is an object");
  return take(value, known);
}

Fields Fields::renamed(Fields given, std::string_view from, std::span<const Field> known,
                       std::string_view to) {
  for (Taken& taken : given.taken_) {
    const std::string_view name = taken.field->name == from ? to : taken.field->name;
    const auto at =
        std::find_if(known.begin(), known.end(), [&](const Field& one) { return one.name == name; });
    QUIRE_CHECK(at != known.end(), "a field is renamed to one that is known");
    taken.field = &*at;
  }
  return given;
}

const Fields::Taken* Fields::find(std::string_view name) const {
  for (const Taken& taken : taken_) {
    if (taken.field->name == name) return &taken;
  }
  return nullptr;
}

std::string_view Fields::text(std::string_view name) const {
  const Taken* const taken = find(name);
  return taken == nullptr ? std::string_view() : std::string_view(taken->text);
}

Secret Fields::take_secret(std::string_view name) {
  for (Taken& taken : taken_) {
    if (taken.field->name == name) return std::move(taken.secret);
  }
  return {};
}

std::string_view Fields::look_at_secret(std::string_view name) const {
  const Taken* const taken = find(name);
  return taken == nullptr ? std::string_view() : taken->secret.reveal();
}

std::uint64_t Fields::number(std::string_view name, std::uint64_t otherwise) const {
  const Taken* const taken = find(name);
  return taken == nullptr ? otherwise : taken->number;
}

bool Fields::flag(std::string_view name, bool otherwise) const {
  const Taken* const taken = find(name);
  return taken == nullptr ? otherwise : taken->flag;
}

engine::Right Fields::right(std::string_view name, engine::Right otherwise) const {
  const Taken* const taken = find(name);
  return taken == nullptr ? otherwise : access::right_of(taken->text).value_or(otherwise);
}

std::optional<engine::Role> Fields::role(std::string_view name) const {
  const Taken* const taken = find(name);
  return taken == nullptr ? std::nullopt : access::role_of(taken->text);
}

std::string_view Fields::json(std::string_view name) const { return text(name); }

std::vector<std::string> Fields::texts(std::string_view name) const {
  const Taken* const taken = find(name);
  return taken == nullptr ? std::vector<std::string>() : taken->texts;
}

std::string_view describe(FieldType type) {
  switch (type) {
    case Type::text: return "a text";
    case Type::name: return "a name: 1 to 128 bytes without '/' and control characters";
    case Type::secret: return "a text, 1024 bytes at most";
    case Type::number: return "a whole number, 0 or more";
    case Type::flag: return "true or false";
    case Type::grant: return "read or write";
    case Type::publicity: return "none, read or write";
    case Type::right: return "read, write or owner";
    case Type::role: return "user or admin";
    case Type::object: return "an object";
    case Type::objects: return "an object, or an array of at least one object";
    case Type::list: return "an array of objects";
    case Type::texts: return "an array of texts";
  }
  return "a text";
}

std::string_view json_schema(FieldType type) {
  switch (type) {
    case Type::text: return R"({"type":"string"})";
    case Type::name: return R"({"type":"string","maxLength":128})";
    case Type::secret: return R"({"type":"string","format":"password","maxLength":1024})";
    case Type::number: return R"({"type":"integer","minimum":0})";
    case Type::flag: return R"({"type":"boolean"})";
    case Type::grant: return R"({"enum":["read","write"]})";
    case Type::publicity: return R"({"enum":["none","read","write",true,false]})";
    case Type::right: return R"({"enum":["read","write","owner"]})";
    case Type::role: return R"({"enum":["user","admin"]})";
    case Type::object: return R"({"type":"object"})";
    case Type::objects: return R"({"oneOf":[{"type":"object"},{"type":"array","items":{"type":"object"}}]})";
    case Type::list: return R"({"type":"array","items":{"type":"object"}})";
    case Type::texts: return R"({"type":"array","items":{"type":"string"}})";
  }
  return "{}";
}

}  // namespace quire::api
