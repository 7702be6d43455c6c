#pragma once

#include <functional>
#include <span>

#include "base/result.h"
#include "document/path.h"
#include "document/value.h"

namespace quire::query {

// The values under several paths of one document, as an index has them (value_index.h): a tuple for each
// entry. Gives `each` a value a path; null stands for one that is missing.
class KeyTuples {
 public:
  using Paths = std::span<const document::Path* const>;
  struct Found {
    bool multikey = false;  // an array was gone through
    bool places = false;    // by a step that is a place in it, and may be a member's name in its objects too
  };
  using Each = std::function<Status(std::span<const document::Value* const>)>;

  // Errors: invalid where two paths go through different arrays, with the second one's text as its field;
  // those of `each`.
  static Status visit(const document::Value& document, Paths paths, Found& found, const Each& each);
};

}  // namespace quire::query
