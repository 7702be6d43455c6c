#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/couch/body_scan.h"
#include "api/couch/couch_call.h"
#include "api/couch/document_in.h"
#include "api/couch/names.h"
#include "base/coding.h"
#include "engine/documents.h"

namespace quire::api::couch {

// Writes attachments into the database of a call. On a thread that may block.
class BlobSink final : public AttachmentSink {
 public:
  explicit BlobSink(const CouchCall& call) : call_(call) {}
  Status begin() override;
  // Bytes that come in a content coding; none: as they are. Errors: bad_request, where it is not known.
  Status begin(std::string_view coding);
  Status write(std::string_view bytes) override;
  Result<engine::Attachment> finish() override;

 private:
  const CouchCall& call_;
  std::unique_ptr<engine::AttachmentWriter> writer_;
  std::unique_ptr<Unpacker> unpack_;  // null: nothing is packed
};

// The attachments of a new revision, of what its document says of them.
class AttachmentList {
 public:
  AttachmentList(const CouchCall& call, const Place& place) : call_(call), place_(place) {}

  // `follows` are those that come behind the document, in the order in which it names them. With `path` the
  // revision comes from elsewhere, with its ancestors; else it replaces `expected`. Errors: missing_stub,
  // bad_request, conflict.
  Result<std::vector<engine::Attachment>> make(std::string_view id, const ParsedDocument& document,
                                               const std::vector<ScannedDocument::Data>& data,
                                               const std::optional<document::Revision>& expected,
                                               const std::vector<document::Revision>& path,
                                               std::vector<ScannedDocument::Data>* follows = nullptr);

 private:
  using Known = std::vector<engine::Attachment>;
  Result<engine::Attachment> find_stub(std::string_view id, std::string_view name,
                                       const document::Value& said, bool by_digest);
  Status read_known(const std::optional<document::Revision>& expected,
                    const std::vector<document::Revision>& path);

  const CouchCall& call_;
  const Place& place_;
  std::optional<Known> known_;
};

// "md5-BASE64": how the protocol names the bytes of an attachment.
std::string digest_text(const engine::Attachment& attachment);

}  // namespace quire::api::couch
