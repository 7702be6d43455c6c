#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/couch/attachments_in.h"
#include "api/couch/body_scan.h"
#include "api/couch/couch_call.h"
#include "api/couch/document_in.h"
#include "api/couch/names.h"
#include "engine/documents.h"

// How documents are written: what a request says becomes a change of the engine's.
namespace quire::api::couch {

// A document and how it is to be written.
struct DocumentWrite {
  std::string id;
  ParsedDocument document;
  std::vector<ScannedDocument::Data> data;     // of attachments that came inside it
  std::vector<ScannedDocument::Data> follows;  // of those that came behind it
  std::optional<document::Revision> expected;
  bool new_edits = true;
  bool remove = false;  // by DELETE: a document that is not there is 404
  std::optional<std::vector<engine::Attachment>> attachments;  // instead of what the document says

  // Whether something must be read before it can be written.
  bool needs_reading() const { return !document.attachments.empty() && !attachments; }
};

// Of a request for one document: which revision it names, in its query, its head or its body. Errors:
// bad_request, for an invalid one and for two that differ.
Status take_revision(const CouchCall& call, DocumentWrite& write);
// Errors: query_parse_error.
Status take_options(const CouchCall& call, DocumentWrite& write);

// The path of a revision that comes from elsewhere. Errors: bad_request.
Result<std::vector<document::Revision>> path_of(const ParsedDocument& document);

// The change at a place. Reads where needs_reading(), and so may block then. Errors: bad_request,
// missing_stub, conflict.
Result<engine::Change> make_change(const CouchCall& call, const Place& place, DocumentWrite& write);

// The engine's error of a row in the words of the protocol. Of revisions that come from elsewhere, what can
// never be taken is `forbidden`: a replicator counts such a document, and goes on.
Error explain_write(const Error& error, bool remove, bool new_edits);

// Reads the body, whole or as it comes.
Status scan_body(const CouchCall& call, BodyScan& scan);
// Of what one request may hold.
BodyScan::Bounds body_bounds(const CouchCall& call);

// Reads what the request says of one document; on the connection's thread, and where that has to read
// something first, again on one that may block.
using MakeWrite = Result<DocumentWrite> (*)(CouchCall& call);
// Writes it and answers: without blocking where the document is in memory.
void write_document(const Call& call, MakeWrite make);
// The same, blocking.
Result<net::Response> write_blocking(CouchCall& call, DocumentWrite write);

// What the query or the head names, as it came; a body may have its own. Empty: none.
std::string_view named_revision(const CouchCall& call);

// {"ok":true,"id","rev"}, tagged with the revision.
net::Response written(std::string_view id, std::string_view revision, unsigned status);
net::Response written_answer(const CouchCall& call, std::string_view id, const engine::EditResult& made,
                             bool remove);

}  // namespace quire::api::couch
