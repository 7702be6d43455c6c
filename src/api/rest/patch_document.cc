#include "api/admission.h"
#include "api/rest/document_write.h"
#include "api/rest/handlers.h"
#include "engine/update.h"

namespace quire::api::rest {

namespace {

engine::UpdateKind kind_of(const net::RequestHead& request) {
  const std::string_view type = media_type(request);
  if (same_media_type(type, "application/merge-patch+json")) return engine::UpdateKind::merge_patch;
  if (same_media_type(type, "application/json-patch+json")) return engine::UpdateKind::json_patch;
  return engine::UpdateKind::operators;
}

Result<DocumentWrite> make_patch(RestCall& call) {
  DocumentWrite write;
  write.change.kind = engine::Change::Kind::transform;
  write.change.id = call.id;
  QUIRE_TRY(write.change.transform,
            engine::make_update(call.id, call.exchange().body(), {}, call.parts().clock.wall_ms(),
                                kind_of(call.request())));
  QUIRE_TRY_STATUS(apply_conditions(call, write.change));
  if (write.change.condition == engine::Change::Condition::absent) {
    return Error(ErrorCode::invalid, "what is not there cannot be patched").at("If-None-Match");
  }
  return write;
}

}  // namespace

void patch_document(const Call& call) { write_document(call, make_patch); }

}  // namespace quire::api::rest
