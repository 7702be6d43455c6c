#include "api/couch/replicator_document.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "api/couch/document_in.h"
#include "api/couch/handlers.h"
#include "api/couch/replication_in.h"
#include "api/couch/replication_out.h"
#include "api/couch/write.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace quire::api::couch {

namespace {

// What a replication keeps of its document: a revision and a space, and the members without reserved ones,
// each with a comma behind it.
std::string_view revision_kept(std::string_view kept) { return kept.substr(0, kept.find(' ')); }
std::string_view members_kept(std::string_view kept) { return kept.substr(kept.find(' ') + 1); }

std::uint64_t generation_of(std::string_view revision) {
  std::uint64_t generation = 0;
  std::from_chars(revision.data(), revision.data() + revision.size(), generation);
  return generation;
}

std::string revision_after(std::string_view before, std::string_view content) {
  std::string text;
  put_string(text, before);
  put_string(text, content);
  Blake2b hash(16);
  hash.update(text);
  char digest[16];
  hash.finish(digest);
  return std::to_string(generation_of(before) + 1) + "-" + to_hex({digest, sizeof digest});
}

Status check_replicator_id(std::string_view id) {
  QUIRE_TRY_STATUS(check_document_id(id));
  if (id.front() != '_') return ok();
  return refusal(ErrorCode::forbidden, "forbidden", "every document here is a replication");
}

// What is wrong with a replication is wrong with its document.
Error refused_document(const Error& error) {
  if (error.code() != ErrorCode::invalid) return explain_replication(error);
  return refusal(ErrorCode::forbidden, "forbidden", words_of(error).reason);
}

Status remove(const CouchCall& call, std::string_view id) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  return engine::wait<void>(
      [&](auto done) { replications->remove(call.call.caller, call.call.limits(), id, std::move(done)); });
}

// The document that is there, where `revision` names it; none, where there is none and none is named. Errors:
// conflict.
Result<std::optional<ReplicatorDocument>> expected(const CouchCall& call, std::string_view id,
                                                   std::string_view revision) {
  auto found = find_replicator_document(call, id);
  if (!found && found.error().code() != ErrorCode::not_found) return found.error();
  if (!found && revision.empty()) return std::optional<ReplicatorDocument>();
  if (!found || found->revision != revision) return document_conflict();
  return std::optional(*std::move(found));
}

// What a document that is made comes after: its deletion, where there was one.
Result<std::string> revision_before(const CouchCall& call, std::string_view id) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  auto gone = engine::wait<engine::ReplicationStatus>(
      [&](auto done) { replications->removed(call.call.caller, call.call.limits(), id, std::move(done)); });
  if (gone) return revision_of_deletion(replicator_document(*std::move(gone)));
  if (gone.error().code() == ErrorCode::not_found) return std::string();
  return gone.error();
}

// What became of a document: its new revision.
struct Put {
  std::string id;
  std::string revision;
};

Result<Put> put_one(const CouchCall& call, std::string id, const ParsedDocument& parsed,
                    const document::Value& object) {
  QUIRE_TRY_STATUS(check_replicator_id(id));
  if (!parsed.attachments.empty()) return bad_request("a replication has no attachments");
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  const std::string_view named = named_revision(call);
  QUIRE_TRY(const auto before, expected(call, id, named.empty() ? parsed.revision_text : named));
  if (parsed.deleted) {
    if (!before) return missing();
    QUIRE_TRY_STATUS(remove(call, id));
    return Put{.id = std::move(id), .revision = revision_of_deletion(*before)};
  }
  auto in = read_replication(call, object);
  if (!in) return refused_document(in.error());
  QUIRE_TRY(const std::string parent,
            before ? Result<std::string>(before->revision) : revision_before(call, id));
  const std::string revision = revision_after(parent, in->members);
  in->request.name = id;
  in->request.document = revision + " " + in->members;
  if (before) in->request.replaces = before->status.document;
  const auto made = engine::wait<engine::ReplicationStatus>([&](auto done) {
    replications->create(call.call.caller, call.call.limits(), std::move(in->request), std::move(done));
  });
  if (!made) return refused_document(made.error());
  return Put{.id = std::move(id), .revision = revision};
}

// A body's document with its id, which may be the server's to make.
Result<net::Response> put_body(const CouchCall& call, std::string id) {
  QUIRE_TRY(const std::string body, whole_body(call));
  std::string text;
  document::Arena arena;
  QUIRE_TRY(const document::Value object, read_object(body, text, arena));
  QUIRE_TRY(const ParsedDocument parsed, parse_document(text));
  if (id.empty()) id = parsed.id ? *parsed.id : new_uuid(call.parts().random);
  if (parsed.id && *parsed.id != id) return bad_request("Document id must match the id of the URL");
  QUIRE_TRY(const Put put, put_one(call, std::move(id), parsed, object));
  return written(put.id, put.revision, parsed.deleted ? 200 : 201);
}

// One of several: its row.
void put_row(const CouchCall& call, const ParsedDocument& parsed, const document::Value& object,
             std::string& out) {
  const std::string id = parsed.id ? *parsed.id : new_uuid(call.parts().random);
  const auto put = put_one(call, id, parsed, object);
  ObjectOut row(out);
  if (put) row.flag("ok", true);
  row.text("id", id);
  if (put) row.text("rev", put->revision);
  std::string members;
  if (!put) print_members(put.error(), members);
  if (!put) row.members(members);
  row.end();
}

// Documents of one request, which are looked at before the first is written.
Result<std::vector<ParsedDocument>> documents_in(const document::Value& root, const document::Value& docs) {
  if (const document::Value* const flag = root.find("new_edits");
      flag != nullptr && flag->is_boolean() && !flag->as_boolean()) {
    return Error(ErrorCode::not_implemented,
                 "replications are not replicated: write their documents without new_edits");
  }
  std::vector<ParsedDocument> parsed;
  for (const document::Value& one : docs.elements()) {
    if (!one.is_object()) return bad_request("Document must be a JSON object");
    QUIRE_TRY(ParsedDocument document, parse_document(one.to_json()));
    parsed.push_back(std::move(document));
  }
  return parsed;
}

}  // namespace

ReplicatorDocument replicator_document(engine::ReplicationStatus status) {
  ReplicatorDocument document{.status = std::move(status), .revision = {}};
  document.revision = revision_kept(document.status.document);
  if (is_over(document.status)) {
    document.revision = revision_after(document.revision, scheduler_state(document.status));
  }
  return document;
}

std::string revision_of_deletion(const ReplicatorDocument& document) {
  return revision_after(document.revision, {});
}

Result<ReplicatorDocument> find_replicator_document(const CouchCall& call, std::string_view id) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  auto status = engine::wait<engine::ReplicationStatus>(
      [&](auto done) { replications->get(call.call.caller, call.call.limits(), id, std::move(done)); });
  if (!status && status.error().code() != ErrorCode::not_found) return std::move(status).error();
  if (!status || status->document.empty()) return missing();
  return replicator_document(*std::move(status));
}

Result<std::vector<ReplicatorDocument>> replicator_documents(const CouchCall& call) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  QUIRE_TRY(auto all, engine::wait<std::vector<engine::ReplicationStatus>>([&](auto done) {
              replications->list(call.call.caller, call.call.limits(), std::move(done));
            }));
  std::vector<ReplicatorDocument> documents;
  for (auto& status : all) {
    if (!status.document.empty()) documents.push_back(replicator_document(std::move(status)));
  }
  std::sort(documents.begin(), documents.end(),
            [](const auto& a, const auto& b) { return a.status.id < b.status.id; });
  return documents;
}

void print_replicator_document(const ReplicatorDocument& document, std::string& out) {
  const engine::ReplicationStatus& status = document.status;
  ObjectOut object(out);
  object.text("_id", status.id);
  object.text("_rev", document.revision);
  std::string_view members = members_kept(status.document);
  members.remove_suffix(1);
  object.members(members);
  if (is_over(status)) {
    object.text("_replication_id", replication_id(status));
    object.text("_replication_state", scheduler_state(status));
    object.text("_replication_state_time", whole_date(status.changed_ms));
    print_stats(status, object.member("_replication_stats"));
  }
  object.end();
}

Result<net::Response> get_replicator_document(CouchCall& call) {
  QUIRE_TRY(const ReplicatorDocument document, find_replicator_document(call, call.id));
  if (call.query.has("rev") && call.query.text("rev") != document.revision) return missing();
  net::Response response = json_answer(200, {});
  add_tag(document.revision, response);
  print_replicator_document(document, response.body);
  return response;
}

Result<net::Response> put_replicator_document(CouchCall& call) { return put_body(call, call.id); }
Result<net::Response> post_replicator_document(CouchCall& call) { return put_body(call, {}); }

Result<net::Response> replicator_bulk_docs(CouchCall& call) {
  QUIRE_TRY(const std::string body, whole_body(call));
  std::string text;
  document::Arena arena;
  QUIRE_TRY(const document::Value root, read_object(body, text, arena));
  const document::Value* const docs = root.find("docs");
  if (docs == nullptr || !docs->is_array()) return bad_request("POST body must include `docs` parameter.");
  QUIRE_TRY(const auto parsed, documents_in(root, *docs));
  net::Response response = json_answer(201, "[");
  Separator separator;
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    separator.before(response.body);
    put_row(call, parsed[i], docs->elements()[i], response.body);
  }
  response.body.push_back(']');
  return response;
}

Result<net::Response> delete_replicator_document(CouchCall& call) {
  QUIRE_TRY(const ReplicatorDocument document, find_replicator_document(call, call.id));
  if (named_revision(call) != document.revision) return document_conflict();
  QUIRE_TRY_STATUS(remove(call, call.id));
  return written(call.id, revision_of_deletion(document), 200);
}

}  // namespace quire::api::couch
