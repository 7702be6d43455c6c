#include "api/rest/bulk.h"

#include <utility>

#include "api/fields.h"
#include "api/json_out.h"
#include "api/tuning.h"

namespace quire::api::rest {

namespace {

std::string place(std::size_t index) { return "documents[" + std::to_string(index) + "]"; }

// "documents[3]" in front of a path inside the document.
Error at_document(const Error& error, std::size_t index) {
  Error placed(error.code(), error.message());
  const std::string below = error.field().empty() ? "" : "." + error.field();
  return std::move(placed).at(place(index) + below).over(error.limit()).after(error.retry_after_ms());
}

// A row is wanted for each document, so that one which cannot even be read has an error in its place.
struct Bulk {
  std::vector<engine::Change> changes;
  std::vector<std::pair<std::size_t, Error>> refused;  // by place, rising
  std::size_t count = 0;
};

// What to do about a document that is there, where the request says it for all of them: then its _rev does
// not count.
using Existing = std::optional<engine::Change::Condition>;

Result<Existing> existing_of(std::string_view word) {
  if (word.empty()) return Existing();
  if (word == "error") return Existing(engine::Change::Condition::absent);
  if (word == "replace") return Existing(engine::Change::Condition::any);
  return Error(ErrorCode::invalid, "documents that exist are an error, or to replace").at("existing");
}

Result<engine::Change> make_change(const RestCall& call, Existing existing, std::string_view text) {
  QUIRE_TRY(engine::ParsedDocument parsed, engine::parse_document(text, {}));
  engine::Change change;
  change.collection = call.collection_name;
  if (parsed.id) change.id = *std::move(parsed.id);
  change.expected = std::move(parsed.revision);
  change.body = std::move(parsed.body);
  if (existing) change.condition = *existing;
  if (!parsed.deleted) return change;
  if (change.id.empty()) return Error(ErrorCode::invalid, "a removal names the document").at("_id");
  change.kind = engine::Change::Kind::remove;
  // What is removed is there in any case.
  using Condition = engine::Change::Condition;
  const bool by_revision = change.expected && existing != Condition::any;
  change.condition = by_revision ? Condition::revision : Condition::any;
  return change;
}

Result<Bulk> read_all(RestCall& call, document::ByteSource& source, document::RecordFormat format,
                      bool atomic) {
  document::RecordOptions options;
  options.format = format;
  QUIRE_TRY(const auto reader, document::read_records(source, "", options));
  QUIRE_TRY(const Existing existing, existing_of(call.query.text("existing")));
  Bulk bulk;
  for (;; ++bulk.count) {
    if (bulk.count > tuning::kBulkDocuments) {
      return Error(ErrorCode::too_large,
                   "these are too many documents for one request; import takes any number")
          .over(tuning::kBulkDocuments);
    }
    auto record = reader->next();
    if (record && !*record) return bulk;
    if (reader->failed()) return std::move(record).error();
    auto change = record ? make_change(call, existing, (*record)->json)
                         : Result<engine::Change>(std::move(record).error());
    if (change) {
      bulk.changes.push_back(*std::move(change));
    } else if (atomic) {
      return at_document(change.error(), bulk.count);
    } else {
      bulk.refused.emplace_back(bulk.count, at_document(change.error(), bulk.count));
    }
  }
}

void print_error(const Error& engines, std::string& out) {
  const Error error = in_words_of_http(engines);
  ObjectOut object(out);
  object.text("error", name(error.code()));
  object.text("message", error.message());
  if (!error.field().empty()) object.text("field", error.field());
  if (error.limit() != 0) object.number("limit", error.limit());
  object.end();
}

void print_row(const engine::EditResult& written, std::string& out) {
  ObjectOut object(out);
  object.text("_id", written.id);
  object.text("_rev", written.revision.to_string());
  object.end();
}

std::string print_rows(const Bulk& bulk, const engine::WriteResult& result) {
  std::string out = "{\"results\":[";
  Separator separator;
  auto refused = bulk.refused.begin();
  auto row = result.rows.begin();
  for (std::size_t i = 0; i < bulk.count; ++i) {
    separator.before(out);
    if (refused != bulk.refused.end() && refused->first == i) {
      print_error((refused++)->second, out);
    } else if (const auto& written = *row++; written) {
      print_row(*written, out);
    } else {
      print_error(at_document(written.error(), i), out);
    }
  }
  out += "],\"durable\":\"";
  out.append(name(result.durable)).append("\"}");
  return out;
}

}  // namespace

Result<net::Response> post_bulk(RestCall& call, document::ByteSource& source, document::RecordFormat format) {
  QUIRE_TRY(engine::WriteOptions options, write_options(call));
  options.atomic = call.query.flag("atomic");
  QUIRE_TRY(Bulk bulk, read_all(call, source, format, options.atomic));
  // Documents that were never written down are not in the engine's list, so that its places are not ours; an
  // atomic write has none of those.
  auto result = engine::wait<engine::WriteResult>([&](auto done) {
    call.parts().documents.write(call.call.caller, {}, call.database(), std::move(bulk.changes), options,
                                 std::move(done));
  });
  if (!result) return of_element(result.error(), "documents");
  return json_answer(200, print_rows(bulk, *result));
}

}  // namespace quire::api::rest
