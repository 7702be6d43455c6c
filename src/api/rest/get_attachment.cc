#include "api/range.h"
#include "api/rest/attachment.h"
#include "api/rest/handlers.h"
#include "base/bytes.h"

namespace quire::api::rest {

namespace {

// Errors: precondition.
Status check_match(const RestCall& call, const FoundAttachment& found) {
  const std::string_view tag = call.request().field("If-Match");
  if (tag.empty() || names_tag(tag, found.tag)) return ok();
  const auto revision =
      document::Revision::parse(tag.size() >= 2 ? tag.substr(1, tag.size() - 2) : std::string_view());
  if (revision && *revision == found.revision) return ok();
  return Error(ErrorCode::precondition, "the attachment is another one").at("If-Match");
}

// Errors: not_found, precondition, and those of a get.
Result<FoundAttachment> find(const RestCall& call) {
  QUIRE_TRY(const auto revision, revision_parameter(call));
  QUIRE_TRY(const auto document, engine::wait<engine::Document>([&](auto done) {
              call.parts().documents.get(call.call.caller, call.call.limits(), call.collection(), call.id,
                                         {.revision = revision}, std::move(done));
            }));
  QUIRE_TRY(auto attachment, attachment_of(document, call.name));
  std::string tag = "\"" + to_hex(attachment.digest) + "\"";
  net::Response head = attachment_head(attachment, tag);
  FoundAttachment found{.database = call.database(),
                        .collection = call.collection_name,
                        .id = call.id,
                        .revision = document.revision,
                        .attachment = std::move(attachment),
                        .tag = std::move(tag),
                        .head = std::move(head)};
  QUIRE_TRY_STATUS(check_match(call, found));
  return found;
}

}  // namespace

Status get_attachment(RestCall& call) {
  return send_attachment(
      call.call, [&] { return find(call); },
      Error(ErrorCode::invalid, "the attachment has no such bytes").at("Range"));
}

Status head_attachment(RestCall& call) {
  QUIRE_TRY(FoundAttachment found, find(call));
  send_attachment_head(call.call, std::move(found));
  return ok();
}

}  // namespace quire::api::rest
