#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "api/call.h"
#include "base/result.h"
#include "document/revision.h"
#include "engine/documents.h"

// How the bytes of an attachment leave, whatever the surface.
namespace quire::api {

// An attachment, where it stands, and what the surface says of it.
struct FoundAttachment {
  engine::DatabaseAddress database;  // as long as the call
  std::string collection;
  std::string id;
  document::Revision revision;  // of the document
  engine::Attachment attachment;
  std::string tag;     // in quotes: equal bytes have equal tags
  net::Response head;  // of an answer with all of the bytes
};

// Of the document that was read. Errors: not_found (attachment).
Result<engine::Attachment> attachment_of(const engine::Document& document, std::string_view name);

// The head of an answer with its bytes. A browser that opens it is told to run nothing of it, and to save it
// unless its type is one that can do no harm.
net::Response attachment_head(const engine::Attachment& attachment, std::string_view tag);

// Answers a GET with the bytes, or the part that a range names, or 304, or 416 with `beyond`. For a stream.
// `find` is asked again where the document has moved before the first byte was read. Errors: those of `find`
// and of reading; exhausted.
Status send_attachment(const Call& call, const std::function<Result<FoundAttachment>()>& find,
                       const Error& beyond);
// Answers a HEAD.
void send_attachment_head(const Call& call, FoundAttachment found);

}  // namespace quire::api
