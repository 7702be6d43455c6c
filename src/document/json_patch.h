#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "document/arena.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::document {

// JSON Patch (RFC 6902): a list of operations, done in order, all or none.
//
//   [{"op": "test", "path": "/n", "value": 1}, {"op": "add", "path": "/list/-", "value": {"a": 1}}]
//
// Equality, for "test", is that of the specification: numbers by value, objects whatever the order of their
// members. A handle on something that never changes: copying is cheap, every thread may use it.
class JsonPatch {
 public:
  // `minified` is text that minify() made. Errors: invalid, the field naming the operation ("[2].path");
  // too_large for more than kPatchOperations of them.
  static Result<JsonPatch> parse(std::string_view minified);

  // Does the operations to `target`, whose text outlives it; what is added is copied into the arena. Errors:
  // precondition, for a test that fails and a place that is not there; too_large, for a result that nests
  // deeper than the limits allow, and for copies that together hold more bytes than they allow a document.
  // The target is then half done, and of no use.
  Status apply(Value& target, const JsonLimits& limits, Arena& arena) const;

 private:
  struct State;
  explicit JsonPatch(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

}  // namespace quire::document
