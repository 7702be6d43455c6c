#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/documents.h"
#include "quire/quire.h"

// Between the words of the engine and those of the public headers.
QUIRE_NAMESPACE_BEGIN

Error to_public(const quire::Error& error);
Status to_public(const quire::Status& status);
Written to_public(engine::EditResult&& result, engine::Durability durable);
Attachment to_public(const engine::Attachment& attachment);

// Empty text: none.
quire::Result<std::optional<document::Revision>> parse_revision(const std::string& text);

struct DocumentAccess {
  static void fill(Document& out, const document::Revision& revision, bool deleted);
  static Document make(std::string_view id, engine::Document&& found);
  // Of a listing. Copies the text.
  static Document copy(const engine::ListRow& row);
};

QUIRE_NAMESPACE_END
