#include <utility>

#include "api/range.h"
#include "api/rest/document_out.h"
#include "api/rest/handlers.h"

// A document that is in memory is answered on the connection's thread; what needs the disk goes to a worker.

namespace quire::api::rest {

namespace {

Result<engine::GetOptions> options_of(const RestCall& call) {
  engine::GetOptions options;
  QUIRE_TRY(options.revision, revision_parameter(call));
  options.conflicts = call.query.flag("conflicts");
  options.ancestors = call.query.flag("revs");
  return options;
}

Result<net::Response> response_of(const RestCall& call, const engine::Document& document) {
  net::Response response;
  // The revision of text that came from elsewhere may hold what cannot stand in a field.
  const std::string tag = entity_tag(document.revision);
  if (fits_in_field(tag)) response.add_field("ETag", tag);
  const std::string_view known = call.request().field("If-None-Match");
  if (!known.empty() && names_tag(known, tag)) {
    response.status = 304;
    return response;
  }
  QUIRE_TRY_STATUS(print_document(call.id, document,
                                  {.conflicts = call.query.flag("conflicts"),
                                   .ancestors = call.query.flag("revs"),
                                   .attachments = call.query.flag("attachments")},
                                  response.body));
  return response;
}

Result<net::Response> get(RestCall& call, bool memory_only) {
  QUIRE_TRY(engine::GetOptions options, options_of(call));
  options.memory_only = memory_only;
  QUIRE_TRY(const auto document, engine::wait<engine::Document>([&](auto done) {
              call.parts().documents.get(call.call.caller, call.call.limits(), call.collection(), call.id,
                                         options, std::move(done));
            }));
  return response_of(call, document);
}

Result<net::Response> get_waiting(RestCall& call) { return get(call, false); }

}  // namespace

void get_document(const Call& call) {
  auto parsed = RestCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  auto response = get(*parsed, true);
  if (!response && engine::needs_disk(response.error())) return worker<get_waiting>(call);
  answer(call, std::move(response));
}

}  // namespace quire::api::rest
