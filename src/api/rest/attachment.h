#pragma once

#include <string>

#include "api/rest/rest_call.h"

// What the endpoints of attachments share.
namespace quire::api::rest {

// The attachment that a request names, and the revision of the document that it stands in.
struct FoundAttachment {
  engine::Attachment attachment;
  document::Revision revision;
};
// Errors: not_found, and those of a get.
Result<FoundAttachment> find_attachment(const RestCall& call);

// The head of an answer with its bytes. A browser that opens it is told to run nothing of it, and to save it
// unless its type is one that can do no harm.
net::Response attachment_head(const engine::Attachment& attachment);
// With another tag.
net::Response attachment_head(const engine::Attachment& attachment, std::string_view tag);

// The digest in quotes: equal bytes have equal tags.
std::string attachment_tag(const engine::Attachment& attachment);

// Finishes a change of attachments: the condition, the error in the request's words, the answer.
Result<net::Response> written_answer(const RestCall& call, Result<engine::WriteResult> result,
                                     unsigned status);

}  // namespace quire::api::rest
