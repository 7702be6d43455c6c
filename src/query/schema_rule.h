#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "database/document_rule.h"
#include "document/schema.h"

namespace quire::query {

// What a schema does with a document that does not fit: refuse it, or take it and tell.
enum class SchemaMode : std::uint8_t { strict, warn };
std::string_view name(SchemaMode mode);

// A collection's schema as it is set and stored: {"schema": SCHEMA, "mode": "strict" or "warn"}; without a
// mode it is strict.
struct SchemaDefinition {
  document::Schema schema;
  SchemaMode mode = SchemaMode::strict;

  // `json` is not validated before. Errors: invalid, too_large; the field is the path of the member, inside
  // the schema a JSON Pointer behind it ("schema/properties/a/type").
  static Result<SchemaDefinition> parse(std::string_view json);
  // What the record of the rule holds, docs/formats/records.md; parse() takes it too.
  std::string print() const;
};

// How a document does not fit, at most 20 places: the members of a JSON object, without its braces:
//   "violations":[{"path":"a.b","rule":"maximum","message":"must be at most 10"}]
// and "more":true where there are more. Nothing that the document holds.
std::string print_violations(const document::Violations& violations);

// How many documents of a collection were written that do not fit.
struct SchemaFigures {
  std::uint64_t refused = 0;  // by strict
  std::uint64_t warned = 0;   // by warn, and written
};

// The schema of a collection as the rule that its shard holds new texts against. What refuses is the error
// invalid: its field the path of the first violation, its message what is wrong there, its detail all of
// them. Design documents are none of its business.
class SchemaRule final : public database::DocumentRule {
 public:
  SchemaRule(SchemaDefinition definition, std::string collection, const Clock& clock, Log* log,
             std::atomic<std::uint64_t>& refused, std::atomic<std::uint64_t>& warned)
      : definition_(std::move(definition)),
        collection_(std::move(collection)),
        clock_(clock),
        log_(log),
        all_refused_(refused),
        all_warned_(warned) {}

  Status check(std::string_view id, std::string_view body) const override;

  const SchemaDefinition& definition() const { return definition_; }
  // Since the database was opened, or the schema set. A write that is worked out again counts again.
  SchemaFigures figures() const;

 private:
  void warn(std::string_view id, const document::Violation& first) const;

  const SchemaDefinition definition_;
  const std::string collection_;
  const Clock& clock_;
  Log* const log_;
  std::atomic<std::uint64_t>& all_refused_;
  std::atomic<std::uint64_t>& all_warned_;
  mutable std::atomic<std::uint64_t> refused_{0};
  mutable std::atomic<std::uint64_t> warned_{0};
  mutable std::mutex mutex_;
  mutable SteadyTime silent_until_{};  // guarded by mutex_
};

// What does not fit of one document; none: it fits. Errors: corrupt, exhausted.
Result<document::Violations> violations_of(const document::Schema& schema, std::string_view id,
                                           std::string_view body);

// Makes them. Outlives its rules.
class SchemaRules final : public database::DocumentRuleFactory {
 public:
  static constexpr std::string_view kKind = "schema";

  // `log` null: nothing is written.
  SchemaRules(const Clock& clock, Log* log) : clock_(clock), log_(log) {}
  std::string_view kind() const override { return kKind; }
  Result<std::shared_ptr<const database::DocumentRule>> make(std::string_view collection,
                                                             std::string_view definition) const override;
  // Of all collections, since the start.
  SchemaFigures figures() const { return {.refused = refused_, .warned = warned_}; }

 private:
  const Clock& clock_;
  Log* const log_;
  mutable std::atomic<std::uint64_t> refused_{0};
  mutable std::atomic<std::uint64_t> warned_{0};
};

}  // namespace quire::query
