#pragma once

#include <string>
#include <string_view>

#include "engine/documents.h"

// How documents read in answers.
namespace quire::api::rest {

// With _id and _rev, then what was asked for besides, then its own members.
struct DocumentMembers {
  bool conflicts = false;    // _conflicts
  bool ancestors = false;    // _revisions
  bool attachments = false;  // _attachments
};
// Errors: corrupt.
Status print_document(std::string_view id, const engine::Document& document, const DocumentMembers& members,
                      std::string& out);

// "N-hash" in quotes.
std::string entity_tag(const document::Revision& revision);

}  // namespace quire::api::rest
