#include "api/admission.h"
#include "api/rest/bulk.h"
#include "api/rest/document_write.h"
#include "api/rest/handlers.h"

// One document is written as PUT writes it; an array or lines are a bulk.

namespace quire::api::rest {

namespace {

// A new document: with _rev it is an edit of that one, and else must not be there.
Result<DocumentWrite> make_post(RestCall& call) {
  if (call.query.has("atomic")) {
    return Error(ErrorCode::invalid, "one document is atomic by itself").at("atomic");
  }
  if (call.query.has("existing")) {
    return Error(ErrorCode::invalid, "this is said of several documents; PUT has If-None-Match")
        .at("existing");
  }
  QUIRE_TRY(engine::ParsedDocument parsed, engine::parse_document(call.exchange().body(), {}));
  if (parsed.deleted) return Error(ErrorCode::invalid, "DELETE deletes a document").at("_deleted");
  DocumentWrite write;
  write.location = true;
  if (parsed.id) write.change.id = *std::move(parsed.id);
  write.change.expected = std::move(parsed.revision);
  if (!write.change.expected) write.change.condition = engine::Change::Condition::absent;
  write.change.body = std::move(parsed.body);
  return write;
}

Result<net::Response> post_array(RestCall& call) {
  TextSource source(call.exchange().body());
  return post_bulk(call, source, document::RecordFormat::json_array);
}

Status post_lines(RestCall& call) {
  BodySource source(*call.call.stream);
  QUIRE_TRY(net::Response response, post_bulk(call, source, document::RecordFormat::ndjson));
  call.exchange().send(std::move(response));
  return ok();
}

bool is_array(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

}  // namespace

void post_documents(const Call& call) {
  if (streams_body(call.route, call.request())) return stream<post_lines>(call);
  if (is_array(call.exchange.body())) return worker<post_array>(call);
  write_document(call, make_post);
}

}  // namespace quire::api::rest
