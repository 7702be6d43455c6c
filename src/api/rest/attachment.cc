#include "api/rest/attachment.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/admission.h"
#include "api/rest/document_out.h"
#include "api/rest/document_write.h"
#include "base/bytes.h"
#include "net/target.h"

namespace quire::api::rest {

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

}  // namespace

Result<FoundAttachment> find_attachment(const RestCall& call) {
  QUIRE_TRY(const auto revision, revision_parameter(call));
  QUIRE_TRY(const auto document, engine::wait<engine::Document>([&](auto done) {
              call.parts().documents.get(call.call.caller, call.call.limits(), call.collection(), call.id,
                                         {.revision = revision}, std::move(done));
            }));
  QUIRE_TRY(auto attachments, engine::attachments_of(document));
  for (auto& attachment : attachments) {
    if (attachment.name == call.name) return FoundAttachment{std::move(attachment), document.revision};
  }
  return Error(ErrorCode::not_found, "the document has no attachment '" + call.name + "'").at("attachment");
}

std::string attachment_tag(const engine::Attachment& attachment) {
  return "\"" + to_hex(attachment.digest) + "\"";
}

net::Response attachment_head(const engine::Attachment& attachment) {
  return attachment_head(attachment, attachment_tag(attachment));
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

Result<net::Response> written_answer(const RestCall& call, Result<engine::WriteResult> result,
                                     unsigned status) {
  const bool conditional = !call.request().field("If-Match").empty();
  const auto explain = [&](const Error& error) {
    const bool moved = error.code() == ErrorCode::conflict ||
                       (error.code() == ErrorCode::not_found && error.field() == "missing");
    if (!conditional || !moved) return error;
    return Error(ErrorCode::precondition, error.message()).at("If-Match");
  };
  if (!result) return explain(result.error());
  const auto& row = result->rows.front();
  if (!row) return explain(row.error());
  std::string out;
  print_written(*row, result->durable, out);
  return json_answer(status, std::move(out));
}

}  // namespace quire::api::rest
