#include "embed/convert.h"

#include <cstring>

#include "base/bytes.h"

QUIRE_NAMESPACE_BEGIN

// The two lists of codes, and the other enumerations, are the same list twice: once for us, once for
// programs.
static_assert(static_cast<int>(ErrorCode::not_found) == static_cast<int>(quire::ErrorCode::not_found));
static_assert(static_cast<int>(ErrorCode::too_large) == static_cast<int>(quire::ErrorCode::too_large));
static_assert(static_cast<int>(ErrorCode::internal) == static_cast<int>(quire::ErrorCode::internal));
static_assert(static_cast<int>(Durability::disk) == static_cast<int>(engine::Durability::disk));
static_assert(static_cast<int>(Operation::purge) == static_cast<int>(engine::Operation::purge));

Error to_public(const quire::Error& error) {
  return {static_cast<ErrorCode>(error.code()), error.message(), error.field(), error.limit()};
}

Status to_public(const quire::Status& status) {
  if (!status) return to_public(status.error());
  return {};
}

Written to_public(engine::EditResult&& result, engine::Durability durable) {
  Written written;
  written.id = std::move(result.id);
  written.revision = result.revision.to_string();
  written.durable = static_cast<Durability>(durable);
  written.changed = result.sequence != 0;
  return written;
}

Attachment to_public(const engine::Attachment& attachment) {
  return {attachment.name, attachment.content_type, to_hex(attachment.digest), attachment.length};
}

quire::Result<std::optional<document::Revision>> parse_revision(const std::string& text) {
  if (text.empty()) return std::optional<document::Revision>();
  auto revision = document::Revision::parse(text);
  if (!revision) return std::move(revision).error().at("revision");
  return std::optional(*std::move(revision));
}

void DocumentAccess::fill(Document& out, const document::Revision& revision, bool deleted) {
  out.deleted_ = deleted;
  out.generation_ = revision.generation;
  document::RevisionHash::Digits digits;
  const std::string_view hash = revision.hash.text_in(digits);
  if (hash.size() == out.hash_.size()) {
    std::memcpy(out.hash_.data(), hash.data(), hash.size());
  } else {
    out.hash_[0] = '\0';
    out.other_hash_ = hash;
  }
}

Document DocumentAccess::make(std::string_view id, engine::Document&& found) {
  Document document;
  document.id_ = id;
  document.body_ = found.body;
  document.attachments_ = found.attachment_list;
  fill(document, found.revision, found.deleted);
  for (const auto& leaf : found.conflicts) document.conflicts_.push_back(leaf.revision.to_string());
  document.owner_ = std::move(found.bytes.data);
  return document;
}

Document DocumentAccess::copy(const engine::ListRow& row) {
  Document document;
  document.id_ = row.id;
  const std::shared_ptr<char[]> bytes(new char[row.body.size()]);
  std::memcpy(bytes.get(), row.body.data(), row.body.size());
  document.body_ = {bytes.get(), row.body.size()};
  document.owner_ = bytes;
  fill(document, row.revision, row.deleted);
  return document;
}

QUIRE_NAMESPACE_END
