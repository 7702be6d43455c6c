#include <optional>
#include <utility>

#include "api/admission.h"
#include "api/attachment_out.h"
#include "api/couch/attachments_in.h"
#include "api/couch/document_in.h"
#include "api/couch/handlers.h"
#include "api/couch/write.h"
#include "api/tuning.h"
#include "base/bytes.h"

// An attachment by itself.

namespace quire::api::couch {

namespace {

Error no_local_attachments() { return bad_request("_local documents do not accept attachments."); }

Status check_call(const CouchCall& call) {
  if (is_local(call.id)) return no_local_attachments();
  return check_document_id(call.id);
}

FoundAttachment found_at(const CouchCall& call, const Place& place, const engine::Document& document,
                         engine::Attachment attachment) {
  const std::string digest = to_base64(attachment.md5);
  std::string tag = "\"" + digest + "\"";
  net::Response head = attachment_head(attachment, tag);
  // It is of the whole, and would be wrong beside a part of it.
  if (call.request().field("Range").empty()) head.add_field("Content-MD5", digest);
  return {.database = call.database(),
          .collection = place.collection,
          .id = place.id,
          .revision = document.revision,
          .attachment = std::move(attachment),
          .tag = std::move(tag),
          .head = std::move(head)};
}

Result<FoundAttachment> look_up(const CouchCall& call) {
  QUIRE_TRY_STATUS(check_call(call));
  engine::GetOptions options;
  if (call.query.has("rev")) {
    QUIRE_TRY(options.revision, parse_revision(call.query.text("rev")));
  }
  return at_place(call.id, [&](const Place& place) -> Result<FoundAttachment> {
    QUIRE_TRY(const auto document, engine::wait<engine::Document>([&](auto done) {
                call.parts().documents.get(call.call.caller, call.call.limits(), place.in(call.database()),
                                           place.id, options, std::move(done));
              }));
    QUIRE_TRY(auto attachment, attachment_of(document, call.name));
    return found_at(call, place, document, std::move(attachment));
  });
}

Result<engine::Attachment> take_bytes(CouchCall& call) {
  const std::string_view claimed = call.request().field("Content-MD5");
  if (!claimed.empty() && !content_coding(call.request()).empty()) {
    return bad_request("Content-MD5 is not checked of a packed body: send one of the two");
  }
  BlobSink sink(call);
  QUIRE_TRY_STATUS(sink.begin());
  std::string buffer(tuning::kStreamPieceBytes, '\0');
  while (true) {
    QUIRE_TRY(const std::size_t count, call.call.stream->read(buffer));
    if (count == 0) break;
    QUIRE_TRY_STATUS(sink.write(std::string_view(buffer).substr(0, count)));
  }
  QUIRE_TRY(auto attachment, sink.finish());
  if (!claimed.empty() && claimed != to_base64(attachment.md5)) {
    return refusal(ErrorCode::invalid, "content_md5_mismatch", "Possible message corruption.");
  }
  attachment.name = call.name;
  attachment.content_type = call.request().field("Content-Type");
  if (attachment.content_type.empty()) attachment.content_type = "application/octet-stream";
  return attachment;
}

// The document with another list of attachments. Where it is not there, one is made for an attachment.
Result<net::Response> change(CouchCall& call, std::optional<engine::Attachment> attachment) {
  DocumentWrite named;
  QUIRE_TRY_STATUS(require_write(call));
  QUIRE_TRY_STATUS(take_revision(call, named));
  Places places(call);
  QUIRE_TRY(const Place place, places.of(call.id));
  const bool removes = !attachment;
  if (!named.expected) {
    const auto present = engine::wait<engine::Document>([&](auto done) {
      call.parts().documents.get(call.call.caller, call.call.limits(), place.in(call.database()), place.id,
                                 {}, std::move(done));
    });
    if (present) return document_conflict();
    const bool absent = present.error().code() == ErrorCode::not_found &&
                        (present.error().field() == "missing" || present.error().field() == "deleted");
    if (!absent || removes) return present.error();
    DocumentWrite write;
    write.id = call.id;
    write.attachments = std::vector<engine::Attachment>{*std::move(attachment)};
    return write_blocking(call, std::move(write));
  }
  QUIRE_TRY(const auto result, engine::wait<engine::WriteResult>([&](auto done) {
              engine::change_attachment(call.parts().documents, call.call.caller, {},
                                        place.in(call.database()), place.id, named.expected, call.name,
                                        std::move(attachment), {}, std::move(done));
            }));
  const auto& row = result.rows.front();
  if (!row) return explain_write(row.error(), removes, true);
  return written_answer(call, call.id, *row, removes);
}

}  // namespace

Status get_attachment(CouchCall& call) {
  return send_attachment(
      call.call, [&] { return look_up(call); },
      refusal(ErrorCode::invalid, "requested_range_not_satisfiable", "Requested range not satisfiable"));
}

Status head_attachment(CouchCall& call) {
  QUIRE_TRY(FoundAttachment found, look_up(call));
  send_attachment_head(call.call, std::move(found));
  return ok();
}

Status put_attachment(CouchCall& call) {
  QUIRE_TRY_STATUS(check_call(call));
  if (call.name.empty() || call.name.front() == '_') {
    return bad_request("Attachment name '" + call.name + "' starts with prohibited character '_'");
  }
  QUIRE_TRY(engine::Attachment attachment, take_bytes(call));
  QUIRE_TRY(net::Response response, change(call, std::move(attachment)));
  call.exchange().send(std::move(response));
  return ok();
}

Result<net::Response> delete_attachment(CouchCall& call) {
  QUIRE_TRY_STATUS(check_call(call));
  return change(call, std::nullopt);
}

Result<net::Response> local_attachment(CouchCall&) { return no_local_attachments(); }

}  // namespace quire::api::couch
