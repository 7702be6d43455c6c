#pragma once

#include "document/changed_fields.h"
#include "document/value.h"

namespace quire::document {

// JSON Merge Patch (RFC 7396): members of the patch replace those of the target, null removes them, objects
// are merged. A special type ({"$date": ...}) counts as one value on both sides: it replaces and is replaced
// whole. `target` becomes the result; the text of both must outlive it. The patch itself stays as it was.
// Both nest no deeper than minify() allows, so the result does not either.
ChangedFields apply_merge_patch(Value& target, const Value& patch, Arena& arena);

}  // namespace quire::document
