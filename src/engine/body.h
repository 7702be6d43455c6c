#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/json.h"
#include "document/revision.h"

namespace quire::engine {

// A document's text that has passed the validating walk: minified, without reserved members. Whoever takes a
// Body need not look at it again.
class Body {
 public:
  // "{}"
  Body() : text_("{}") {}
  // The caller has looked at the reserved members.
  explicit Body(document::SplitDocument&& split) : text_(std::move(split.body)) {}
  // Text that is stored already, as a read found it.
  static Body stored(std::string text) { return Body(std::move(text)); }

  const std::string& text() const { return text_; }
  std::string take() && { return std::move(text_); }

 private:
  explicit Body(std::string&& text) : text_(std::move(text)) {}

  std::string text_;
};

// A document as people write it: its members, and beside them those that say what it is.
struct ParsedDocument {
  Body body;
  std::optional<std::string> id;  // `_id`: a string, or {"$oid": "24 hexadecimal digits"}; small letters
  std::optional<document::Revision> revision;  // `_rev`
  bool deleted = false;                        // `_deleted`
};

// Validates the text and takes the reserved members out. Errors: invalid or too_large, with the path in
// `field`; any other member whose name begins with "_" is invalid.
Result<ParsedDocument> parse_document(std::string_view text, const document::JsonLimits& limits);

// Appends the document with `_id` first, then `_rev` where there is one, then `_deleted` where it is, then
// its own members.
void print_document(std::string_view id, std::string_view revision, bool deleted, std::string_view body,
                    std::string& out);

}  // namespace quire::engine
