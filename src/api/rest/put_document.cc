#include "api/rest/document_write.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

namespace {

// Without a condition and without _rev, whatever is there is replaced: that is what PUT means.
Result<DocumentWrite> make_put(RestCall& call) {
  QUIRE_TRY(engine::ParsedDocument parsed, engine::parse_document(call.exchange().body(), {}));
  if (parsed.id && *parsed.id != call.id) {
    return Error(ErrorCode::invalid, "the document's own id is another one").at("_id");
  }
  if (parsed.deleted) return Error(ErrorCode::invalid, "DELETE deletes a document").at("_deleted");
  DocumentWrite write;
  write.change.id = call.id;
  write.change.expected = std::move(parsed.revision);
  write.change.body = std::move(parsed.body);
  QUIRE_TRY_STATUS(apply_conditions(call, write.change));
  return write;
}

}  // namespace

void put_document(const Call& call) { write_document(call, make_put); }

}  // namespace quire::api::rest
