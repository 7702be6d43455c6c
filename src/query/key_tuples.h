#pragma once

#include <functional>
#include <span>

#include "base/result.h"
#include "document/collation.h"
#include "document/key_encoding.h"
#include "document/path.h"
#include "document/value.h"

namespace quire::query {

// The values under several paths of one document, as an index has them (value_index.h) and a sort orders by
// them (sort.h): a tuple for each entry. Gives `each` a value a path.
class KeyTuples {
 public:
  // A step that is the place of an element and may be the name of a member in the elements too leads both
  // ways, as filters go; or to the element alone.
  enum class Numbers : std::uint8_t { both_ways, places };
  using Paths = std::span<const document::Path* const>;
  struct Found {
    bool multikey = false;  // an array was gone through
    bool places = false;    // by a step that is a place in it, and may be a member's name in its objects too
  };
  using Each = std::function<Status(std::span<const document::Value* const>)>;

  // Errors: invalid where two paths go through different arrays, with the second one's text as its field;
  // those of `each`.
  static Status visit(const document::Value& document, Paths paths, Numbers numbers, Found& found,
                      const Each& each);

  // The key of one value of a tuple: what is missing stands as null, and an array without elements in front
  // of all values.
  static void append_key(const document::Value* value, document::Direction direction,
                         const document::Collation* collation, std::string& out);
};

}  // namespace quire::query
