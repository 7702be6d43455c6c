#pragma once

#include <string>
#include <string_view>

#include "api/couch/document_out.h"
#include "api/couch/write.h"

// A document with its attachments as a body of several parts (multipart/related), and several such.
namespace quire::api::couch {

// Whether the request's body is one.
bool is_related(const net::RequestHead& request);
// Whether the client asks for parts of this type ("multipart/mixed") by name.
bool wants_parts(const CouchCall& call, std::string_view type);

// Reads the body: the document, and behind it the attachments that it says follow. As a stream.
Status read_related(CouchCall& call, ScannedDocument& document, std::vector<ScannedDocument::Data>& follows);

// The head of an answer in parts.
net::Response parts_head(std::string_view type, std::string_view boundary);
// Appends the parts of one document, and their end. With `members.follow`, the bytes stand in parts of their
// own.
Status print_related(const CouchCall& call, const Place& place, std::string_view id,
                     const engine::Document& document, const DocumentMembers& members,
                     std::string_view boundary, const Out& out);
// Appends one part of several, without the document's own type in front where it has no bytes that follow.
Status print_part(const CouchCall& call, const Place& place, std::string_view id,
                  const engine::Document& document, const DocumentMembers& members, std::string_view boundary,
                  std::string_view more_fields, const Out& out);
// A part that says what is wrong.
void print_error_part(std::string_view boundary, std::string_view more_fields, std::string_view json,
                      std::string& out);

}  // namespace quire::api::couch
