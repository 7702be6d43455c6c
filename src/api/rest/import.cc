#include "api/rest/import.h"

#include <algorithm>

#include "api/admission.h"
#include "api/json_out.h"
#include "api/rest/bulk.h"
#include "api/rest/handlers.h"
#include "api/tuning.h"
#include "engine/id_from_member.h"

namespace quire::api::rest {

namespace {

document::RecordFormat format_of(const net::RequestHead& request) {
  const std::string_view type = media_type(request);
  if (same_media_type(type, "text/csv")) return document::RecordFormat::csv;
  if (same_media_type(type, "application/x-ndjson")) return document::RecordFormat::ndjson;
  return document::RecordFormat::json_array;
}

Result<ImportOptions::Existing> existing_of(std::string_view word) {
  if (word.empty() || word == "error") return ImportOptions::Existing::fail;
  if (word == "skip") return ImportOptions::Existing::skip;
  if (word == "replace") return ImportOptions::Existing::replace;
  return Error(ErrorCode::invalid, "documents that exist are an error, or to skip or replace").at("existing");
}

Error at_place(const std::string& place, const Error& error, std::uint64_t imported) {
  std::string message = place + ": ";
  if (!error.field().empty() && error.field() != place) message += error.field() + ": ";
  message += error.message() + " (" + std::to_string(imported) + " documents were imported)";
  return Error(error.code(), std::move(message)).at(place).over(error.limit()).after(error.retry_after_ms());
}

}  // namespace

Result<ImportOptions> ImportOptions::parse(const RestCall& call) {
  ImportOptions options;
  options.records.format = format_of(call.request());
  options.records.infer_types = call.query.flag("inferTypes");
  if (call.query.has("separator")) {
    const std::string_view separator = call.query.text("separator");
    if (separator.size() != 1)
      return Error(ErrorCode::invalid, "a separator is one character").at("separator");
    options.records.separator = separator.front();
  }
  QUIRE_TRY(options.write, write_options(call));
  QUIRE_TRY(options.existing, existing_of(call.query.text("existing")));
  options.skip_bad = call.query.flag("skipBad");
  options.id_field = call.query.text("idField");
  return options;
}

Result<net::Response> Import::run() {
  auto read = read_all();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return under_way_ == 0; });
  if (stopped_) {
    // Which of the batches under way failed first is known only now, and how many were written.
    return at_place(stopped_->field(), *stopped_, imported_);
  }
  if (!read)
    return Error(read.error().code(),
                 read.error().message() + " (" + std::to_string(imported_) + " documents were imported)")
        .at(read.error().field())
        .over(read.error().limit());
  return json_answer(200, print());
}

Status Import::read_all() {
  QUIRE_TRY(const auto reader, document::read_records(source_, "", options_.records));
  while (!stopped()) {
    auto record = reader->next();
    if (reader->failed()) {
      submit();
      return std::move(record).error();
    }
    if (record && !*record) break;
    Status status = record ? take(**record) : Status(record.error());
    if (status) continue;
    // What stands in front of it is written.
    submit();
    const std::lock_guard lock(mutex_);
    take_bad(record ? (*record)->place() : status.error().field(), status.error());
  }
  submit();
  return ok();
}

bool Import::stopped() {
  const std::lock_guard lock(mutex_);
  return stopped_.has_value();
}

Status Import::take(const document::Record& record) {
  QUIRE_TRY(engine::Change change, make_change(record.json));
  batch_.bytes += record.json.size();
  batch_.changes.push_back(std::move(change));
  batch_.places.push_back(record.place());
  const bool full =
      batch_.changes.size() >= tuning::kImportBatchDocuments || batch_.bytes >= tuning::kImportBatchBytes;
  if (full) submit();
  return ok();
}

Result<engine::Change> Import::make_change(std::string_view json) const {
  QUIRE_TRY(engine::ParsedDocument parsed, engine::parse_document(json, {}));
  if (parsed.deleted) return Error(ErrorCode::invalid, "an import deletes nothing").at("_deleted");
  engine::Change change;
  change.collection = call_.query.has("collection") ? call_.query.text("collection") : "_default";
  if (parsed.id) {
    change.id = *std::move(parsed.id);
  } else if (!options_.id_field.empty()) {
    QUIRE_TRY(change.id, engine::id_from_member(parsed.body.text(), options_.id_field));
  }
  change.body = std::move(parsed.body);
  change.condition = options_.existing == ImportOptions::Existing::replace
                         ? engine::Change::Condition::any
                         : engine::Change::Condition::absent;
  return change;
}

void Import::submit() {
  if (batch_.changes.empty()) return;
  const auto ids = engine::DocumentsUnderWay::ids_of(batch_.changes);
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return under_way_ < tuning::kImportBatchesUnderWay && !documents_under_way_.has_any(ids);
    });
    if (stopped_) return;
    ++under_way_;
    documents_under_way_.add(ids);
  }
  engine::WriteOptions write = options_.write;
  // A retry cuts the same file into the same batches.
  if (!write.request_id.empty()) write.request_id += "/" + std::to_string(batches_);
  ++batches_;
  Batch batch = std::exchange(batch_, Batch());
  call_.parts().documents.write(
      call_.call.caller, call_.call.limits(), call_.database(), std::move(batch.changes), write,
      [this, ids, places = std::move(batch.places)](Result<engine::WriteResult> result) {
        written(places, ids, std::move(result));
      });
}

void Import::written(const std::vector<std::string>& places, const engine::DocumentsUnderWay::Ids& ids,
                     Result<engine::WriteResult> result) {
  const std::lock_guard lock(mutex_);
  if (!result) {
    if (!stopped_) stopped_ = Error(result.error()).at(places.front());
  } else {
    durable_ = std::min(durable_, result->durable);
    for (std::size_t i = 0; i < result->rows.size(); ++i) {
      const auto& row = result->rows[i];
      if (row) {
        ++imported_;
      } else if (row.error().code() == ErrorCode::exists &&
                 options_.existing == ImportOptions::Existing::skip) {
        ++existing_;
      } else {
        take_bad(places[i], row.error());
      }
    }
  }
  documents_under_way_.remove(ids);
  --under_way_;
  // Under the lock: whoever waits may end this object as soon as it can go on.
  changed_.notify_all();
}

void Import::take_bad(const std::string& place, const Error& error) {
  if (!options_.skip_bad) {
    if (!stopped_) stopped_ = Error(error).at(place);
    return;
  }
  ++bad_;
  if (shown_.size() < tuning::kImportErrorsShown) shown_.emplace_back(place, error);
}

std::string Import::print() {
  std::string out;
  ObjectOut object(out);
  object.number("imported", imported_);
  object.number("existing", existing_);
  object.number("bad", bad_);
  std::string& errors = object.member("errors");
  errors.push_back('[');
  Separator separator;
  for (const auto& [place, error] : shown_) {
    separator.before(errors);
    ObjectOut one(errors);
    one.text("place", place);
    one.text("error", name(error.code()));
    one.text("message", error.message());
    one.end();
  }
  errors.push_back(']');
  object.text("durable", name(durable_));
  object.end();
  return out;
}

Status import_documents(RestCall& call) {
  QUIRE_TRY(ImportOptions options, ImportOptions::parse(call));
  BodySource source(*call.call.stream);
  Import import(call, std::move(options), source);
  QUIRE_TRY(net::Response response, import.run());
  call.exchange().send(std::move(response));
  return ok();
}

}  // namespace quire::api::rest
