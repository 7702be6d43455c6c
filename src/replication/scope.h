#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "document/filter.h"
#include "replication/types.h"

namespace quire::replication {

// Which documents a replication is about; all parts hold together. A value; cheap to copy.
//
// A deletion is in the scope of every selector, because the text that could have matched is gone; the
// replicator sends it only where the target knows the document. A document that once was in the scope and is
// no more stays at the target as it was.
class Scope {
 public:
  // Every document.
  Scope() = default;
  // Empty parts ask for nothing. An id is one of every collection, "COLLECTION:ID" of that one. `selector` is
  // a filter's text (document/filter.h). Errors: invalid, too_large (more than kScopeIds).
  static Result<Scope> make(std::vector<std::string> ids, std::string collection, std::string_view selector);

  bool everything() const { return part_ == nullptr; }
  const std::vector<std::string>& ids() const;  // rising, each once
  const std::string& collection() const;
  const std::string& selector() const;     // as the filter prints itself; empty: none
  const document::Filter* filter() const;  // null: none

  // By name alone, without the selector. A name without a collection is asked as "COLLECTION:ID".
  bool covers(const DocumentName& name) const;

  // The same text for the same scope: part of the checkpoint's name.
  std::string text() const;

 private:
  struct Part;
  std::shared_ptr<const Part> part_;
};

}  // namespace quire::replication
