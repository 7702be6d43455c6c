#include "api/couch/write.h"

#include <memory>
#include <utility>

#include "api/admission.h"
#include "api/json_out.h"
#include "api/tuning.h"
#include "net/target.h"

// A write does not block: it is prepared on the calling thread, in memory only, and answered by the
// committer. Where something that it reads is not there, a worker does all of it again. Which collection an
// id is of shows when it is written: where there is none of that name it is written to the default one.

namespace quire::api::couch {

namespace {

std::string_view unquoted(std::string_view text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

bool lacks_collection(const Error& error) {
  return error.code() == ErrorCode::not_found && error.field() == "collection";
}

engine::WriteOptions options_of(const CouchCall& call, bool memory_only) {
  engine::WriteOptions options;
  options.memory_only = memory_only;
  if (call.query.text("batch") == "ok") options.durability = engine::Durability::memory;
  return options;
}

// One write under way, and what it needs to be tried again.
struct Writing : std::enable_shared_from_this<Writing> {
  Writing(CouchCall with, DocumentWrite what, bool blocks)
      : call(std::move(with)), write(std::move(what)), may_block(blocks) {}

  void submit(bool by_default) {
    const auto named = by_default ? std::nullopt : named_place(write.id);
    const Place place = named ? *named : default_place(write.id);
    auto change = make_change(call, place, write);
    if (!change) return send_error(call.call, change.error());
    std::vector<engine::Change> changes;
    changes.push_back(*std::move(change));
    // Once it is admitted the write is done, whether or not its client stays to hear of it.
    call.parts().documents.write(call.call.caller, {}, call.database(), std::move(changes),
                                 options_of(call, !may_block),
                                 [self = shared_from_this(), named = named.has_value()](auto result) {
                                   self->take(std::move(result), named);
                                 });
  }

  void take(Result<engine::WriteResult> result, bool named) {
    const auto row = result ? std::move(result->rows.front()) : result.error();
    if (row) return call.exchange().send(written_answer(call, write.id, *row, write.remove));
    if (engine::needs_disk(row.error())) {
      return on_worker(call.call, [self = shared_from_this()] {
        self->may_block = true;
        self->submit(false);
      });
    }
    if (named && lacks_collection(row.error())) return submit(true);
    send_error(call.call, explain_write(row.error(), write.remove, write.new_edits));
  }

  CouchCall call;
  DocumentWrite write;
  bool may_block;
};

void begin(const Call& call, MakeWrite make, bool may_block) {
  auto parsed = CouchCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  auto write = make(*parsed);
  if (!write) return send_error(call, write.error());
  if (!may_block && write->needs_reading()) {
    return on_worker(call, [call, make] { begin(call, make, true); });
  }
  std::make_shared<Writing>(*std::move(parsed), *std::move(write), may_block)->submit(false);
}

}  // namespace

Status take_options(const CouchCall& call, DocumentWrite& write) {
  QUIRE_TRY(write.new_edits, call.query.flag("new_edits", true));
  return ok();
}

Status take_revision(const CouchCall& call, DocumentWrite& write) {
  std::optional<document::Revision> named;
  if (call.query.has("rev")) {
    QUIRE_TRY(named, parse_revision(call.query.text("rev")));
  }
  const std::string_view field = call.request().field("If-Match");
  if (!field.empty()) {
    QUIRE_TRY(auto matched, parse_revision(unquoted(field)));
    if (named && *named != matched) {
      return bad_request("Document rev and etag have different values");
    }
    named = std::move(matched);
  }
  const auto& own = write.document.revision;
  if (named && own && *named != *own) {
    return bad_request("Document rev from request body and query string have different values");
  }
  write.expected = named ? std::move(named) : own;
  if (!write.expected && !write.document.path.empty()) write.expected = write.document.path.front();
  return ok();
}

Result<std::vector<document::Revision>> path_of(const ParsedDocument& document) {
  if (!document.path.empty()) return document.path;
  if (document.revision) return std::vector<document::Revision>{*document.revision};
  return bad_request("When `new_edits: false`, the document needs `_rev` or `_revisions` specified");
}

Result<engine::Change> make_change(const CouchCall& call, const Place& place, DocumentWrite& write) {
  engine::Change change;
  change.collection = place.collection;
  change.id = place.id;
  change.body = write.document.body;
  const bool deletes = write.remove || write.document.deleted;
  if (write.new_edits) {
    change.kind = deletes ? engine::Change::Kind::remove : engine::Change::Kind::put;
    change.expected = write.expected;
    // A body that says `_deleted` of what never was leaves a tombstone; DELETE finds nothing.
    if (write.document.deleted && !write.remove && !write.expected) {
      change.condition = engine::Change::Condition::absent;
    }
  } else {
    change.kind = engine::Change::Kind::replicate;
    change.deleted = deletes;
    if (write.document.path.empty() && !write.document.revision && write.expected) {
      write.document.revision = write.expected;
    }
    QUIRE_TRY(change.path, path_of(write.document));
  }
  // What a new revision does not name is not attached to it any more.
  if (!write.attachments) {
    AttachmentList list(call, place);
    QUIRE_TRY(write.attachments,
              list.make(write.id, write.document, write.data, change.expected, change.path, &write.follows));
  }
  change.attachments = write.attachments;
  return change;
}

Error explain_write(const Error& error, bool remove, bool new_edits) {
  switch (error.code()) {
    case ErrorCode::conflict:
    case ErrorCode::exists: return document_conflict();
    case ErrorCode::not_found:
      if (!remove && (error.field() == "missing" || error.field() == "deleted")) return document_conflict();
      return error;
    case ErrorCode::invalid:
    case ErrorCode::too_large: {
      const bool by_schema = error.detail().starts_with("\"violations\"");
      if (new_edits && !by_schema) return error;
      return refusal(ErrorCode::forbidden, "forbidden", words_of(error).reason);
    }
    default: return error;
  }
}

BodyScan::Bounds body_bounds(const CouchCall& call) {
  return {.text_bytes = call.call.context.options().bulk_bytes, .documents = tuning::kBulkDocuments};
}

Status scan_body(const CouchCall& call, BodyScan& scan) {
  Stream* const stream = call.call.stream;
  if (stream == nullptr || !streams_body(call.call.route, call.request())) {
    QUIRE_TRY_STATUS(scan.feed(call.exchange().body()));
    return scan.finish();
  }
  std::string buffer(tuning::kStreamPieceBytes, '\0');
  while (true) {
    QUIRE_TRY(const std::size_t count, stream->read(buffer));
    if (count == 0) return scan.finish();
    QUIRE_TRY_STATUS(scan.feed(std::string_view(buffer).substr(0, count)));
  }
}

std::string_view named_revision(const CouchCall& call) {
  if (call.query.has("rev")) return call.query.text("rev");
  return unquoted(call.request().field("If-Match"));
}

net::Response written(std::string_view id, std::string_view revision, unsigned status) {
  net::Response response = json_answer(status, {});
  add_tag(revision, response);
  ObjectOut object(response.body);
  object.flag("ok", true);
  object.text("id", id);
  object.text("rev", revision);
  object.end();
  return response;
}

net::Response written_answer(const CouchCall& call, std::string_view id, const engine::EditResult& made,
                             bool remove) {
  const bool batch = call.query.text("batch") == "ok";
  net::Response response = written(id, made.revision.to_string(), batch ? 202 : remove ? 200 : 201);
  if (!remove) {
    response.add_field("Location",
                       "/" + net::percent_encode(call.database_name) + "/" + net::percent_encode(id));
  }
  return response;
}

void write_document(const Call& call, MakeWrite make) {
  if (call.exchange.body().size() <= tuning::kInlineBodyBytes) return begin(call, make, false);
  on_worker(call, [call, make] { begin(call, make, true); });
}

Result<net::Response> write_blocking(CouchCall& call, DocumentWrite write) {
  Places places(call);
  QUIRE_TRY(const Place place, places.of(write.id));
  QUIRE_TRY(engine::Change change, make_change(call, place, write));
  std::vector<engine::Change> changes;
  changes.push_back(std::move(change));
  QUIRE_TRY(auto result, engine::wait<engine::WriteResult>([&](auto done) {
              call.parts().documents.write(call.call.caller, {}, call.database(), std::move(changes),
                                           options_of(call, false), std::move(done));
            }));
  const auto& row = result.rows.front();
  if (!row) return explain_write(row.error(), write.remove, write.new_edits);
  return written_answer(call, write.id, *row, write.remove);
}

}  // namespace quire::api::couch
