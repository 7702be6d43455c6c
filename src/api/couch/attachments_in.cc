#include "api/couch/attachments_in.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "api/admission.h"
#include "api/couch/error.h"
#include "base/bytes.h"
#include "document/value.h"

namespace quire::api::couch {

namespace {

constexpr std::string_view kNoType = "application/octet-stream";
// Of the ancestors of a revision that comes from elsewhere, so many are asked for the attachments that it
// only names: its parent has them, unless that has gone.
constexpr std::size_t kAncestorsAsked = 16;

std::string text_of(const document::Value& object, std::string_view name) {
  const document::Value* const value = object.find(name);
  return value != nullptr && value->is_string() ? value->to_string() : std::string();
}

bool flag_of(const document::Value& object, std::string_view name) {
  const document::Value* const value = object.find(name);
  return value != nullptr && value->is_boolean() && value->as_boolean();
}

std::uint64_t number_of(const document::Value& object, std::string_view name) {
  const document::Value* const value = object.find(name);
  std::uint64_t number = 0;
  if (value == nullptr || !value->is_number()) return 0;
  const std::string_view text = value->number_text();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

const ScannedDocument::Data* find_data(const std::vector<ScannedDocument::Data>& data,
                                       std::string_view name) {
  for (const auto& one : data) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

// What the document says of bytes that came behind it.
Status check_claims(const std::string& name, const document::Value& said, const engine::Attachment& came) {
  const std::uint64_t length = number_of(said, "length");
  if (said.find("length") != nullptr && length != came.length) {
    return bad_request("Attachment '" + name + "' has another length than the document says");
  }
  return ok();
}

}  // namespace

std::string digest_text(const engine::Attachment& attachment) { return "md5-" + to_base64(attachment.md5); }

Status BlobSink::begin() {
  QUIRE_TRY(writer_, engine::wait<std::unique_ptr<engine::AttachmentWriter>>([&](auto done) {
              // The bytes are the database's, whichever of its documents comes to have them.
              call_.parts().documents.write_attachment(call_.call.caller, call_.call.limits(),
                                                       {.database = call_.database()}, std::move(done));
            }));
  return ok();
}

Status BlobSink::begin(std::string_view coding) {
  unpack_ = Unpacker::make(coding, call_.call.context.options().attachment_bytes);
  const bool packed = !coding.empty() && !same_ignoring_case(coding, "identity");
  if (packed && unpack_ == nullptr) return bad_request("an attachment comes in a coding that is not known");
  return begin();
}

Status BlobSink::write(std::string_view bytes) {
  if (!unpack_) return writer_->write(bytes);
  return unpack_->feed(bytes, [&](std::string_view piece) { return writer_->write(piece); });
}

Result<engine::Attachment> BlobSink::finish() {
  if (unpack_) QUIRE_TRY_STATUS(unpack_->finish());
  auto attachment = writer_->finish();
  writer_.reset();
  return attachment;
}

Status AttachmentList::read_known(const std::optional<document::Revision>& expected,
                                  const std::vector<document::Revision>& path) {
  known_.emplace();
  Status status = ok();
  const auto take = [&](engine::OpenedRevision& row) {
    if (!row.document) {
      // What is to be replaced is not there.
      if (path.empty()) status = document_conflict();
      return !path.empty();
    }
    auto list = engine::attachments_of(*row.document);
    if (!list) {
      status = list.error();
      return false;
    }
    for (auto& one : *list) known_->push_back(std::move(one));
    return true;
  };
  const auto open = [&](engine::OpenOptions options) -> Status {
    const auto done = engine::wait<void>([&](auto completion) {
      call_.parts().documents.open_revisions(call_.call.caller, call_.call.limits(),
                                             place_.in(call_.database()), place_.id, options, take,
                                             std::move(completion));
    });
    if (!done && done.error().code() != ErrorCode::not_found) return done.error();
    return status;
  };
  if (path.empty()) {
    if (expected) return open({.revisions = {*expected}});
    return open({.all_leaves = true});
  }
  std::vector<document::Revision> ancestors(
      path.begin(), path.begin() + static_cast<std::ptrdiff_t>(std::min(path.size(), kAncestorsAsked)));
  QUIRE_TRY_STATUS(open({.revisions = std::move(ancestors)}));
  return open({.all_leaves = true});
}

Result<engine::Attachment> AttachmentList::find_stub(std::string_view id, std::string_view name,
                                                     const document::Value& said, bool by_digest) {
  // What CouchDB keeps packed has the digest of the packed bytes.
  const bool packed = said.find("encoding") != nullptr;
  const std::string digest = text_of(said, "digest");
  const auto same_bytes = [&](const engine::Attachment& one) {
    if (!by_digest) return true;
    if (packed) return one.length == number_of(said, "length");
    return digest.empty() || digest_text(one) == digest;
  };
  const auto found = std::find_if(known_->begin(), known_->end(), [&](const engine::Attachment& one) {
    return one.name == name && same_bytes(one);
  });
  if (found != known_->end()) return *found;
  return refusal(ErrorCode::precondition, "missing_stub",
                 "Invalid attachment stub in " + std::string(id) + " for " + std::string(name));
}

Result<std::vector<engine::Attachment>> AttachmentList::make(
    std::string_view id, const ParsedDocument& document, const std::vector<ScannedDocument::Data>& data,
    const std::optional<document::Revision>& expected, const std::vector<document::Revision>& path,
    std::vector<ScannedDocument::Data>* follows) {
  std::vector<engine::Attachment> list;
  if (document.attachments.empty()) return list;
  document::Arena arena;
  QUIRE_TRY(const document::Value named, document::Value::parse(arena, document.attachments));
  std::size_t followed = 0;
  for (const document::Member& member : named.members()) {
    const std::string name = member.name.to_string();
    const document::Value& value = member.value;
    if (name.empty() || name.front() == '_') {
      return bad_request("Attachment name '" + name + "' starts with prohibited character '_'");
    }
    if (!value.is_object()) return bad_request("Invalid attachment '" + name + "': it is no object");
    engine::Attachment attachment;
    const std::uint64_t revpos = path.empty() ? 0 : number_of(value, "revpos");
    if (flag_of(value, "stub")) {
      if (!known_) QUIRE_TRY_STATUS(read_known(expected, path));
      QUIRE_TRY(attachment, find_stub(id, name, value, !path.empty()));
      if (revpos != 0) attachment.revpos = revpos;
      list.push_back(std::move(attachment));
      continue;
    }
    if (flag_of(value, "follows")) {
      if (follows == nullptr || followed >= follows->size()) {
        return bad_request("Attachment '" + name + "' does not follow");
      }
      auto& part = (*follows)[followed++];
      if (!part.name.empty() && part.name != name) {
        return bad_request("Attachment '" + part.name + "' follows where '" + name + "' should");
      }
      attachment = std::move(part.attachment);
      QUIRE_TRY_STATUS(check_claims(name, value, attachment));
    } else if (const auto* const bytes = find_data(data, name)) {
      attachment = bytes->attachment;
    } else {
      return bad_request("Invalid attachment '" + name + "': it has neither data nor a stub");
    }
    attachment.name = name;
    attachment.content_type = text_of(value, "content_type");
    if (attachment.content_type.empty()) attachment.content_type = kNoType;
    attachment.revpos = revpos;
    list.push_back(std::move(attachment));
  }
  return list;
}

}  // namespace quire::api::couch
