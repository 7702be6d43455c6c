#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/revision.h"
#include "engine/body.h"

namespace quire::api::couch {

// A document as the protocol writes it.
struct ParsedDocument {
  std::optional<std::string> id;
  std::optional<document::Revision> revision;  // `_rev`
  std::string revision_text;                   // the same as it came
  std::vector<document::Revision> path;        // `_revisions`, newest first; empty: not given
  bool deleted = false;
  std::string attachments;  // the JSON of `_attachments`; empty: not given
  engine::Body body;
};

// Validates the text, takes out what says what the document is, and drops what the server computes. Errors:
// bad_request, illegal_docid, doc_validation, too_large.
Result<ParsedDocument> parse_document(std::string_view text);
// Of `_local/`, whose revisions are none: `revision` stays empty.
Result<ParsedDocument> parse_local(std::string_view text);

// Whether a document may have this id: one that begins with "_" is of `_design/` or `_local/`. Errors:
// illegal_docid.
Status check_document_id(std::string_view id);

// "N-HASH". Errors: bad_request.
Result<document::Revision> parse_revision(std::string_view text);

inline bool is_local(std::string_view id) { return id.starts_with("_local/"); }

}  // namespace quire::api::couch
