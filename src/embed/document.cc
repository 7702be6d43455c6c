#include "base/bytes.h"
#include "embed/convert.h"
#include "engine/body.h"
#include "engine/documents.h"

QUIRE_NAMESPACE_BEGIN

std::string Document::revision() const {
  std::string text = std::to_string(generation_);
  text.push_back('-');
  if (hash_[0] != '\0') {
    text.append(hash_.data(), hash_.size());
  } else {
    text += other_hash_;
  }
  return text;
}

std::string Document::json() const {
  std::string text;
  engine::print_document(id_, revision(), deleted_, body_, text);
  return text;
}

Result<std::vector<Attachment>> Document::attachments() const {
  std::vector<Attachment> list;
  if (attachments_.empty()) return list;
  engine::Document stored;
  stored.attachment_list = attachments_;
  const auto decoded = engine::attachments_of(stored);
  if (!decoded) return to_public(decoded.error());
  list.reserve(decoded->size());
  for (const auto& attachment : *decoded) list.push_back(to_public(attachment));
  return list;
}

QUIRE_NAMESPACE_END
