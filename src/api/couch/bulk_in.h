#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/revision.h"

// What requests for many documents say, as the protocol writes it. Pure functions.
namespace quire::api::couch {

// Of `_bulk_docs`: `text` is its object without the documents. Whether new revisions are made of them.
// Errors: bad_request.
Result<bool> parse_new_edits(std::string_view text);

// Of `_revs_diff`: the revisions of one document that are asked about.
struct AskedRevisions {
  std::string id;
  std::vector<document::Revision> revisions;
};
// {"ID": ["N-HASH", ...], ...}. Errors: bad_request.
Result<std::vector<AskedRevisions>> parse_asked(std::string_view body);

// Of `_bulk_get`: one revision of a document, or without one its winner.
struct WantedRevision {
  std::string id;
  std::string revision_text;  // as it came; empty: not given
  std::optional<document::Revision> revision;
  std::optional<Error> bad;  // of a text that is no revision: its row of the answer
};
// {"docs": [{"id": ID, "rev": "N-HASH"?}, ...]}. Errors: bad_request, too_large.
Result<std::vector<WantedRevision>> parse_wanted(std::string_view body);

}  // namespace quire::api::couch
