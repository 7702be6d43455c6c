#include "api/admission.h"
#include "api/couch/handlers.h"
#include "api/tuning.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::api::couch {

Result<std::string> whole_body(const CouchCall& call) {
  Stream* const stream = call.call.stream;
  std::string body(call.exchange().body());
  if (stream == nullptr || !streams_body(call.call.route, call.request())) return body;
  std::string piece(tuning::kStreamPieceBytes, '\0');
  while (true) {
    QUIRE_TRY(const std::size_t count, stream->read(piece));
    if (count == 0) return body;
    if (body.size() + count > tuning::kBulkBytes) {
      return Error(ErrorCode::too_large, "the request is too large").over(tuning::kBulkBytes);
    }
    body.append(piece, 0, count);
  }
}

Status require_write(const CouchCall& call) {
  QUIRE_TRY_STATUS(engine::wait<engine::WriteResult>([&](auto done) {
    call.parts().documents.write(call.call.caller, call.call.limits(), call.database(), {}, {},
                                 std::move(done));
  }));
  return ok();
}

Status require_owner(const CouchCall& call) {
  QUIRE_TRY_STATUS(engine::wait<engine::DatabaseDescription>([&](auto done) {
    call.parts().catalog.change_database(call.call.caller, call.call.limits(), call.database(), {},
                                         std::move(done));
  }));
  return ok();
}

Result<std::vector<std::string>> string_list(std::string_view body, std::string_view name) {
  std::string text;
  QUIRE_TRY_STATUS(document::minify(body, {}, text));
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, text));
  const document::Value* const list = root.find(name);
  if (list == nullptr || !list->is_array()) {
    return bad_request("`" + std::string(name) + "` member must be an array.");
  }
  std::vector<std::string> texts;
  texts.reserve(list->size());
  for (const document::Value& one : list->elements()) {
    if (!one.is_string()) return bad_request("`" + std::string(name) + "` array must contain strings only.");
    texts.push_back(one.to_string());
  }
  return texts;
}

}  // namespace quire::api::couch
