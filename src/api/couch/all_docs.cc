#include <algorithm>
#include <functional>
#include <utility>

#include "api/couch/database_info.h"
#include "api/couch/document_out.h"
#include "api/couch/handlers.h"
#include "api/couch/id_range.h"
#include "api/couch/list_request.h"
#include "api/couch/sequence.h"
#include "api/json_out.h"
#include "api/streamed_answer.h"
#include "engine/checkpoints.h"

// Documents by id: _all_docs, and those of one kind or partition. Streamed.

namespace quire::api::couch {

namespace {

// Which ids a list is of, whatever is asked of them.
enum class Kind : std::uint8_t { all, design, local, partition };

struct Request : ListRequest {
  Kind kind = Kind::all;
};

Result<Request> parse(CouchCall& call, Kind kind) {
  QUIRE_TRY(ListRequest asked, ListRequest::parse(call));
  return Request{{std::move(asked)}, kind};
}

// nullopt: no id is in it.
std::optional<IdRange> range_of(const CouchCall& call, const Request& request) {
  IdRange range;
  if (request.kind == Kind::design) range.begins_with("_design/");
  if (request.kind == Kind::partition) range.begins_with(call.part + ":");
  if (request.from) {
    if (request.from->kind == ListKey::Kind::highest) return std::nullopt;
    if (request.from->kind == ListKey::Kind::id) range.from(request.from->id, request.from_itself);
  }
  if (request.to) {
    if (request.to->kind == ListKey::Kind::lowest) return std::nullopt;
    if (request.to->kind == ListKey::Kind::id) range.to(request.to->id, request.to_itself);
  }
  return range;
}

class DocumentList {
 public:
  DocumentList(CouchCall& call, Request request)
      : call_(call), request_(std::move(request)), places_(call), answer_(call.call, {}) {}

  Status run() {
    const Status status = print();
    if (!status && !answer_.begun()) return status;
    return answer_.finish(status);
  }

 private:
  std::string& text() { return answer_.text(); }

  Status print() {
    QUIRE_TRY(const auto figures, engine::wait<engine::DatabaseStatistics>([&](auto done) {
                call_.parts().catalog.statistics(call_.call.caller, call_.call.limits(), call_.database(),
                                                 std::move(done));
              }));
    QUIRE_TRY(const std::uint64_t total, count(figures.counts.documents));
    text() += "{\"total_rows\":" + std::to_string(total);
    // Of a list that begins behind an id nobody has counted what stands in front: it would be read for that.
    const auto& begin = request_.descending ? request_.to : request_.from;
    const bool counted = !request_.keys && !begin;
    text() += ",\"offset\":" + (counted ? std::to_string(std::min(request_.skip, total)) : "null");
    if (request_.update_sequence) text() += ",\"update_seq\":" + sequence_json(figures.position);
    text() += ",\"rows\":[\n";
    QUIRE_TRY_STATUS(request_.keys ? print_keys() : print_range());
    text() += "\n]}";
    return ok();
  }

  // Design documents are few, and counted.
  Result<std::uint64_t> count(std::uint64_t all) {
    if (request_.kind == Kind::all) return all;
    IdRange range;
    std::uint64_t rows = 0;
    range.begins_with(request_.kind == Kind::design ? std::string("_design/") : call_.part + ":");
    QUIRE_TRY_STATUS(each(range, false, [&](const Stretch&, const engine::ListRow&) {
      ++rows;
      return true;
    }));
    return rows;
  }

  using Visit = std::function<bool(const Stretch& stretch, const engine::ListRow& row)>;
  Status each(const IdRange& range, bool descending, const Visit& visit) {
    QUIRE_TRY(const auto* const collections, places_.collections());
    for (const Stretch& stretch : stretches(range, *collections, descending)) {
      engine::ListOptions options;
      options.after = stretch.range.after;
      options.before = stretch.range.before;
      options.descending = descending;
      bool stopped = false;
      const auto listed = engine::wait<engine::ListEnd>([&](auto done) {
        call_.parts().documents.list(
            call_.call.caller, call_.call.limits(),
            {.database = call_.database(), .collection = stretch.collection}, options,
            [&](const engine::ListRow& row) {
              stopped = !visit(stretch, row);
              return !stopped;
            },
            std::move(done));
      });
      // A collection that has been dropped since has none.
      const bool dropped =
          !listed && listed.error().code() == ErrorCode::not_found && listed.error().field() == "collection";
      if (!listed && !dropped) return listed.error();
      if (stopped) return ok();
    }
    return ok();
  }

  Status print_range() {
    const auto range = range_of(call_, request_);
    RowWindow window(request_);
    if (!range || window.full()) return ok();
    Status status = ok();
    const auto visit = [&](const Stretch& stretch, const engine::ListRow& row) {
      if (window.take()) status = print_listed(stretch, row);
      return status && !window.full();
    };
    const Status listed = each(*range, request_.descending, visit);
    return status ? listed : status;
  }

  Status print_listed(const Stretch& stretch, const engine::ListRow& row) {
    separate();
    const std::string id = couch_id(stretch.collection, row.id);
    begin_row(id, id, row.revision, false);
    if (request_.documents) {
      const Place place{.collection = stretch.collection, .id = std::string(row.id)};
      QUIRE_TRY_STATUS(print_member(place, id, row.revision));
    }
    text().push_back('}');
    return answer_.step();
  }

  void separate() {
    if (!std::exchange(first_, false)) text() += ",\n";
  }

  void begin_row(const std::string& id, const std::string& key, const document::Revision& revision,
                 bool deleted) {
    document::append_json_string(text() += "{\"id\":", id);
    document::append_json_string(text() += ",\"key\":", key);
    document::append_json_string(text() += ",\"value\":{\"rev\":", revision.to_string());
    text() += deleted ? ",\"deleted\":true}" : "}";
  }

  Status print_member(const Place& place, const std::string& id, const document::Revision& revision) {
    engine::GetOptions options;
    options.revision = revision;
    request_.members.ask(options);
    const auto document = engine::wait<engine::Document>([&](auto done) {
      call_.parts().documents.get(call_.call.caller, call_.call.limits(), place.in(call_.database()),
                                  place.id, options, std::move(done));
    });
    text() += ",\"doc\":";
    if (document) {
      return print_document(call_, place, id, *document, request_.members,
                            {.text = text(), .step = [this] { return answer_.step(); }});
    }
    if (document.error().code() != ErrorCode::not_found) return document.error();
    text() += "null";
    return ok();
  }

  Status print_keys() {
    RowWindow window(request_);
    for (const ListKey& key : *request_.keys) {
      if (window.take()) QUIRE_TRY_STATUS(print_key(key));
    }
    return ok();
  }

  Status print_key(const ListKey& key) {
    separate();
    QUIRE_TRY(const Place place, places_.of(key.id));
    std::optional<engine::Document> winner;
    engine::OpenOptions options;
    options.all_leaves = true;
    const auto opened = engine::wait<void>([&](auto done) {
      call_.parts().documents.open_revisions(
          call_.call.caller, call_.call.limits(), place.in(call_.database()), place.id, options,
          [&](engine::OpenedRevision& row) {
            winner = std::move(row.document);
            return false;
          },
          std::move(done));
    });
    if (!opened && opened.error().code() != ErrorCode::not_found) return opened.error();
    if (!winner) {
      document::append_json_string(text() += "{\"key\":", key.id);
      text() += ",\"error\":\"not_found\"}";
      return answer_.step();
    }
    begin_row(key.id, key.id, winner->revision, winner->deleted);
    if (request_.documents && winner->deleted) text() += ",\"doc\":null";
    if (request_.documents && !winner->deleted) {
      QUIRE_TRY_STATUS(print_member(place, key.id, winner->revision));
    }
    text().push_back('}');
    return answer_.step();
  }

  CouchCall& call_;
  Request request_;
  Places places_;
  StreamedAnswer answer_;
  bool first_ = true;
};

template <Kind kKind>
Status list(CouchCall& call) {
  QUIRE_TRY(Request request, parse(call, kKind));
  return DocumentList(call, std::move(request)).run();
}

constexpr std::string_view kLocal = "_local/";

// What replicators remember: rows as those of documents, of another place.
class CheckpointList {
 public:
  CheckpointList(CouchCall& call, const ListRequest& request, StreamedAnswer& answer)
      : call_(call), request_(request), answer_(answer), window_(request) {}

  Status print() {
    answer_.text() += "{\"total_rows\":null,\"offset\":null,\"rows\":[\n";
    QUIRE_TRY_STATUS(request_.keys ? print_keys() : print_range());
    answer_.text() += "\n]}";
    return ok();
  }

 private:
  template <class Sink>
  Result<engine::ListEnd> list(const engine::ListOptions& options, const Sink& sink) {
    return engine::wait<engine::ListEnd>([&](auto done) {
      call_.parts().checkpoints.list(call_.call.caller, call_.call.limits(), call_.database(), options, sink,
                                     std::move(done));
    });
  }

  Status print_row(std::string_view id, engine::CheckpointRevision number, std::string_view body) {
    const std::string name = std::string(kLocal).append(id);
    const std::string revision = engine::checkpoint_revision(number);
    std::string& text = answer_.text();
    separator_.before(text);
    ObjectOut object(text);
    object.text("id", name);
    object.text("key", name);
    document::append_json_string(object.member("value") += "{\"rev\":", revision);
    text.push_back('}');
    if (request_.documents) engine::print_document(name, revision, false, body, object.member("doc"));
    object.end();
    return answer_.step();
  }

  Status print_range() {
    const auto bare = [](const std::optional<ListKey>& key) {
      return key && key->id.starts_with(kLocal) ? key->id.substr(kLocal.size()) : std::string();
    };
    IdRange range;
    if (request_.from) range.from(bare(request_.from), request_.from_itself);
    if (request_.to && request_.to->id.starts_with(kLocal)) range.to(bare(request_.to), request_.to_itself);
    engine::ListOptions options;
    options.after = range.after;
    options.before = range.before;
    options.descending = request_.descending;
    Status status = ok();
    const auto sink = [&](const engine::CheckpointRow& row) {
      if (window_.take()) status = print_row(row.id, row.revision, row.body);
      return status.has_value() && !window_.full();
    };
    const auto listed = list(options, sink);
    return listed ? status : Status(listed.error());
  }

  Status print_keys() {
    // That the caller may list them is not asked of the single ones, which may all be absent.
    const auto may = list({}, [](const engine::CheckpointRow&) { return false; });
    if (!may) return may.error();
    for (const ListKey& key : *request_.keys) {
      if (window_.take()) QUIRE_TRY_STATUS(print_key(key.id));
    }
    return ok();
  }

  Status print_key(const std::string& id) {
    if (id.size() > kLocal.size() && id.starts_with(kLocal)) {
      const std::string name = id.substr(kLocal.size());
      const auto found = engine::wait<engine::Checkpoint>([&](auto done) {
        call_.parts().checkpoints.get(call_.call.caller, call_.call.limits(), call_.database(), name,
                                      std::move(done));
      });
      if (found) return print_row(name, found->revision, found->body);
      const bool gone = found.error().code() == ErrorCode::not_found && found.error().field() != "database";
      if (!gone) return found.error();
    }
    separator_.before(answer_.text());
    ObjectOut row(answer_.text());
    row.text("key", id);
    row.text("error", "not_found");
    row.end();
    return answer_.step();
  }

  CouchCall& call_;
  const ListRequest& request_;
  StreamedAnswer& answer_;
  RowWindow window_;
  Separator separator_;
};

Status list_local(CouchCall& call) {
  QUIRE_TRY(const Request request, parse(call, Kind::local));
  StreamedAnswer answer(call.call, {});
  return answer.finish(CheckpointList(call, request, answer).print());
}

}  // namespace

void all_docs(const Call& call) { stream<list<Kind::all>>(call); }
void design_docs(const Call& call) { stream<list<Kind::design>>(call); }
void partition_docs(const Call& call) { stream<list<Kind::partition>>(call); }
void local_docs(const Call& call) { stream<list_local>(call); }

// The figures of a partition: a collection, or the documents of the default one that begin so.
Result<net::Response> partition_info(CouchCall& call) {
  QUIRE_TRY(const auto all, engine::wait<std::vector<engine::CollectionDescription>>([&](auto done) {
              call.parts().catalog.collections(call.call.caller, call.call.limits(), call.database(),
                                               std::move(done));
            }));
  engine::Counts counts;
  bool found = false;
  for (const auto& one : all) {
    if (one.name != call.part) continue;
    counts = one.counts;
    found = true;
  }
  if (!found) {
    IdRange range;
    range.begins_with(call.part + ":");
    engine::ListOptions options;
    options.after = range.after;
    options.before = range.before;
    options.include_deleted = true;
    QUIRE_TRY_STATUS(engine::wait<engine::ListEnd>([&](auto done) {
      call.parts().documents.list(
          call.call.caller, call.call.limits(), {.database = call.database()}, options,
          [&](const engine::ListRow& row) {
            ++(row.deleted ? counts.deleted : counts.documents);
            if (!row.deleted) counts.bytes += row.body.size();
            return true;
          },
          std::move(done));
    }));
  }
  std::string out;
  ObjectOut object(out);
  object.text("db_name", call.database_name);
  object.text("partition", call.part);
  object.number("doc_count", counts.documents);
  object.number("doc_del_count", counts.deleted);
  ObjectOut sizes(object.member("sizes"));
  sizes.number("active", counts.bytes);
  sizes.number("external", counts.bytes);
  sizes.end();
  object.end();
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::couch
