#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replication/source.h"
#include "replication/types.h"

// What a client of CouchDB's protocol says. Pure functions.
namespace quire::replication {

// Whatever is not a letter, a digit or one of -._~ becomes an escape.
std::string url_encode(std::string_view text);

// A document's name there: ids of _default as they are, others as "COLLECTION:ID".
std::string couch_name(const DocumentName& name);
// The path of a document below its database ("/orders%3A7", "/_design/a").
std::string couch_path(std::string_view name);

// The query of _changes, and its body: empty where it is a GET.
std::string changes_query(const SourcePosition& since, const ChangesOptions& options);
std::string changes_body(const Scope& scope);

std::string revs_diff_body(const std::vector<RevisionsOf>& documents);
// The query that asks a document for these revisions, or for the leaves that came of them.
std::string open_revisions_query(const std::vector<document::Revision>& revisions);
std::string bulk_get_body(const std::vector<WantedRevisions>& wanted, std::size_t count);

// The text of a document with `_id`, `_rev`, `_revisions`, `_deleted`, and its attachments as parts that
// follow, in their order.
std::string couch_document(const TravellingRevision& revision);
std::string bulk_docs_body(const std::vector<const TravellingRevision*>& revisions);

}  // namespace quire::replication
