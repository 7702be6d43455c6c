#include <array>
#include <utility>

#include "api/rest/attachment.h"
#include "api/rest/handlers.h"
#include "api/tuning.h"

namespace quire::api::rest {

namespace {

Result<engine::Attachment> take_bytes(RestCall& call) {
  QUIRE_TRY(const auto writer, engine::wait<std::unique_ptr<engine::AttachmentWriter>>([&](auto done) {
              call.parts().documents.write_attachment(call.call.caller, call.call.limits(), call.collection(),
                                                      std::move(done));
            }));
  std::string buffer(tuning::kStreamPieceBytes, '\0');
  while (true) {
    QUIRE_TRY(const std::size_t count, call.call.stream->read(buffer));
    if (count == 0) break;
    QUIRE_TRY_STATUS(writer->write(std::string_view(buffer).substr(0, count)));
  }
  return writer->finish();
}

// Where the condition fails anyway, a gigabyte need not come first.
Status look_ahead(RestCall& call, const Conditions& conditions, bool& replaces) {
  const auto document = engine::wait<engine::Document>([&](auto done) {
    call.parts().documents.get(call.call.caller, call.call.limits(), call.collection(), call.id, {},
                               std::move(done));
  });
  if (!document) return document.error();
  QUIRE_TRY(const auto attachments, engine::attachments_of(*document));
  for (const auto& attachment : attachments) replaces |= attachment.name == call.name;
  if (conditions.absent && replaces) {
    return Error(ErrorCode::precondition, "the attachment is there already").at("If-None-Match");
  }
  return ok();
}

Result<net::Response> change(RestCall& call, std::optional<engine::Attachment> attachment, unsigned status) {
  QUIRE_TRY(const Conditions conditions, conditions_of(call.request()));
  QUIRE_TRY(const engine::WriteOptions options, write_options(call));
  return written_answer(call, engine::wait<engine::WriteResult>([&](auto done) {
                          engine::change_attachment(call.parts().documents, call.call.caller, {},
                                                    call.collection(), call.id, conditions.match, call.name,
                                                    std::move(attachment), options, std::move(done));
                        }),
                        status);
}

}  // namespace

Status put_attachment(RestCall& call) {
  QUIRE_TRY(const Conditions conditions, conditions_of(call.request()));
  QUIRE_TRY_STATUS(write_options(call));
  bool replaces = false;
  QUIRE_TRY_STATUS(look_ahead(call, conditions, replaces));
  QUIRE_TRY(engine::Attachment attachment, take_bytes(call));
  attachment.name = call.name;
  attachment.content_type = call.request().field("Content-Type");
  QUIRE_TRY(net::Response response, change(call, std::move(attachment), replaces ? 200 : 201));
  call.exchange().send(std::move(response));
  return ok();
}

// A document that has moved may have lost the attachment, or not had it yet: then it is the condition that
// fails.
Result<net::Response> delete_attachment(RestCall& call) {
  auto response = change(call, std::nullopt, 200);
  const bool missing = !response && response.error().code() == ErrorCode::not_found;
  QUIRE_TRY(const Conditions conditions, conditions_of(call.request()));
  if (!missing || !conditions.match) return response;
  const auto document = engine::wait<engine::Document>([&](auto done) {
    call.parts().documents.get(call.call.caller, call.call.limits(), call.collection(), call.id, {},
                               std::move(done));
  });
  if (!document || document->revision == *conditions.match) return response;
  return Error(ErrorCode::precondition, "the document has another revision now").at("If-Match");
}

}  // namespace quire::api::rest
