#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "document/revision.h"
#include "engine/address.h"
#include "engine/caller.h"
#include "engine/completion.h"
#include "engine/types.h"

namespace quire::engine {

// Texts are JSON as it came from outside; an empty one says nothing. What is wrong in one is the error
// invalid, whose field begins with the name of the member here ("filter.a.$gt").
struct FindRequest {
  std::string filter{};
  std::string sort{};        // {"a.b": 1, "c": -1}
  std::string projection{};  // {"a": 1}, {"a": 0}, with $slice and $elemMatch
  std::string collation{};   // {"locale": "de", "strength": 2, ...}
  std::string hint{};        // the name of an index; "$natural": none
  std::string cursor{};      // FindEnd::next of the page before; the rest of the request must be as it was
  std::uint64_t skip = 0;
  std::uint64_t limit = 0;       // 0: no limit
  std::uint64_t scan_limit = 0;  // documents that may be looked at; 0: the setting
  bool plain_json = false;       // of `filter`, as document::FilterLimits has it
};

// A document of an answer; the views are valid during the call that shows it.
struct FoundRow {
  std::string_view id;     // of a document; empty where an aggregation made the row
  std::string_view value;  // the document, "_id" and all, projected
};
// False ends the query; the cursor then stands behind the row that it was given.
using RowSink = std::function<bool(const FoundRow&)>;

// How a query was answered.
struct QueryStats {
  std::uint64_t returned = 0;  // of a change: matched
  std::uint64_t scanned = 0;   // documents looked at
  std::uint64_t entries = 0;   // index entries walked over
  std::uint64_t spilled_bytes = 0;
  std::chrono::microseconds time{0};
  std::string index;   // the one that was used; empty: none
  std::string advice;  // where no index served: the one that would, and why
};

struct FindEnd {
  QueryStats stats;
  std::string next;  // the cursor of the next page; empty at the end
};

struct AggregateRequest {
  std::string pipeline;  // an array of stages
  std::string collation;
  std::string hint;
};

struct UpdateRequest {
  std::string filter{};
  std::string update{};  // operators
  std::string array_filters{};
  std::string collation{};
  bool many = false;
  bool upsert = false;
};
struct UpdateResult {
  std::uint64_t matched = 0;
  std::uint64_t modified = 0;
  std::string upserted_id{};  // empty: none
  Durability durable = Durability::disk;
  QueryStats stats;
};

struct FindAndModifyRequest {
  std::string filter{};
  std::string update{};  // operators, or a whole document; with `remove`: empty
  std::string array_filters{};
  std::string sort{};
  std::string projection{};
  std::string collation{};
  bool remove = false;
  bool upsert = false;
  bool after = false;  // answer the document as it is now, not as it was
};
struct FindAndModifyResult {
  std::optional<std::string> document;
  std::string upserted_id{};
  Durability durable = Durability::disk;
};

struct IndexDescription {
  std::string name;
  std::string definition;  // JSON, as it was given, normalised
  enum class State : std::uint8_t { building, ready, failed };
  State state = State::building;
  std::uint64_t done = 0;  // documents of a build
  std::uint64_t total = 0;
  std::string failure;  // of a failed build: why ("two documents have one key of 'a'..."), without values
};

// Queries: finding documents by what is in them, changing what was found, and the indexes and schemas that
// serve. Callable from every thread; arguments that are views or references need to live until the call
// returns. All of it may take long and block the thread it is called on. A call asks decide() for its action
// and applies the predicate to every document that it meets, before anything is counted, grouped or sorted.
//
// Errors of every call: unauthenticated, forbidden, not_found (database or collection), invalid, exhausted
// (a budget of the query, named), deadline, cancelled, unavailable, corrupt, io.
class Queries {
 public:
  virtual ~Queries() = default;

  // In the order of `sort`; without one, in that of the plan.
  virtual void find(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                    const FindRequest& request, const RowSink& sink, Completion<FindEnd> done) = 0;
  // The plan as a printed tree, with rows and times of each operator where it is run.
  virtual void explain(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                       const FindRequest& request, bool run, Completion<std::string> done) = 0;
  virtual void count(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                     const FindRequest& request, Completion<std::uint64_t> done) = 0;
  // The distinct values at a path, in order, as a JSON array.
  virtual void distinct(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                        std::string_view path, const FindRequest& request, Completion<std::string> done) = 0;
  virtual void aggregate(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                         const AggregateRequest& request, const RowSink& sink,
                         Completion<QueryStats> done) = 0;

  // Each document atomically, those that match at the moment of their change. Errors also: conflict, where a
  // document kept moving away.
  virtual void update(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                      const UpdateRequest& request, Durability durability, Completion<UpdateResult> done) = 0;
  virtual void remove(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                      const UpdateRequest& request, Durability durability, Completion<UpdateResult> done) = 0;
  virtual void find_and_modify(const Caller& caller, const CallLimits& limits,
                               const CollectionAddress& address, const FindAndModifyRequest& request,
                               Durability durability, Completion<FindAndModifyResult> done) = 0;

  // Answers when the definition is durable; the index is built behind it, while writes go on, and is used
  // when it is ready. The same definition again changes nothing. Errors: invalid, exists (another definition
  // of this name), exhausted.
  virtual void create_index(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                            std::string_view name, std::string_view definition,
                            Completion<IndexDescription> done) = 0;
  virtual void drop_index(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                          std::string_view name, Completion<void> done) = 0;
  virtual void indexes(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                       Completion<std::vector<IndexDescription>> done) = 0;
};

}  // namespace quire::engine
