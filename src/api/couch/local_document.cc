#include "api/couch/local_document.h"

#include <utility>

#include "api/couch/handlers.h"
#include "api/couch/write.h"
#include "engine/checkpoints.h"

namespace quire::api::couch {

namespace {

constexpr std::string_view kPrefix = "_local/";

std::string_view behind_prefix(std::string_view id) { return id.substr(kPrefix.size()); }

// 0 is what a removal answered: there is none. Errors: bad_request.
Result<std::optional<engine::CheckpointRevision>> expected_of(std::string_view text) {
  if (text.empty()) return std::optional<engine::CheckpointRevision>();
  const auto revision = engine::parse_checkpoint_revision(text);
  if (!revision) return bad_request("Invalid rev format");
  return *revision == 0 ? std::optional<engine::CheckpointRevision>() : std::optional(*revision);
}

Result<engine::Checkpoint> read(const CouchCall& call) {
  return engine::wait<engine::Checkpoint>([&](auto done) {
    call.parts().checkpoints.get(call.call.caller, call.call.limits(), call.database(),
                                 behind_prefix(call.id), std::move(done));
  });
}

Result<std::string> remove(const CouchCall& call, std::string_view id, engine::CheckpointRevision expected) {
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().checkpoints.remove(call.call.caller, {}, call.database(), behind_prefix(id), expected,
                                    std::move(done));
  }));
  return engine::checkpoint_revision(0);
}

}  // namespace

bool names_local(const Call& call) {
  if (call.route.pattern.find("/_local/") != std::string_view::npos) return true;
  const std::string_view id = call.captures[1];
  return id.starts_with("_local%2F") || id.starts_with("_local%2f");
}

Result<std::string> write_local(const CouchCall& call, std::string_view id, const ParsedDocument& document,
                                std::string_view revision) {
  QUIRE_TRY(const auto expected, expected_of(revision));
  if (document.deleted) return remove(call, id, expected.value_or(0));
  const auto made = engine::wait<engine::CheckpointRevision>([&](auto done) {
    call.parts().checkpoints.put(call.call.caller, {}, call.database(), behind_prefix(id), expected,
                                 document.body, std::move(done));
  });
  if (made) return engine::checkpoint_revision(*made);
  const Error& error = made.error();
  const bool gone = error.code() == ErrorCode::not_found && error.field() != "database";
  return gone ? document_conflict() : error;
}

Result<net::Response> get_local(CouchCall& call) {
  QUIRE_TRY(const engine::Checkpoint found, read(call));
  net::Response response;
  const std::string revision = engine::checkpoint_revision(found.revision);
  add_tag(revision, response);
  engine::print_document(call.id, revision, false, found.body, response.body);
  return response;
}

Result<net::Response> put_local(CouchCall& call) {
  QUIRE_TRY_STATUS(check_document_id(call.id));
  QUIRE_TRY(const std::string body, whole_body(call));
  QUIRE_TRY(const ParsedDocument document, parse_local(body));
  if (document.id && *document.id != call.id) {
    return bad_request("Document id must match the id of the URL");
  }
  const std::string_view named = named_revision(call);
  QUIRE_TRY(const std::string revision,
            write_local(call, call.id, document, named.empty() ? document.revision_text : named));
  return written(call.id, revision, document.deleted ? 200 : 201);
}

Result<net::Response> delete_local(CouchCall& call) {
  QUIRE_TRY_STATUS(require_write(call));
  QUIRE_TRY(const auto expected, expected_of(named_revision(call)));
  if (!expected) {
    QUIRE_TRY_STATUS(read(call));
    return document_conflict();
  }
  QUIRE_TRY(const std::string revision, remove(call, call.id, *expected));
  return written(call.id, revision, 200);
}

}  // namespace quire::api::couch
