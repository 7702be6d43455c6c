#include "api/rest/attachment.h"

#include <optional>
#include <utility>

#include "api/couch/attachments_in.h"
#include "api/couch/document_in.h"
#include "api/couch/handlers.h"
#include "api/couch/write.h"
#include "api/rest/range.h"
#include "api/tuning.h"
#include "base/bytes.h"

// An attachment by itself. The bytes are read of the revision that was looked at; where that is replaced in
// between, and so no longer there to be read, this starts over.

namespace quire::api::couch {

namespace {

struct Found {
  Place place;
  engine::Attachment attachment;
  document::Revision revision;
};

Error no_local_attachments() { return bad_request("_local documents do not accept attachments."); }

Status check_call(const CouchCall& call) {
  if (is_local(call.id)) return no_local_attachments();
  return check_document_id(call.id);
}

Result<Found> look_up(const CouchCall& call) {
  QUIRE_TRY_STATUS(check_call(call));
  engine::GetOptions options;
  if (call.query.has("rev")) {
    QUIRE_TRY(options.revision, parse_revision(call.query.text("rev")));
  }
  return at_place(call.id, [&](const Place& place) -> Result<Found> {
    QUIRE_TRY(const auto document, engine::wait<engine::Document>([&](auto done) {
                call.parts().documents.get(call.call.caller, call.call.limits(), place.in(call.database()),
                                           place.id, options, std::move(done));
              }));
    QUIRE_TRY(auto attachments, engine::attachments_of(document));
    for (auto& one : attachments) {
      if (one.name == call.name) return Found{place, std::move(one), document.revision};
    }
    return Error(ErrorCode::not_found, "the document has no such attachment").at("attachment");
  });
}

std::string tag_of(const engine::Attachment& attachment) { return "\"" + to_base64(attachment.md5) + "\""; }

net::Response head_of(const engine::Attachment& attachment) {
  net::Response head = rest::attachment_head(attachment, tag_of(attachment));
  head.add_field("Content-MD5", to_base64(attachment.md5));
  return head;
}

rest::Range range_of(const CouchCall& call, const engine::Attachment& attachment) {
  const std::string_view condition = call.request().field("If-Range");
  if (!condition.empty() && condition != tag_of(attachment)) return {};
  return rest::parse_range(call.request().field("Range"), attachment.length);
}

// An answer without bytes, where one is due.
std::optional<net::Response> bare_answer(const CouchCall& call, const Found& found,
                                         const rest::Range& range) {
  const std::string tag = tag_of(found.attachment);
  const std::string_view known = call.request().field("If-None-Match");
  net::Response response;
  response.content_type = {};
  if (!known.empty() && rest::names_tag(known, tag)) {
    response.status = 304;
    response.add_field("ETag", tag);
    return response;
  }
  if (range.kind != rest::Range::Kind::unsatisfiable) return std::nullopt;
  response.content_type = "application/json";
  response.status = 416;
  response.add_field("Content-Range", "bytes */" + std::to_string(found.attachment.length));
  response.body = R"({"error":"requested_range_not_satisfiable","reason":"Requested range not satisfiable"})";
  return response;
}

struct Window {
  net::Response head;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

Window window_of(const Found& found, const rest::Range& range) {
  const std::uint64_t size = found.attachment.length;
  Window window{.head = head_of(found.attachment), .offset = 0, .length = size};
  if (range.kind != rest::Range::Kind::part) return window;
  window.offset = range.offset;
  window.length = range.length;
  window.head.status = 206;
  window.head.add_field("Content-Range", "bytes " + std::to_string(range.offset) + "-" +
                                             std::to_string(range.offset + range.length - 1) + "/" +
                                             std::to_string(size));
  return window;
}

// One try. False: the document moved before anything was sent.
Result<bool> send(CouchCall& call, const Found& found, Window window) {
  net::Exchange& exchange = call.exchange();
  bool begun = false;
  Status sent = ok();
  const auto sink = [&](std::string_view bytes) {
    if (!std::exchange(begun, true)) exchange.begin(std::move(window.head), window.length);
    sent = call.call.stream->write(std::string(bytes));
    return sent.has_value();
  };
  const auto read = engine::wait<engine::Attachment>([&](auto done) {
    call.parts().documents.read_attachment(
        call.call.caller, call.call.limits(), found.place.in(call.database()), found.place.id, call.name,
        found.revision, {.offset = window.offset, .length = window.length}, sink, std::move(done));
  });
  if (!read && !begun) {
    if (read.error().code() == ErrorCode::not_found) return false;
    return read.error();
  }
  if (!begun) exchange.begin(std::move(window.head), window.length);
  if (read && sent) {
    exchange.end();
  } else {
    exchange.abort();
  }
  return true;
}

Result<engine::Attachment> take_bytes(CouchCall& call) {
  BlobSink sink(call);
  QUIRE_TRY_STATUS(sink.begin());
  std::string buffer(tuning::kStreamPieceBytes, '\0');
  while (true) {
    QUIRE_TRY(const std::size_t count, call.call.stream->read(buffer));
    if (count == 0) break;
    QUIRE_TRY_STATUS(sink.write(std::string_view(buffer).substr(0, count)));
  }
  QUIRE_TRY(auto attachment, sink.finish());
  const std::string_view claimed = call.request().field("Content-MD5");
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
  for (int tries = 0; tries < tuning::kAttachmentTries; ++tries) {
    QUIRE_TRY(const Found found, look_up(call));
    const rest::Range range = range_of(call, found.attachment);
    if (auto bare = bare_answer(call, found, range)) {
      call.exchange().send(*std::move(bare));
      return ok();
    }
    QUIRE_TRY(const bool sent, send(call, found, window_of(found, range)));
    if (sent) return ok();
  }
  return Error(ErrorCode::exhausted, "the document changes faster than its attachment can be read");
}

Status head_attachment(CouchCall& call) {
  QUIRE_TRY(const Found found, look_up(call));
  if (auto bare = bare_answer(call, found, {})) {
    call.exchange().send(*std::move(bare));
    return ok();
  }
  call.exchange().begin(head_of(found.attachment), found.attachment.length);
  call.exchange().end();
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
