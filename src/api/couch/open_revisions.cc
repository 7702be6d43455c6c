#include "api/couch/open_revisions.h"

#include <utility>

#include "api/couch/document_in.h"
#include "api/couch/document_out.h"
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
  QUIRE_TRY(const DocumentMembers members, DocumentMembers::parse(call));
  QUIRE_TRY(const engine::OpenOptions options, options_of(call, members));
  StreamedAnswer answer(call.call, {});
  const Out out{.text = answer.text(), .step = [&] { return answer.step(); }};
  out.text.push_back('[');
  Separator separator;
  Status printed = ok();
  const auto print = [&](const Place& place, engine::OpenedRevision& row) -> Status {
    separator.before(out.text);
    if (!row.document) {
      ObjectOut missing(out.text);
      missing.text("missing", row.asked.to_string());
      missing.end();
    } else {
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
  out.text.push_back(']');
  return answer.finish(opened ? std::move(printed) : opened);
}

}  // namespace quire::api::couch
