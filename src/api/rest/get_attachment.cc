#include <optional>

#include "api/rest/attachment.h"
#include "api/rest/handlers.h"
#include "api/rest/range.h"
#include "api/tuning.h"

// The bytes are read of the revision that was looked at. Where that is replaced in between, and so no longer
// there to be read, this starts over; once the head has been sent the bytes are held by the reading, and come
// whole.

namespace quire::api::rest {

namespace {

// What of the attachment is asked for. If-Range: the range only where the bytes are still those that it
// names.
Range range_of(const RestCall& call, const engine::Attachment& attachment) {
  const net::RequestHead& request = call.request();
  const std::string_view condition = request.field("If-Range");
  if (!condition.empty() && condition != attachment_tag(attachment)) return {};
  return parse_range(request.field("Range"), attachment.length);
}

// An answer without bytes, where one is due.
std::optional<net::Response> bare_answer(const RestCall& call, const FoundAttachment& found,
                                         const Range& range) {
  const std::string tag = attachment_tag(found.attachment);
  const std::string_view known = call.request().field("If-None-Match");
  if (!known.empty() && names_tag(known, tag)) {
    net::Response response;
    response.status = 304;
    response.content_type = {};
    response.add_field("ETag", tag);
    return response;
  }
  if (range.kind != Range::Kind::unsatisfiable) return std::nullopt;
  net::Response response =
      error_answer(call.call.context, &call.request(), Surface::rest, call.call.route.name,
                   Error(ErrorCode::invalid, "the attachment has no such bytes").at("Range"), 416);
  response.add_field("Content-Range", "bytes */" + std::to_string(found.attachment.length));
  return response;
}

// Errors: precondition.
Status check_match(const RestCall& call, const FoundAttachment& found) {
  QUIRE_TRY(const Conditions conditions, [&]() -> Result<Conditions> {
    if (call.request().field("If-Match").empty()) return Conditions{};
    const std::string_view tag = call.request().field("If-Match");
    if (tag == "*" || names_tag(tag, attachment_tag(found.attachment))) return Conditions{};
    auto revision =
        document::Revision::parse(tag.size() >= 2 ? tag.substr(1, tag.size() - 2) : std::string_view());
    if (revision && *revision == found.revision) return Conditions{};
    return Error(ErrorCode::precondition, "the attachment is another one").at("If-Match");
  }());
  return ok();
}

struct Window {
  net::Response head;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

Window window_of(const FoundAttachment& found, const Range& range) {
  Window window{.head = attachment_head(found.attachment), .offset = 0, .length = found.attachment.length};
  if (range.kind != Range::Kind::part) return window;
  window.offset = range.offset;
  window.length = range.length;
  window.head.status = 206;
  window.head.add_field("Content-Range", "bytes " + std::to_string(range.offset) + "-" +
                                             std::to_string(range.offset + range.length - 1) + "/" +
                                             std::to_string(found.attachment.length));
  return window;
}

// One try. False: the document moved before anything was sent.
Result<bool> send(RestCall& call, const FoundAttachment& found, Window window) {
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
        call.call.caller, call.call.limits(), call.collection(), call.id, call.name, found.revision,
        {.offset = window.offset, .length = window.length}, sink, std::move(done));
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

}  // namespace

Status get_attachment(RestCall& call) {
  for (int tries = 0; tries < tuning::kAttachmentTries; ++tries) {
    QUIRE_TRY(const FoundAttachment found, find_attachment(call));
    QUIRE_TRY_STATUS(check_match(call, found));
    const Range range = range_of(call, found.attachment);
    if (auto bare = bare_answer(call, found, range)) {
      call.exchange().send(*std::move(bare));
      return ok();
    }
    QUIRE_TRY(const bool sent, send(call, found, window_of(found, range)));
    if (sent) return ok();
  }
  return Error(ErrorCode::exhausted, "the document changes faster than its attachment can be read");
}

Status head_attachment(RestCall& call) {
  QUIRE_TRY(const FoundAttachment found, find_attachment(call));
  QUIRE_TRY_STATUS(check_match(call, found));
  if (auto bare = bare_answer(call, found, {})) {
    call.exchange().send(*std::move(bare));
    return ok();
  }
  call.exchange().begin(attachment_head(found.attachment), found.attachment.length);
  call.exchange().end();
  return ok();
}

}  // namespace quire::api::rest
