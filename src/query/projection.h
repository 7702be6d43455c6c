#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/arena.h"

namespace quire::document {
class Collation;
}

namespace quire::query {

// Which members of a document are answered:
//
//   {"a": 1, "b.c": 1}     these and the id       {"a": 0}    all but these
//   {"a": {"$slice": 5}}   so many elements of an array, from the end where it is negative; [skip, count]
//   {"a": {"$elemMatch": FILTER}}   the first element that the filter finds, if any
//
// "_id" is answered unless it is 0, beside either kind. $elemMatch counts among the former kind; $slice goes
// with both, and alone leaves the rest as it is. A path goes through arrays; elements that a path cannot go
// into are left out by the former kind and kept by the latter. Members keep their order, and what is answered
// of them is byte for byte what is stored.
//
// A handle on something that never changes; every thread may use it.
class Projection {
 public:
  // All of a document.
  Projection() = default;
  // An empty text, and {}, are all of a document. `collation`: of the filters in it; null: none. Errors:
  // invalid, too_large; the field is the path that is at fault.
  static Result<Projection> parse(std::string_view json,
                                  std::shared_ptr<const document::Collation> collation = nullptr);

  bool everything() const { return tree_ == nullptr; }
  // Nothing but the id is answered, so that the body need not be read.
  bool id_alone() const;

  // Appends {"_id": ..., ...}. `scratch` is reset. Errors: corrupt.
  Status append(std::string_view id, std::string_view body, document::Arena& scratch, std::string& out) const;

 private:
  struct Tree;
  friend class ProjectionParser;
  friend class Projector;
  std::shared_ptr<const Tree> tree_;
};

}  // namespace quire::query
