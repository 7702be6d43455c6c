#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "document/value.h"
#include "engine/accounts.h"

namespace quire::api {

// What a member of a request's object is.
enum class FieldType : std::uint8_t {
  text,
  name,       // of something: 1 to 128 bytes, no "/" and no control characters
  secret,     // a password or key: 1024 bytes at most; overwritten when it has been used
  number,     // a whole one, from 0 on
  flag,       // true or false
  grant,      // "read" or "write"
  publicity,  // true (for "read"), false (for "none"), "none", "read" or "write"
  right,      // "read", "write" or "owner"
  role,       // "user" or "admin"
  object,     // any object
  objects,    // an object, or an array of objects
  list,       // an array of objects, which may be empty
  texts,      // an array of texts
};

// A member that the object of a request may have.
struct Field {
  std::string_view name;
  FieldType type;
  bool required;
  std::string_view summary;
};

// The members of an object that came with a request, checked against those that are known. Owns what it
// shows. Movable.
class Fields {
 public:
  // `prefix` stands in front of names in errors ("payload."). Null is as good as absent. Errors: invalid, for
  // a member that is not known, missing or of another type; too_large.
  static Result<Fields> take(const document::Value& object, std::span<const Field> known,
                             std::string_view prefix = {});
  // Of a whole body, which is an object. An empty one is an empty object. No copy of it stays behind.
  static Result<Fields> parse(std::string_view body, std::span<const Field> known);

  // The same members under other fields: `from` becomes `to`, the others keep their names.
  static Fields renamed(Fields given, std::string_view from, std::span<const Field> known,
                        std::string_view to);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  // Of text, name and the enumerations; empty where it is not there.
  std::string_view text(std::string_view name) const;
  // Gives the secret away; empty where it is not there.
  Secret take_secret(std::string_view name);
  // Empty where it is not there, or was given away.
  std::string_view look_at_secret(std::string_view name) const;
  std::uint64_t number(std::string_view name, std::uint64_t otherwise) const;
  bool flag(std::string_view name, bool otherwise) const;
  engine::Right right(std::string_view name, engine::Right otherwise) const;
  std::optional<engine::Role> role(std::string_view name) const;
  // Of object, objects and list: minified.
  std::string_view json(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;

 private:
  struct Taken {
    const Field* field;
    std::string text;  // or JSON
    Secret secret;
    std::uint64_t number = 0;
    bool flag = false;
    std::vector<std::string> texts;
  };

  const Taken* find(std::string_view name) const;
  static Status take_value(const document::Value& value, Taken& taken);

  std::vector<Taken> taken_;
};

// A member's name as errors show it: the empty one as "", since an error without a field is about the whole.
std::string shown_name(std::string_view name);
// What the engine says of the Nth change ("changes[N].a"), of the Nth element of a request's list; what it
// says of the collection, which all elements share, of that alone.
Error of_element(const Error& error, std::string_view list);
// The word for people: "a whole number".
std::string_view describe(FieldType type);
// The JSON Schema of a field.
std::string_view json_schema(FieldType type);
// Whether a text may name something. Errors: invalid, too_large.
Status check_name(std::string_view text);

}  // namespace quire::api
