#pragma once

#include <vector>

#include "document/path.h"
#include "document/value.h"

namespace quire::query {

// Appends the values that a path of a document leads to, as filters see them; null for a member that is
// missing:
//
// - Arrays on the way are gone through; an element that a step names by its index is a value as it stands.
// - An array at the end is replaced by its elements, and an empty one stands for itself.
// - An array on the way that has neither objects nor such an element gives nothing.
//
// The views live as long as the document.
void collect_values(const document::Value& document, const document::Path& path,
                    std::vector<const document::Value*>& out);

// Appends the values that a path leads to, as distinct and the near side of a join see them; nothing for a
// member that is missing:
//
// - A step that is a number names the element of an array, whatever that is; with any other one, arrays are
// gone
//   through, as far as their elements are objects.
// - An array at the end is replaced by its elements, which there may be none of.
void collect_elements(const document::Value& document, const document::Path& path,
                      std::vector<const document::Value*>& out);

}  // namespace quire::query
