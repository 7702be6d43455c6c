#include <utility>

#include "api/admission.h"
#include "api/couch/bulk_in.h"
#include "api/couch/handlers.h"
#include "api/couch/local_document.h"
#include "api/couch/write.h"
#include "api/json_out.h"

// Several documents in one request. What is malformed fails all of it before anything is written; what the
// database refuses is a row. Of revisions that come from elsewhere only failures are rows.

namespace quire::api::couch {

namespace {

struct Row {
  std::string id;
  std::optional<Error> refused;  // before the engine was asked for its documents
  std::string local;             // of `_local/`: its revision; it is written by itself
};

class Bulk {
 public:
  explicit Bulk(CouchCall& call) : call_(call), places_(call) {}

  Result<net::Response> run() {
    BlobSink sink(call_);
    BodyScan scan(BodyScan::Shape::list, body_bounds(call_), sink);
    QUIRE_TRY_STATUS(scan_body(call_, scan));
    QUIRE_TRY(new_edits_, parse_new_edits(scan.rest()));
    if (!scan.has_list()) return bad_request("POST body must include `docs` parameter.");
    // All are read before the first is written.
    std::vector<DocumentWrite> writes;
    writes.reserve(scan.documents().size());
    for (auto& scanned : scan.documents()) {
      QUIRE_TRY(auto write, read(std::move(scanned)));
      writes.push_back(std::move(write));
    }
    QUIRE_TRY_STATUS(place(std::move(writes)));
    QUIRE_TRY(const auto result, engine::wait<engine::WriteResult>([&](auto done) {
                call_.parts().documents.write(call_.call.caller, {}, call_.database(), std::move(changes_),
                                              {}, std::move(done));
              }));
    return json_answer(201, print(result));
  }

 private:
  Result<DocumentWrite> read(ScannedDocument scanned) {
    DocumentWrite write;
    QUIRE_TRY(write.document, parse_document(scanned.text));
    write.data = std::move(scanned.data);
    write.new_edits = new_edits_;
    write.id = write.document.id ? *write.document.id : new_uuid(call_.parts().random);
    if (new_edits_) {
      write.expected = write.document.revision;
      if (!write.expected && !write.document.path.empty()) write.expected = write.document.path.front();
    } else if (!is_local(write.id)) {
      QUIRE_TRY_STATUS(path_of(write.document));
    }
    return write;
  }

  // A stub of what is not there refuses its document alone.
  Status place(std::vector<DocumentWrite> writes) {
    for (DocumentWrite& write : writes) {
      Row row{.id = write.id, .refused = {}, .local = {}};
      if (is_local(write.id)) {
        auto revision = write_local(call_, write.id, write.document, write.document.revision_text);
        if (revision) {
          row.local = *std::move(revision);
        } else {
          row.refused = revision.error();
        }
        rows_.push_back(std::move(row));
        continue;
      }
      QUIRE_TRY(const Place place, places_.of(write.id));
      auto change = make_change(call_, place, write);
      if (change) {
        changes_.push_back(*std::move(change));
      } else {
        if (is_malformed(change.error())) return change.error();
        row.refused = change.error();
      }
      rows_.push_back(std::move(row));
    }
    return ok();
  }

  static bool is_malformed(const Error& error) {
    return error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large;
  }

  std::string print(const engine::WriteResult& result) const {
    std::string out = "[";
    Separator separator;
    auto written = result.rows.begin();
    for (const Row& row : rows_) {
      if (!row.local.empty()) {
        if (!new_edits_) continue;
        separator.before(out);
        print_written(row.id, row.local, out);
        continue;
      }
      const Result<engine::EditResult> done =
          row.refused ? Result<engine::EditResult>(*row.refused) : *written++;
      if (!done) {
        separator.before(out);
        print_refused(row.id, explain_write(done.error(), false, new_edits_), out);
      } else if (new_edits_) {
        separator.before(out);
        print_written(row.id, done->revision.to_string(), out);
      }
    }
    out += "]";
    return out;
  }

  static void print_refused(const std::string& id, const Error& error, std::string& out) {
    ObjectOut object(out);
    object.text("id", id);
    std::string members;
    print_members(error, members);
    object.members(members);
    object.end();
  }

  static void print_written(const std::string& id, std::string_view revision, std::string& out) {
    ObjectOut object(out);
    object.flag("ok", true);
    object.text("id", id);
    object.text("rev", revision);
    object.end();
  }

  CouchCall& call_;
  Places places_;
  bool new_edits_ = true;
  std::vector<Row> rows_;
  std::vector<engine::Change> changes_;
};

Result<net::Response> write_all(CouchCall& call) { return Bulk(call).run(); }

Status write_streamed(CouchCall& call) {
  QUIRE_TRY(net::Response response, write_all(call));
  call.exchange().send(std::move(response));
  return ok();
}

}  // namespace

void bulk_docs(const Call& call) {
  if (streams_body(call.route, call.request())) return stream<write_streamed>(call);
  worker<write_all>(call);
}

}  // namespace quire::api::couch
