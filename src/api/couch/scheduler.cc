#include <algorithm>
#include <string>
#include <vector>

#include "api/couch/database_info.h"
#include "api/couch/handlers.h"
#include "api/couch/replication_in.h"
#include "api/couch/replication_out.h"
#include "api/couch/replicator_document.h"

// What runs: the scheduler's documents and jobs, and the tasks of the server.

namespace quire::api::couch {

namespace {

constexpr std::string_view kNode = "quire@localhost";
constexpr std::string_view kReplicator = "_replicator";

Result<std::vector<engine::ReplicationStatus>> all_of(const CouchCall& call) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  return engine::wait<std::vector<engine::ReplicationStatus>>(
      [&](auto done) { replications->list(call.call.caller, call.call.limits(), std::move(done)); });
}

// "in which database by which document", null where there is none.
void print_origin(ObjectOut& object, const engine::ReplicationStatus& status) {
  if (status.document.empty()) {
    object.raw("database", "null");
    return object.raw("doc_id", "null");
  }
  object.text("database", kReplicator);
  object.text("doc_id", status.id);
}

void print_times(ObjectOut& object, const engine::ReplicationStatus& status) {
  object.text("start_time", whole_date(status.created_ms));
  object.text("last_updated", whole_date(std::max(status.changed_ms, status.progress.recorded_ms)));
  // CouchDB keeps that to itself.
  if (status.retry_ms != 0) object.text("retry_time", whole_date(status.retry_ms));
}

void print_scheduled(const engine::ReplicationStatus& status, std::string& out) {
  ObjectOut object(out);
  print_origin(object, status);
  if (is_over(status)) {
    object.raw("id", "null");
  } else {
    object.text("id", replication_id(status));
  }
  object.text("node", kNode);
  object.text("source", status.source);
  object.text("target", status.target);
  object.text("state", scheduler_state(status));
  object.number("error_count", error_count(status));
  print_info(status, object.member("info"));
  print_times(object, status);
  object.end();
}

void print_event(std::string_view type, WallMs time, std::string_view reason, std::string& out) {
  ObjectOut event(out);
  event.text("timestamp", whole_date(time));
  event.text("type", type);
  if (!reason.empty()) event.text("reason", reason);
  event.end();
}

// The newest first.
void print_history(const engine::ReplicationStatus& status, std::string& out) {
  out.push_back('[');
  Separator separator;
  const auto& error = status.progress.last_error;
  if (scheduler_state(status) == "crashing" && error) {
    separator.before(out);
    print_event("crashed", std::max(status.changed_ms, status.progress.recorded_ms), words_of(*error).reason,
                out);
  }
  separator.before(out);
  print_event("started", std::max(status.created_ms, status.progress.began_ms), {}, out);
  separator.before(out);
  print_event("added", status.created_ms, {}, out);
  out.push_back(']');
}

void print_job(const engine::ReplicationStatus& status, std::string& out) {
  ObjectOut object(out);
  print_origin(object, status);
  object.text("id", replication_id(status));
  object.text("node", kNode);
  object.raw("pid", "null");
  object.text("source", status.source);
  object.text("target", status.target);
  object.raw("user", "null");
  print_history(status, object.member("history"));
  print_info(status, object.member("info"));
  print_times(object, status);
  object.end();
}

struct Part {
  std::uint64_t skip = 0;
  std::uint64_t limit = 0;
};
Result<Part> part_of(const CouchCall& call) {
  Part part;
  QUIRE_TRY(part.skip, call.query.number("skip", 0));
  QUIRE_TRY(part.limit, call.query.number("limit", ~std::uint64_t{0}));
  return part;
}

// {"total_rows", "offset", NAME: [...]}
template <class Row, class Print>
net::Response page_answer(std::string_view name, const std::vector<Row>& rows, Part part, Print print) {
  net::Response response = json_answer(200, {});
  ObjectOut object(response.body);
  object.number("total_rows", rows.size());
  object.number("offset", std::min<std::uint64_t>(part.skip, rows.size()));
  std::string& list = object.member(name);
  list.push_back('[');
  Separator separator;
  for (std::uint64_t i = part.skip; i < rows.size() && i - part.skip < part.limit; ++i) {
    separator.before(list);
    print(rows[i], list);
  }
  list.push_back(']');
  object.end();
  return response;
}

void print_replicating(const engine::ReplicationStatus& status, std::string& out) {
  const replication::Progress& progress = status.progress;
  ObjectOut object(out);
  object.text("type", "replication");
  object.text("node", kNode);
  object.raw("pid", "null");
  print_origin(object, status);
  object.text("replication_id", replication_id(status));
  object.flag("continuous", status.continuous);
  object.text("source", status.source);
  object.text("target", status.target);
  object.number("docs_read", progress.documents_read);
  object.number("docs_written", progress.documents_written);
  object.number("doc_write_failures", progress.failures);
  object.number("revisions_checked", progress.missing_checked);
  object.number("missing_revisions_found", progress.missing_found);
  if (progress.pending) object.number("changes_pending", *progress.pending);
  if (!progress.pending) object.raw("changes_pending", "null");
  object.text("checkpointed_source_seq", progress.recorded);
  object.text("source_seq", progress.reached);
  object.text("through_seq", progress.reached);
  object.number("started_on", static_cast<std::uint64_t>(status.created_ms / 1000));
  object.number("updated_on",
                static_cast<std::uint64_t>(std::max(status.changed_ms, progress.recorded_ms) / 1000));
  object.end();
}

void print_compacting(std::string_view database, std::string& out) {
  ObjectOut object(out);
  object.text("type", "database_compaction");
  object.text("node", kNode);
  object.raw("pid", "null");
  object.text("database", database);
  object.end();
}

}  // namespace

Result<net::Response> scheduler_docs(CouchCall& call) {
  QUIRE_TRY(const Part part, part_of(call));
  QUIRE_TRY(const auto documents, replicator_documents(call));
  return page_answer("docs", documents, part, [](const ReplicatorDocument& document, std::string& out) {
    print_scheduled(document.status, out);
  });
}

Result<net::Response> scheduler_doc(CouchCall& call) {
  QUIRE_TRY(const ReplicatorDocument document, find_replicator_document(call, call.id));
  net::Response response = json_answer(200, {});
  print_scheduled(document.status, response.body);
  return response;
}

Result<net::Response> scheduler_jobs(CouchCall& call) {
  QUIRE_TRY(const Part part, part_of(call));
  QUIRE_TRY(auto all, all_of(call));
  std::erase_if(all, [](const auto& status) { return is_over(status); });
  return page_answer("jobs", all, part, print_job);
}

Result<net::Response> scheduler_job(CouchCall& call) {
  QUIRE_TRY(const auto all, all_of(call));
  for (const engine::ReplicationStatus& status : all) {
    if (is_over(status) || replication_id(status) != call.id) continue;
    net::Response response = json_answer(200, {});
    print_job(status, response.body);
    return response;
  }
  return missing();
}

Result<net::Response> active_tasks(CouchCall& call) {
  net::Response response = json_answer(200, "[");
  Separator separator;
  if (call.parts().replications != nullptr) {
    QUIRE_TRY(const auto all, all_of(call));
    for (const engine::ReplicationStatus& status : all) {
      if (is_over(status) || status.retry_ms != 0) continue;
      separator.before(response.body);
      print_replicating(status, response.body);
    }
  }
  QUIRE_TRY(const auto databases, engine::wait<std::vector<engine::DatabaseDescription>>([&](auto done) {
              call.parts().catalog.databases(call.call.caller, call.call.limits(), std::move(done));
            }));
  for (const engine::DatabaseDescription& database : databases) {
    if (!database.compacting) continue;
    separator.before(response.body);
    print_compacting(name_for(call.call.caller, database.name, database.owner), response.body);
  }
  response.body.push_back(']');
  return response;
}

}  // namespace quire::api::couch
