#include <algorithm>
#include <vector>

#include "api/couch/handlers.h"
#include "api/couch/list_request.h"
#include "api/couch/replicator_changes.h"
#include "api/couch/replicator_document.h"
#include "api/couch/sequence.h"
#include "api/json_out.h"

// `_replicator` as the database that clients take it for.

namespace quire::api::couch {

namespace {

void print_row(const ReplicatorDocument& document, bool whole, std::string& out) {
  ObjectOut row(out);
  row.text("id", document.status.id);
  row.text("key", document.status.id);
  ObjectOut value(row.member("value"));
  value.text("rev", document.revision);
  value.end();
  if (whole) print_replicator_document(document, row.member("doc"));
  row.end();
}

// The rows of a list, as many as it asks for.
class ReplicatorRows {
 public:
  ReplicatorRows(const ListRequest& request, std::string& out)
      : request_(request), window_(request), out_(out) {}

  // Of both: the documents are in the order of their ids.
  void print_range(const std::vector<ReplicatorDocument>& documents) {
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const ReplicatorDocument& document = documents[request_.descending ? documents.size() - 1 - i : i];
      if (request_.holds(document.status.id) && window_.take()) print(document);
    }
  }

  void print_keys(const std::vector<ReplicatorDocument>& documents) {
    for (const ListKey& key : *request_.keys) {
      if (!window_.take()) continue;
      const auto found = std::lower_bound(
          documents.begin(), documents.end(), key.id,
          [](const ReplicatorDocument& one, const std::string& id) { return one.status.id < id; });
      if (found != documents.end() && found->status.id == key.id) {
        print(*found);
      } else {
        print_absent(key.id);
      }
    }
  }

 private:
  void print(const ReplicatorDocument& document) {
    separator_.before(out_);
    print_row(document, request_.documents, out_);
  }
  void print_absent(const std::string& id) {
    separator_.before(out_);
    ObjectOut row(out_);
    row.text("key", id);
    row.text("error", "not_found");
    row.end();
  }

  const ListRequest& request_;
  RowWindow window_;
  std::string& out_;
  Separator separator_;
};

}  // namespace

Result<net::Response> get_replicator(CouchCall& call) {
  QUIRE_TRY(const auto documents, replicator_documents(call));
  QUIRE_TRY(const engine::Position position, replicator_position(call));
  net::Response response = json_answer(200, {});
  ObjectOut object(response.body);
  object.text("db_name", "_replicator");
  object.number("doc_count", documents.size());
  object.number("doc_del_count", 0);
  object.raw("update_seq", sequence_json(position));
  object.raw("props", "{}");
  object.raw("cluster", R"({"q":1,"n":1,"w":1,"r":1})");
  object.end();
  return response;
}

// It is always there: what clients do when a server is new finds it made.
Result<net::Response> put_replicator(CouchCall&) {
  return refusal(ErrorCode::exists, "file_exists",
                 "The database could not be created, the file already exists.")
      .at("database");
}

Result<net::Response> replicator_list(CouchCall& call) {
  QUIRE_TRY(const ListRequest request, ListRequest::parse(call));
  QUIRE_TRY(const auto documents, replicator_documents(call));
  net::Response response = json_answer(200, {});
  ObjectOut object(response.body);
  object.number("total_rows", documents.size());
  object.number("offset", std::min<std::uint64_t>(request.skip, documents.size()));
  if (request.update_sequence) {
    QUIRE_TRY(const engine::Position position, replicator_position(call));
    object.raw("update_seq", sequence_json(position));
  }
  std::string& rows = object.member("rows");
  rows.push_back('[');
  ReplicatorRows printed(request, rows);
  if (request.keys) {
    printed.print_keys(documents);
  } else {
    printed.print_range(documents);
  }
  rows.push_back(']');
  object.end();
  return response;
}

}  // namespace quire::api::couch
