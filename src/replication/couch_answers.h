#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replication/types.h"

// What a server of CouchDB's protocol answers, read with distrust: sizes were bounded by whoever received the
// text, everything else is looked at here. Nothing of an answer stands in an error. Pure functions.
namespace quire::replication {

// The error of an answer with this status; none of one that is fine.
std::optional<Error> error_of_status(unsigned status);

// The id of the server in its welcome; empty where it tells none.
std::string server_id(std::string_view welcome);

struct CouchDatabase {
  std::string started;  // instance_start_time; empty or "0" where it means nothing
  SourcePosition position;
};
// Errors (here and below): invalid, where the text is no such answer.
Result<CouchDatabase> parse_database(std::string_view text);

// A _local document: its revision, and its members without those of the protocol.
Result<StoredCheckpoint> parse_local(std::string_view text);
// The revision in the answer of a write.
Result<std::string> parse_written(std::string_view text);

// Every leaf but the first is taken for a live one: the answer does not say. too_large: more rows than were
// asked for, and some.
Result<ChangesPage> parse_changes(std::string_view text, std::uint32_t limit);

// `asked` by place: names that were not asked about are passed over.
Result<std::vector<MissingOf>> parse_revs_diff(std::string_view text, const std::vector<RevisionsOf>& asked);

// The documents of the first `count` that were asked for.
Result<FetchedRevisions> parse_bulk_get(std::string_view text, const std::vector<WantedRevisions>& asked,
                                        std::size_t count);
// The leaves of one document, by open_revs.
Result<FetchedRevisions> parse_open_revisions(std::string_view text, const DocumentName& name);
// True where an answer 404 is about the document, and not about its database.
bool says_that_document_is_missing(std::string_view text);
// A document with `_id`, `_rev`, `_revisions`, `_attachments`.
Result<TravellingRevision> parse_couch_document(std::string_view text, const DocumentName& name);

// The rows that failed: their places, by the ids and revisions that they name.
Result<WrittenRevisions> parse_bulk_docs(std::string_view text,
                                         const std::vector<const TravellingRevision*>& sent);

}  // namespace quire::replication
