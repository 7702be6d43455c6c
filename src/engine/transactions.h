#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "document/revision.h"
#include "engine/address.h"
#include "engine/body.h"
#include "engine/caller.h"
#include "engine/completion.h"
#include "engine/documents.h"
#include "engine/types.h"

namespace quire::engine {

// One operation of a transaction. Texts are JSON as it came from outside.
//
// Operations see what those before them did to the same document. `expected` and `filter` without an id speak
// of the documents as they were before the transaction.
struct TransactionStep {
  enum class Kind : std::uint8_t {
    insert,   // a document that is not there; without an id one is made
    update,   // `update` changes the document
    replace,  // `body` stands in its place
    remove,
    check,  // changes nothing, and fails where what it says does not hold
  };

  Kind kind = Kind::insert;
  std::string collection = "_default";
  std::string id;
  // Of update, replace and remove without an id: changes one document that matches, whichever. Of check: what
  // the document matches.
  std::string filter;
  std::optional<document::Revision> expected;  // the document is at this revision
  std::optional<bool> exists;                  // of check: whether there is a document
  Body body;                                   // of insert and replace
  std::string update;                          // operators
  std::string array_filters;
  std::string collation;  // by which `filter` and `update` compare strings; empty: by code point
  bool upsert = false;    // of update and replace, with an id: the document is made where it is not there
};

// Transactions: operations on documents of one database, done in order and in one batch, all or none.
// Serializable: whatever a transaction found, in checks too, is still so when it is committed; a transaction
// whose documents have moved meanwhile is worked out again. Callable from every thread; arguments that are
// views or references need to live until the call returns. May block the thread it is called on where the
// disk is needed or a filter looks for a document.
class Transactions {
 public:
  virtual ~Transactions() = default;

  // A row an operation: the document and the revision that the transaction left it at. Of `options`,
  // `atomic` and `memory_only` do not count; a retry with the same request id gets the first answer, though
  // filters may find others by then.
  //
  // Errors: as Documents::write(); the field begins with the operation ("operations[2].filter.a.$gt").
  // conflict: a check did not hold, or a document is not at the revision expected; not_found: there is no
  // such document, or none that matches; exists; invalid; too_large (more than 4096 operations, or too many
  // bytes).
  virtual void run(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                   std::vector<TransactionStep> steps, const WriteOptions& options,
                   Completion<WriteResult> done) = 0;
};

}  // namespace quire::engine
