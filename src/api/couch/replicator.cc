#include <algorithm>
#include <optional>

#include "api/couch/handlers.h"
#include "api/couch/replication_in.h"
#include "api/couch/replicator_document.h"
#include "api/json_out.h"
#include "document/value.h"

// `_replicator` as the database that clients take it for.

namespace quire::api::couch {

namespace {

// A bound of a range of ids, as JSON; what is no string bounds nothing.
Result<std::optional<std::string>> bound_of(const CouchCall& call, std::string_view name,
                                            std::string_view other) {
  QUIRE_TRY(const auto json, call.query.json(call.query.has(name) ? name : other));
  if (!json) return std::optional<std::string>();
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, *json));
  if (!value.is_string()) return std::optional<std::string>();
  return std::optional(value.to_string());
}

struct Page {
  std::optional<std::string> from;
  std::optional<std::string> to;
  bool descending = false;
  bool documents = false;
  std::uint64_t skip = 0;
  std::uint64_t limit = 0;

  bool holds(const std::string& id) const {
    const auto& low = descending ? to : from;
    const auto& high = descending ? from : to;
    return (!low || id >= *low) && (!high || id <= *high);
  }
};

Result<Page> page_of(const CouchCall& call) {
  Page page;
  QUIRE_TRY(page.from, bound_of(call, "startkey", "start_key"));
  QUIRE_TRY(page.to, bound_of(call, "endkey", "end_key"));
  QUIRE_TRY(const auto key, bound_of(call, "key", "key"));
  if (key) page.from = page.to = key;
  QUIRE_TRY(page.descending, call.query.flag("descending"));
  QUIRE_TRY(page.documents, call.query.flag("include_docs"));
  QUIRE_TRY(page.skip, call.query.number("skip", 0));
  QUIRE_TRY(page.limit, call.query.number("limit", ~std::uint64_t{0}));
  return page;
}

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

}  // namespace

Result<net::Response> get_replicator(CouchCall& call) {
  QUIRE_TRY(const auto documents, replicator_documents(call));
  net::Response response = json_answer(200, {});
  ObjectOut object(response.body);
  object.text("db_name", "_replicator");
  object.number("doc_count", documents.size());
  object.number("doc_del_count", 0);
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
  QUIRE_TRY(Page page, page_of(call));
  QUIRE_TRY(auto documents, replicator_documents(call));
  if (page.descending) std::reverse(documents.begin(), documents.end());
  net::Response response = json_answer(200, {});
  ObjectOut object(response.body);
  object.number("total_rows", documents.size());
  object.number("offset", std::min<std::uint64_t>(page.skip, documents.size()));
  std::string& rows = object.member("rows");
  rows.push_back('[');
  Separator separator;
  for (const ReplicatorDocument& document : documents) {
    if (!page.holds(document.status.id)) continue;
    if (page.skip != 0) {
      --page.skip;
      continue;
    }
    if (page.limit-- == 0) break;
    separator.before(rows);
    print_row(document, page.documents, rows);
  }
  rows.push_back(']');
  object.end();
  return response;
}

}  // namespace quire::api::couch
