#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "engine/address.h"
#include "engine/caller.h"
#include "engine/types.h"

namespace quire::engine {

// What a caller wants to do. Each call of the engine asks for exactly one of these, for each thing it
// touches.
enum class Action : std::uint8_t {
  read,        // a document, its revisions and attachments; counting and listing documents
  write,       // make, change or remove documents
  follow,      // read the feed of changes
  describe,    // see that a database or collection is there, with its figures
  manage,      // create and drop collections
  administer,  // create and remove databases, settings, backup, verify
};

// What an action is about. An empty collection means the database as a whole, an empty database the whole
// node.
struct Target {
  DatabaseAddress database{.name = {}, .owner = {}};
  std::string_view collection = {};
};

// A document that a predicate is asked about. `body` is minified text.
struct Candidate {
  std::string_view collection;
  std::string_view id;
  std::string_view body;
};

// Which documents of a target an allowed action covers. Cheap to copy; callable from every thread.
class Predicate {
 public:
  using Rule = std::function<bool(const Candidate&)>;

  // Holds for every document.
  Predicate() = default;
  explicit Predicate(Rule rule) : rule_(std::make_shared<const Rule>(std::move(rule))) {}

  // True where there is nothing to ask, so that a count can be answered without looking at documents.
  bool always() const { return rule_ == nullptr; }
  bool holds(const Candidate& candidate) const { return rule_ == nullptr || (*rule_)(candidate); }

 private:
  std::shared_ptr<const Rule> rule_;
};

// Deny, with the error that the caller gets; or allow, where the predicate holds. A document for which it
// does not hold is, for this caller, not there.
using Decision = Result<Predicate>;

// The one place where authority is decided. Every call of the engine asks it once a target, and applies the
// predicate to every document that it reads, counts, lists, feeds or writes. Answers from memory.
// Thread-safe.
class Authority {
 public:
  virtual ~Authority() = default;
  virtual Decision decide(const Caller& caller, Action action, const Target& target) const = 0;
  // What a change of the database is fenced by. Asked before decide(), so that a reservation that begins
  // between the two, or later, refuses the change.
  virtual database::Fence fence(const DatabaseAddress& database) const = 0;
  // How many bytes of documents the database may hold; 0: no limit.
  virtual std::uint64_t byte_limit(const DatabaseAddress& database) const = 0;
  // A database that has been removed: nothing that was said of it stays.
  virtual Status removed(std::string_view id) const = 0;
};

// Of a node without accounts: the owner of the process may do everything, and nobody else anything.
const Authority& owner_alone();

}  // namespace quire::engine
