#include <utility>

#include "api/admission.h"
#include "api/couch/bulk_in.h"
#include "api/couch/document_out.h"
#include "api/couch/handlers.h"
#include "api/couch/related.h"
#include "api/json_out.h"
#include "api/streamed_answer.h"

// Revisions of many documents, streamed. What is missing is an item of the answer, since a replicator that
// got an error for all would ask for ever.

namespace quire::api::couch {

namespace {

class BulkGet {
 public:
  BulkGet(CouchCall& call, DocumentMembers members, bool latest)
      : call_(call), members_(std::move(members)), latest_(latest), places_(call) {}

  Status run(const std::vector<WantedRevision>& list) {
    parts_ = wants_parts(call_, "multipart/mixed") || wants_parts(call_, "multipart/related");
    if (parts_) {
      boundary_ = new_uuid(call_.parts().random);
      members_.follow = members_.attachments = true;
    }
    StreamedAnswer answer(call_.call, parts_ ? parts_head("multipart/mixed", boundary_) : net::Response());
    const Out out{.text = answer.text(), .step = [&] { return answer.step(); }};
    return answer.finish(parts_ ? print_parts(list, out) : print(list, out));
  }

 private:
  Status print(const std::vector<WantedRevision>& list, const Out& out) {
    out.text += "{\"results\":[";
    Separator separator;
    for (const WantedRevision& wanted : list) {
      separator.before(out.text);
      document::append_json_string(out.text += "{\"id\":", wanted.id);
      out.text += ",\"docs\":[";
      QUIRE_TRY_STATUS(print_one(wanted, out));
      out.text += "]}";
      QUIRE_TRY_STATUS(out.go_on());
    }
    out.text += "]}";
    return ok();
  }

  // Each document is a part that says in its head which one it is.
  Status print_parts(const std::vector<WantedRevision>& list, const Out& out) {
    for (const WantedRevision& wanted : list) QUIRE_TRY_STATUS(print_one(wanted, out));
    out.text += "\r\n--" + boundary_ + "--";
    return ok();
  }

  Status print_one(const WantedRevision& wanted, const Out& out) {
    separator_ = {};
    if (wanted.bad) {
      print_error(wanted, *wanted.bad, out.text);
      return ok();
    }
    QUIRE_TRY(const Place place, places_.of(wanted.id));
    if (!wanted.revision) return print_winner(wanted, place, out);
    engine::OpenOptions options;
    options.revisions = {*wanted.revision};
    options.latest = latest_;
    options.ancestors = members_.revisions;
    Status printed = ok();
    const auto show = [&](engine::OpenedRevision& row) {
      printed = print_row(wanted, place, row, out);
      return printed.has_value();
    };
    const auto opened = engine::wait<void>([&](auto done) {
      call_.parts().documents.open_revisions(call_.call.caller, call_.call.limits(),
                                             place.in(call_.database()), place.id, options, show,
                                             std::move(done));
    });
    return opened ? printed : opened;
  }

  // Without a revision: the document as it is, and of a deleted one the deletion.
  Status print_winner(const WantedRevision& wanted, const Place& place, const Out& out) {
    Status printed = ok();
    const auto show = [&](engine::OpenedRevision& row) {
      printed = print_row(wanted, place, row, out);
      return false;
    };
    engine::OpenOptions options;
    options.all_leaves = true;
    options.ancestors = members_.revisions;
    const auto opened = engine::wait<void>([&](auto done) {
      call_.parts().documents.open_revisions(call_.call.caller, call_.call.limits(),
                                             place.in(call_.database()), place.id, options, show,
                                             std::move(done));
    });
    if (opened || opened.error().code() != ErrorCode::not_found || opened.error().field() == "database") {
      return opened ? printed : opened;
    }
    print_error(wanted, missing(), out.text);
    return ok();
  }

  Status print_row(const WantedRevision& wanted, const Place& place, const engine::OpenedRevision& row,
                   const Out& out) {
    if (!row.document) {
      print_error(wanted, missing(), out.text);
      return ok();
    }
    if (parts_) {
      const std::string fields = fields_of(wanted.id, row.document->revision.to_string());
      return print_part(call_, place, wanted.id, *row.document, members_, boundary_, fields, out);
    }
    separator_.before(out.text);
    out.text += "{\"ok\":";
    QUIRE_TRY_STATUS(print_document(call_, place, wanted.id, *row.document, members_, out));
    out.text.push_back('}');
    return out.go_on();
  }

  void print_error(const WantedRevision& wanted, const Error& error, std::string& out) {
    std::string text = "{\"id\":";
    document::append_json_string(text, wanted.id);
    document::append_json_string(text += ",\"rev\":",
                                 wanted.revision_text.empty() ? "undefined" : wanted.revision_text);
    text.push_back(',');
    print_members(error, text);
    text.push_back('}');
    if (parts_) return print_error_part(boundary_, fields_of(wanted.id, wanted.revision_text), text, out);
    separator_.before(out);
    out.append("{\"error\":").append(text).append("}");
  }

  // An id that cannot stand in a field is left to the document.
  static std::string fields_of(const std::string& id, const std::string& revision) {
    std::string fields;
    if (fits_in_field(id)) fields += "X-Doc-ID: " + id + "\r\n";
    if (!revision.empty() && fits_in_field(revision)) fields += "X-Rev-ID: " + revision + "\r\n";
    return fields;
  }

  CouchCall& call_;
  DocumentMembers members_;
  const bool latest_;
  Places places_;
  bool parts_ = false;
  std::string boundary_;
  Separator separator_;  // of the rows of one document
};

}  // namespace

Status bulk_get(CouchCall& call) {
  QUIRE_TRY(const std::string body, whole_body(call));
  QUIRE_TRY(const auto list, parse_wanted(body));
  QUIRE_TRY(DocumentMembers members, DocumentMembers::parse(call));
  QUIRE_TRY(const bool latest, call.query.flag("latest"));
  return BulkGet(call, std::move(members), latest).run(list);
}

}  // namespace quire::api::couch
