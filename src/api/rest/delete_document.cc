#include "api/rest/document_write.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

namespace {

Result<DocumentWrite> make_removal(RestCall& call) {
  DocumentWrite write;
  write.change.kind = engine::Change::Kind::remove;
  write.change.id = call.id;
  QUIRE_TRY(write.change.expected, revision_parameter(call));
  QUIRE_TRY_STATUS(apply_conditions(call, write.change));
  if (write.change.condition == engine::Change::Condition::absent) {
    return Error(ErrorCode::invalid, "what is not there cannot be deleted").at("If-None-Match");
  }
  return write;
}

}  // namespace

void delete_document(const Call& call) { write_document(call, make_removal); }

}  // namespace quire::api::rest
