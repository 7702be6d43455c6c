#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "engine/address.h"
#include "engine/caller.h"
#include "engine/completion.h"

namespace quire::engine {

// How the documents that stand in a collection fit its schema, as far as they have been looked at.
struct SchemaReport {
  enum class State : std::uint8_t { checking, done, failed };
  struct Misfit {
    std::string id;
    std::string path;  // of the first violation
    std::string rule;
  };
  State state = State::checking;
  std::uint64_t checked = 0;
  std::uint64_t total = 0;  // about; documents come and go meanwhile
  std::uint64_t misfits = 0;
  std::vector<Misfit> first;  // of them, 100 at most; none where the caller may not read all documents
  std::string failure;        // of a failed one: why
};

// The schema of a collection.
struct SchemaDescription {
  std::string schema;  // JSON, as it was given, minified
  std::string mode;    // "strict" or "warn"
  // Writes that did not fit, since the database was opened or the schema set.
  std::uint64_t refused = 0;
  std::uint64_t warned = 0;
  SchemaReport report;
};

// Schemas: what new documents of a collection look like, and which old ones do not. Callable from every
// thread; arguments that are views or references need to live until the call returns. May block the thread
// it is called on.
//
// Errors of every call: unauthenticated, forbidden, not_found (database, collection, or field "schema": the
// collection has none), deadline, cancelled, unavailable, corrupt, io.
class Schemas {
 public:
  virtual ~Schemas() = default;

  // {"schema": SCHEMA, "mode": MODE}. Answers when it is durable and in force: no write that is answered
  // later has escaped it. What stands in the collection is looked through behind it, while writes go on.
  // Errors: invalid (the field is a path, inside the schema a JSON Pointer: "schema/properties/a/type"),
  // too_large.
  virtual void set_schema(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                          std::string_view definition, Completion<SchemaDescription> done) = 0;
  // Begins to look through the collection where nobody has since the process started.
  virtual void schema(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                      Completion<SchemaDescription> done) = 0;
  virtual void drop_schema(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                           Completion<void> done) = 0;
};

}  // namespace quire::engine
