#include "api/couch/open_revisions.h"

#include <utility>

#include "api/couch/document_in.h"
#include "api/couch/document_out.h"
#include "api/couch/handlers.h"
#include "api/couch/related.h"
#include "api/json_out.h"
#include "api/streamed_answer.h"

// An array with a row a revision: {"ok": DOCUMENT} or {"missing": REVISION}.

namespace quire::api::couch {

namespace {

Result<engine::OpenOptions> options_of(const CouchCall& call, const DocumentMembers& members) {
  engine::OpenOptions options;
  options.ancestors = members.revisions;
  QUIRE_TRY(options.latest, call.query.flag("latest"));
  const std::string_view text = call.query.text("open_revs");
  if (text == "all") {
    options.all_leaves = true;
    return options;
  }
  QUIRE_TRY(options.revisions, revision_list(call, "open_revs"));
  return options;
}

}  // namespace

Status get_revisions(CouchCall& call) {
  QUIRE_TRY(DocumentMembers members, DocumentMembers::parse(call));
  QUIRE_TRY(const engine::OpenOptions options, options_of(call, members));
  // An array, unless parts are asked for by name; then bytes of attachments stand in parts of their own.
  const bool parts = wants_parts(call, "multipart/mixed");
  const std::string boundary = parts ? new_uuid(call.parts().random) : std::string();
  members.follow = parts;
  if (parts) members.attachments = true;
  StreamedAnswer answer(call.call, parts ? parts_head("multipart/mixed", boundary) : net::Response());
  const Out out{.text = answer.text(), .step = [&] { return answer.step(); }};
  if (!parts) out.text.push_back('[');
  Separator separator;
  Status printed = ok();
  const auto print_missing = [&](const document::Revision& asked) {
    std::string missing;
    ObjectOut object(missing);
    object.text("missing", asked.to_string());
    object.end();
    if (parts) return print_error_part(boundary, {}, missing, out.text);
    separator.before(out.text);
    out.text += missing;
  };
  const auto print = [&](const Place& place, engine::OpenedRevision& row) -> Status {
    if (!row.document) {
      print_missing(row.asked);
    } else if (parts) {
      QUIRE_TRY_STATUS(print_part(call, place, call.id, *row.document, members, boundary, {}, out));
    } else {
      separator.before(out.text);
      out.text += "{\"ok\":";
      QUIRE_TRY_STATUS(print_document(call, place, call.id, *row.document, members, out));
      out.text.push_back('}');
    }
    return out.go_on();
  };
  const Status opened = at_place(call.id, [&](const Place& place) {
    return engine::wait<void>([&](auto done) {
      call.parts().documents.open_revisions(
          call.call.caller, call.call.limits(), place.in(call.database()), place.id, options,
          [&](engine::OpenedRevision& row) {
            printed = print(place, row);
            return printed.has_value();
          },
          std::move(done));
    });
  });
  out.text += parts ? "\r\n--" + boundary + "--" : std::string("]");
  return answer.finish(opened ? std::move(printed) : opened);
}

}  // namespace quire::api::couch
