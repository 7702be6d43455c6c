#include <utility>

#include "api/admission.h"
#include "api/couch/document_in.h"
#include "api/couch/document_out.h"
#include "api/couch/handlers.h"
#include "api/couch/local_document.h"
#include "api/couch/open_revisions.h"
#include "api/couch/related.h"
#include "api/range.h"
#include "api/streamed_answer.h"

// A document that is in memory, and of which nothing is asked but what it is, is answered on the connection's
// thread; what needs the disk goes to a worker, and the bytes of attachments are streamed.

namespace quire::api::couch {

namespace {

Result<engine::GetOptions> options_of(const CouchCall& call, const DocumentMembers& members) {
  engine::GetOptions options;
  members.ask(options);
  if (call.query.has("rev")) {
    QUIRE_TRY(options.revision, parse_revision(call.query.text("rev")));
  }
  QUIRE_TRY(const bool latest, call.query.flag("latest"));
  options.latest = latest && options.revision;
  return options;
}

struct Found {
  Place place;
  engine::Document document;
};

Result<Found> find(const CouchCall& call, const engine::GetOptions& options) {
  return at_place(call.id, [&](const Place& place) -> Result<Found> {
    QUIRE_TRY(auto document, engine::wait<engine::Document>([&](auto done) {
                call.parts().documents.get(call.call.caller, call.call.limits(), place.in(call.database()),
                                           place.id, options, std::move(done));
              }));
    return Found{.place = place, .document = std::move(document)};
  });
}

// Whether the client has this already.
bool is_known(const CouchCall& call, const std::string& revision) {
  const std::string_view known = call.request().field("If-None-Match");
  return !known.empty() && names_tag(known, "\"" + revision + "\"");
}

net::Response head_of(const engine::Document& document) {
  net::Response response;
  add_tag(document.revision.to_string(), response);
  return response;
}

net::Response not_modified(const engine::Document& document) {
  net::Response response = head_of(document);
  response.status = 304;
  response.content_type = {};
  return response;
}

Result<net::Response> get(CouchCall& call, bool memory_only) {
  QUIRE_TRY(const DocumentMembers members, DocumentMembers::parse(call));
  QUIRE_TRY(engine::GetOptions options, options_of(call, members));
  options.memory_only = memory_only;
  QUIRE_TRY(const Found found, find(call, options));
  if (is_known(call, found.document.revision.to_string())) return not_modified(found.document);
  net::Response response = head_of(found.document);
  QUIRE_TRY_STATUS(
      print_document(call, found.place, call.id, found.document, members, {.text = response.body}));
  return response;
}

Result<net::Response> get_waiting(CouchCall& call) { return get(call, false); }

Status send_related(CouchCall& call, const Found& found, DocumentMembers members) {
  const std::string boundary = new_uuid(call.parts().random);
  net::Response head = parts_head("multipart/related", boundary);
  add_tag(found.document.revision.to_string(), head);
  StreamedAnswer answer(call.call, std::move(head));
  members.follow = true;
  const Out out{.text = answer.text(), .step = [&] { return answer.step(); }};
  return answer.finish(print_related(call, found.place, call.id, found.document, members, boundary, out));
}

Status get_streamed(CouchCall& call) {
  QUIRE_TRY(const DocumentMembers members, DocumentMembers::parse(call));
  QUIRE_TRY(const engine::GetOptions options, options_of(call, members));
  QUIRE_TRY(const Found found, find(call, options));
  if (is_known(call, found.document.revision.to_string())) {
    call.exchange().send(not_modified(found.document));
    return ok();
  }
  if (wants_parts(call, "multipart/related")) return send_related(call, found, members);
  StreamedAnswer answer(call.call, head_of(found.document));
  const Out out{.text = answer.text(), .step = [&] { return answer.step(); }};
  return answer.finish(print_document(call, found.place, call.id, found.document, members, out));
}

bool wants_bytes(std::string_view query) {
  return query.find("attachments=true") != std::string_view::npos ||
         query.find("atts_since=") != std::string_view::npos;
}

}  // namespace

void get_document(const Call& call) {
  if (names_local(call)) return worker<get_local>(call);
  const std::string_view query = call.request().query;
  if (query.find("open_revs=") != std::string_view::npos) return stream<get_revisions>(call);
  if (wants_bytes(query)) return stream<get_streamed>(call);
  auto parsed = CouchCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  auto response = get(*parsed, true);
  if (!response && engine::needs_disk(response.error())) return worker<get_waiting>(call);
  answer(call, std::move(response));
}

}  // namespace quire::api::couch
