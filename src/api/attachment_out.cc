#include "api/attachment_out.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/admission.h"
#include "api/answer.h"
#include "api/range.h"
#include "api/tuning.h"
#include "engine/completion.h"
#include "net/target.h"

// The bytes are read of the revision that was looked at. Where that is replaced in between, and so no longer
// there to be read, this starts over; once the head has been sent the bytes are held by the reading, and come
// whole.

namespace quire::api {

namespace {

// Types that a browser shows without running anything. SVG and HTML are not among them, nor is XML.
constexpr std::array<std::string_view, 12> kShown = {
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif",       "text/plain",
    "text/csv",  "audio/mpeg", "audio/ogg", "video/mp4",  "application/json", "video/webm"};

bool is_shown(std::string_view type) {
  const std::string_view bare = type.substr(0, type.find(';'));
  return std::any_of(kShown.begin(), kShown.end(),
                     [&](std::string_view shown) { return same_media_type(shown, bare); });
}

// If-Range: the range only where the bytes are still those that it names.
Range range_of(const Call& call, const FoundAttachment& found) {
  const std::string_view condition = call.request().field("If-Range");
  if (!condition.empty() && condition != found.tag) return {};
  return parse_range(call.request().field("Range"), found.attachment.length);
}

std::optional<net::Response> not_modified(const Call& call, const FoundAttachment& found) {
  const std::string_view known = call.request().field("If-None-Match");
  if (known.empty() || !names_tag(known, found.tag)) return std::nullopt;
  net::Response response;
  response.status = 304;
  response.content_type = {};
  response.add_field("ETag", found.tag);
  return response;
}

net::Response unsatisfiable(const Call& call, const FoundAttachment& found, const Error& beyond) {
  net::Response response =
      error_answer(call.context, &call.request(), call.route.surface, call.route.name, beyond, 416);
  response.add_field("Content-Range", "bytes */" + std::to_string(found.attachment.length));
  return response;
}

struct Window {
  net::Response head;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

Window window_of(const FoundAttachment& found, const Range& range) {
  Window window{.head = found.head, .offset = 0, .length = found.attachment.length};
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
Result<bool> send(const Call& call, const FoundAttachment& found, Window window) {
  net::Exchange& exchange = call.exchange;
  bool begun = false;
  Status sent = ok();
  const auto sink = [&](std::string_view bytes) {
    if (!std::exchange(begun, true)) exchange.begin(std::move(window.head), window.length);
    sent = call.stream->write(std::string(bytes));
    return sent.has_value();
  };
  const auto read = engine::wait<engine::Attachment>([&](auto done) {
    call.parts().documents.read_attachment(
        call.caller, call.limits(), {.database = found.database, .collection = found.collection}, found.id,
        found.attachment.name, found.revision, {.offset = window.offset, .length = window.length}, sink,
        std::move(done));
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

Result<engine::Attachment> attachment_of(const engine::Document& document, std::string_view name) {
  QUIRE_TRY(auto attachments, engine::attachments_of(document));
  for (auto& attachment : attachments) {
    if (attachment.name == name) return std::move(attachment);
  }
  return Error(ErrorCode::not_found, "the document has no attachment '" + std::string(name) + "'")
      .at("attachment");
}

net::Response attachment_head(const engine::Attachment& attachment, std::string_view tag) {
  net::Response head;
  head.content_type = {};
  const std::string_view type = attachment.content_type;
  head.add_field("Content-Type", type.empty() || !fits_in_field(type) ? "application/octet-stream" : type);
  head.add_field("ETag", tag);
  head.add_field("Accept-Ranges", "bytes");
  head.add_field("Content-Security-Policy", "sandbox; default-src 'none'");
  std::string disposition = is_shown(type) ? "inline" : "attachment";
  disposition.append("; filename*=UTF-8''").append(net::percent_encode(attachment.name));
  head.add_field("Content-Disposition", disposition);
  return head;
}

Status send_attachment(const Call& call, const std::function<Result<FoundAttachment>()>& find,
                       const Error& beyond) {
  for (int tries = 0; tries < tuning::kAttachmentTries; ++tries) {
    QUIRE_TRY(const FoundAttachment found, find());
    const Range range = range_of(call, found);
    auto bare = not_modified(call, found);
    if (!bare && range.kind == Range::Kind::unsatisfiable) bare = unsatisfiable(call, found, beyond);
    if (bare) {
      call.exchange.send(*std::move(bare));
      return ok();
    }
    QUIRE_TRY(const bool sent, send(call, found, window_of(found, range)));
    if (sent) return ok();
  }
  return Error(ErrorCode::exhausted, "the document changes faster than its attachment can be read");
}

void send_attachment_head(const Call& call, FoundAttachment found) {
  if (auto bare = not_modified(call, found)) return call.exchange.send(*std::move(bare));
  call.exchange.begin(std::move(found.head), found.attachment.length);
  call.exchange.end();
}

}  // namespace quire::api
