#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quire::document {

// What an edit did to a document, as dotted paths, each list in order and each path once. Where an edit made
// containers on its way, the outermost one stands here; where it changed an array's length, the array.
struct ChangedFields {
  std::vector<std::string> updated;  // their values stand in the document
  std::vector<std::string> removed;

  bool empty() const { return updated.empty() && removed.empty(); }
  friend bool operator==(const ChangedFields&, const ChangedFields&) = default;
};

// What leads from one text of a document to the next: with the removed members taken out, and the updated
// ones set to what `after` holds (new ones at the end), `before` becomes `after` byte for byte. Both are
// minified objects. What the parts of a container cannot say is said by the container: where its members
// stand in another order, where a name holds a dot, is empty or begins with "$", and where the paths would
// take more than kChangedFieldsBytes. nullopt where that container is the document.
//
// Special types ({"$date": ...}) change as a whole. Errors: corrupt, where a text is not minified JSON.
Result<std::optional<ChangedFields>> difference(std::string_view before, std::string_view after);

}  // namespace quire::document
