#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/arena.h"
#include "document/tuning.h"
#include "document/value.h"

namespace quire::document {

// How a schema from outside is read, and bounds on it.
struct SchemaOptions {
  std::uint64_t text_bytes = 256 << 10;
  std::uint32_t depth = 64;             // of its JSON
  std::uint32_t nodes = 10'000;         // schemas inside it, itself counted
  std::uint32_t patterns = 64;          // regular expressions that differ
  std::uint32_t pattern_bytes = 1024;   // of one of them
  // Whether "format" is a rule; else it is a note, as the specification has it. Only these are rules then:
  // date-time, date, time, duration, email, hostname, ipv4, ipv6, uri, uri-reference, uuid, json-pointer,
  // relative-json-pointer.
  bool assert_formats = false;
};

struct ValidateOptions {
  std::size_t most_violations = 20;
  // What a call may take: about one a rule that is looked at, and more for long strings and patterns.
  std::uint64_t steps = kSchemaSteps;
};

// Where a document does not fit, and why. Only `found` holds something of what the document says.
struct Violation {
  std::string path;            // of the value at fault, "a.b[2].c"; empty for the document; long ones are cut
  std::string pointer;         // the same as a JSON Pointer, "/a/b/2/c"
  std::string rule;            // the keyword: "required"
  std::string schema_pointer;  // of the rule in the schema: "/properties/a/required"
  std::string message;         // for a person: "must be at most 10"
  std::string found;           // what is there instead, in short: "12", "an array of 3 items"; may be empty

  // "a.b: must be at most 10, found 12 (maximum)".
  std::string to_string() const;
  friend bool operator==(const Violation&, const Violation&) = default;
};

struct Violations {
  std::vector<Violation> list;  // in the order of the schema's rules and the document's members
  bool more = false;            // there are more than were asked for
  bool empty() const { return list.empty(); }
};

// A JSON Schema of draft 2020-12, compiled. What it holds to be true of a document, it says in
// docs/guide/schemas.md: all of the core, applicator, unevaluated and validation vocabularies, "format" by
// option, and "bsonType" for the types that JSON does not have.
//
// A handle on something that never changes: copying is cheap, every thread may use it.
class Schema {
 public:
  // The schema that everything fits.
  Schema();
  // Errors: invalid, too_large; the field is a JSON Pointer into the schema (of the keyword at fault), or what
  // minify() gives where the text is no JSON. A reference to another document is invalid: nothing is fetched.
  static Result<Schema> parse(std::string_view json, const SchemaOptions& options = {});

  // `document` has its id as the member "_id" where it has one. Errors: exhausted, where the steps do not
  // suffice or schemas lead too deep into each other; nothing is known of the document then.
  Result<Violations> validate(const Value& document, const ValidateOptions& options = {}) const;
  // The same of an object that is stored apart from its id. The members' handles are copied to `scratch`,
  // their text is not.
  Result<Violations> validate(const Value& body, std::string_view id, Arena& scratch,
                              const ValidateOptions& options = {}) const;

  // As it was given, minified.
  std::string_view text() const;

  struct State;  // schema_node.h

 private:
  explicit Schema(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace quire::document
