#include <utility>

#include "api/fields.h"
#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "document/extended_json.h"

// Replications that the node runs: made, shown, ended. What the two sides are shown stands in no answer.

namespace quire::api::rest {

namespace {

using replication::Progress;

void print_error(std::string& out, const Error& error) {
  ObjectOut object(out);
  object.text("code", name(error.code()));
  object.text("message", error.message());
  object.end();
}

void print_progress(std::string& out, const Progress& progress) {
  ObjectOut object(out);
  object.text("state", name(progress.state));
  object.number("changesRead", progress.changes_read);
  object.number("revisionsChecked", progress.missing_checked);
  object.number("revisionsMissing", progress.missing_found);
  object.number("revisionsRead", progress.documents_read);
  object.number("revisionsWritten", progress.documents_written);
  object.number("failures", progress.failures);
  object.number("bytesRead", progress.bytes_read);
  object.number("attachmentBytes", progress.attachment_bytes);
  object.number("checkpoints", progress.checkpoints);
  object.number("retries", progress.retries);
  if (progress.pending) object.number("pending", *progress.pending);
  object.number("lagMs", static_cast<std::uint64_t>(progress.lag.count()));
  if (progress.retry_in.count() > 0) {
    object.number("retryInMs", static_cast<std::uint64_t>(progress.retry_in.count()));
  }
  object.text("reached", progress.reached);
  object.text("recorded", progress.recorded);
  if (progress.last_error) print_error(object.member("error"), *progress.last_error);
  std::string& list = object.member("failed");
  list += '[';
  for (std::size_t i = 0; i < progress.failed.size(); ++i) {
    if (i != 0) list += ',';
    ObjectOut failure(list);
    const auto& of = progress.failed[i];
    if (!of.name.collection.empty()) failure.text("collection", of.name.collection);
    failure.text("id", of.name.id);
    failure.text("revision", of.revision.to_string());
    print_error(failure.member("error"), of.error);
    failure.end();
  }
  list += ']';
  object.end();
}

void print_status(std::string& out, const engine::ReplicationStatus& status) {
  ObjectOut object(out);
  object.text("id", status.id);
  object.text("source", status.source);
  object.text("target", status.target);
  object.flag("continuous", status.continuous);
  if (!status.collection.empty()) object.text("collection", status.collection);
  if (!status.selector.empty()) object.raw("filter", status.selector);
  if (!status.ids.empty()) {
    std::string& ids = object.member("ids");
    ids += '[';
    for (std::size_t i = 0; i < status.ids.size(); ++i) {
      if (i != 0) ids += ',';
      document::append_json_string(ids, status.ids[i]);
    }
    ids += ']';
  }
  object.text("created", document::iso_date(status.created_ms).value_or(""));
  print_progress(object.member("progress"), status.progress);
  object.end();
}

Secret bearer(Secret key) { return key.empty() ? Secret() : Secret("Bearer " + std::string(key.reveal())); }

Result<engine::Replications*> replications_of(const RestCall& call) {
  if (call.parts().replications != nullptr) return call.parts().replications;
  return Error(ErrorCode::not_implemented, "this node runs no replications");
}

}  // namespace

Result<net::Response> post_replication(RestCall& call) {
  static constexpr Field kFields[] = {
      {"source", FieldType::text, true, "a database of this server, or an address"},
      {"target", FieldType::text, true, "a database of this server, or an address"},
      {"continuous", FieldType::flag, false, "goes on when all is moved"},
      {"ids", FieldType::texts, false, "only these documents"},
      {"collection", FieldType::text, false, "only documents of this collection"},
      {"filter", FieldType::object, false, "only documents that it matches"},
      {"sourceKey", FieldType::secret, false, "the key that the source is shown; never given back"},
      {"targetKey", FieldType::secret, false, "the key that the target is shown; never given back"}};
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  QUIRE_TRY(Fields fields, Fields::parse(call.exchange().body(), kFields));
  engine::ReplicationRequest request;
  request.source = fields.text("source");
  request.target = fields.text("target");
  request.continuous = fields.flag("continuous", false);
  request.ids = fields.texts("ids");
  request.collection = fields.text("collection");
  request.selector = fields.json("filter");
  request.source_authorization = bearer(fields.take_secret("sourceKey"));
  request.target_authorization = bearer(fields.take_secret("targetKey"));
  QUIRE_TRY(const auto status, engine::wait<engine::ReplicationStatus>([&](auto done) {
              replications->create(call.call.caller, call.call.limits(), std::move(request), std::move(done));
            }));
  std::string out;
  print_status(out, status);
  return json_answer(201, std::move(out));
}

Result<net::Response> list_replications(RestCall& call) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  QUIRE_TRY(const auto all, engine::wait<std::vector<engine::ReplicationStatus>>([&](auto done) {
              replications->list(call.call.caller, call.call.limits(), std::move(done));
            }));
  std::string out = R"({"replications":[)";
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != 0) out += ',';
    print_status(out, all[i]);
  }
  return json_answer(200, out + "]}");
}

Result<net::Response> get_replication(RestCall& call) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  QUIRE_TRY(const auto status, engine::wait<engine::ReplicationStatus>([&](auto done) {
              replications->get(call.call.caller, call.call.limits(), call.id, std::move(done));
            }));
  std::string out;
  print_status(out, status);
  return json_answer(200, std::move(out));
}

Result<net::Response> delete_replication(RestCall& call) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    replications->remove(call.call.caller, call.call.limits(), call.id, std::move(done));
  }));
  return json_answer(200, R"({"durable":"disk"})");
}

}  // namespace quire::api::rest
