#include "cli/remote/remote_documents.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/random.h"
#include "cli/remote/json.h"
#include "cli/remote/lines.h"
#include "engine/body.h"

// Writes go as bulks of lines, a document each, since a bulk's rows carry the engine's own errors. What a
// change asks of the document that is there is said once for the whole bulk, so changes that ask alike go
// together.

namespace quire::cli::remote {

namespace {

using engine::Change;

constexpr std::string_view kLines = "application/x-ndjson";

Error not_over_a_server(std::string_view what) {
  return Error(ErrorCode::not_implemented,
               std::string(what) + " works on a data directory, not over a server");
}

// A document as the server prints it, with the bytes that its views show.
Result<engine::Document> read_document(std::string_view text) {
  auto parsed = engine::parse_document(text, {});
  if (!parsed || !parsed->revision) return unexpected("a document");
  engine::Document document;
  document.revision = *std::move(parsed->revision);
  document.deleted = parsed->deleted;
  document.bytes = database::RecordRef::copy(parsed->body.text());
  document.body = document.bytes.view();
  return document;
}

// What a bulk says of documents that are there.
std::string_view existing_of(Change::Condition condition) {
  return condition == Change::Condition::absent ? "error" : "replace";
}

Status check_kinds(std::span<const Change> changes) {
  for (const Change& change : changes) {
    if (change.kind == Change::Kind::replicate) return not_over_a_server("--revs");
    if (change.kind == Change::Kind::transform) return not_over_a_server("an update");
  }
  return ok();
}

// The line that stands for a change.
void print_change(const Change& change, std::string& out) {
  const bool deleted = change.kind == Change::Kind::remove;
  const std::string revision = change.expected ? change.expected->to_string() : std::string();
  if (change.id.empty()) {
    out += change.body.text();
  } else {
    engine::print_document(change.id, revision, deleted, change.body.text(), out);
  }
  out.push_back('\n');
}

// "documents[3].a.b" is the path a.b of a row that is known anyway.
Error without_place(const Error& error) {
  std::string_view field = error.field();
  if (field.starts_with("documents[")) {
    field.remove_prefix(std::min(field.find(']') + 1, field.size()));
    if (field.starts_with('.')) field.remove_prefix(1);
  }
  return Error(error.code(), error.message()).at(std::string(field)).over(error.limit());
}

Result<engine::EditResult> read_row(const document::Value& row) {
  if (row.find("error") != nullptr) return without_place(error_of(row));
  auto revision = document::Revision::parse(text_of(row, "_rev"));
  if (!revision) return unexpected("the result of a write");
  engine::EditResult result;
  result.id = text_of(row, "_id");
  result.revision = *std::move(revision);
  return result;
}

std::string fresh_key() {
  std::string bytes(16, '\0');
  system_random().fill(bytes.data(), bytes.size());
  return to_hex(bytes);
}

// A list that breaks off ends with the error.
Error last_error(std::string_view line) {
  document::Arena arena;
  const auto value = document::Value::parse(arena, line);
  const document::Value* const code = value && value->is_object() ? value->find("error") : nullptr;
  return code != nullptr && code->is_string() ? error_of(*value) : unexpected("a list of documents");
}

}  // namespace

void RemoteDocuments::get(const engine::Caller&, const CallLimits&, const engine::CollectionAddress& address,
                          std::string_view id, const engine::GetOptions& options,
                          engine::Completion<engine::Document> done) {
  done(get(address, id, options));
}

void RemoteDocuments::list(const engine::Caller&, const CallLimits&, const engine::CollectionAddress& address,
                           const engine::ListOptions& options, const engine::ListSink& sink,
                           engine::Completion<engine::ListEnd> done) {
  done(list(address, options, sink));
}

void RemoteDocuments::count(const engine::Caller&, const CallLimits&, const engine::CollectionAddress&,
                            engine::Completion<std::uint64_t> done) {
  done(not_over_a_server("a count"));
}

void RemoteDocuments::write(const engine::Caller&, const CallLimits&, const engine::DatabaseAddress& address,
                            std::vector<Change> changes, const engine::WriteOptions& options,
                            engine::Completion<engine::WriteResult> done) {
  done(write(address, changes, options));
}

void RemoteDocuments::open_revisions(const engine::Caller&, const CallLimits&,
                                     const engine::CollectionAddress&, std::string_view,
                                     const engine::OpenOptions&, const engine::OpenSink&,
                                     engine::Completion<void> done) {
  done(not_over_a_server("opening revisions"));
}

void RemoteDocuments::write_attachment(const engine::Caller&, const CallLimits&,
                                       const engine::CollectionAddress&,
                                       engine::Completion<std::unique_ptr<engine::AttachmentWriter>> done) {
  done(not_over_a_server("an attachment"));
}

void RemoteDocuments::read_attachment(const engine::Caller&, const CallLimits&,
                                      const engine::CollectionAddress&, std::string_view, std::string_view,
                                      const std::optional<document::Revision>&, const engine::ByteRange&,
                                      const std::function<bool(std::string_view)>&,
                                      engine::Completion<engine::Attachment> done) {
  done(not_over_a_server("an attachment"));
}

Result<engine::Document> RemoteDocuments::get(const engine::CollectionAddress& address, std::string_view id,
                                              const engine::GetOptions& options) {
  Target target = Target::collection(address).segment("documents").segment(id);
  if (options.revision) target.parameter("rev", options.revision->to_string());
  QUIRE_TRY(const std::string text, http_.call({.target = std::move(target)}));
  return read_document(text);
}

Result<engine::ListEnd> RemoteDocuments::list(const engine::CollectionAddress& address,
                                              const engine::ListOptions& options,
                                              const engine::ListSink& sink) {
  Target target = Target::collection(address).segment("documents");
  if (!options.after.empty()) target.parameter("after", options.after);
  if (!options.before.empty()) target.parameter("before", options.before);
  if (options.descending) target.parameter("descending", "true");
  if (options.limit != ~std::uint64_t{0}) target.parameter("limit", options.limit);
  engine::ListEnd end;
  Status status = ok();
  const auto take_line = [&](std::string_view line) {
    auto parsed = engine::parse_document(line, {});
    if (!parsed || !parsed->id || !parsed->revision) {
      status = last_error(line);
      return false;
    }
    ++end.rows;
    end.more = !sink({.id = *parsed->id,
                      .revision = *parsed->revision,
                      .deleted = parsed->deleted,
                      .body = parsed->body.text()});
    return !end.more;
  };
  Lines lines(take_line);
  QUIRE_TRY_STATUS(http_.stream({.target = std::move(target), .accept = kLines},
                                [&](std::string_view piece) { return lines.take(piece); }));
  QUIRE_TRY_STATUS(status);
  if (!end.more && !lines.empty()) return unexpected("whole: it ends within a document");
  return end;
}

Result<engine::WriteResult> RemoteDocuments::write(const engine::DatabaseAddress& address,
                                                   const std::vector<Change>& changes,
                                                   const engine::WriteOptions& options) {
  QUIRE_TRY_STATUS(check_kinds(changes));
  engine::WriteResult result;
  const std::span<const Change> all(changes);
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    const auto alike = [&](const Change& change) {
      return change.collection == all[begin].collection && change.condition == all[begin].condition;
    };
    end = begin + 1;
    while (end < all.size() && alike(all[end])) ++end;
    QUIRE_TRY_STATUS(write_run(address, all.subspan(begin, end - begin), options, result));
  }
  return result;
}

Status RemoteDocuments::write_run(const engine::DatabaseAddress& address, std::span<const Change> changes,
                                  const engine::WriteOptions& options, engine::WriteResult& result) {
  Target target = Target::collection({.database = address, .collection = changes.front().collection})
                      .segment("documents");
  target.parameter("durability", database::name(options.durability));
  if (changes.front().condition != Change::Condition::revision) {
    target.parameter("existing", existing_of(changes.front().condition));
  }
  std::string body;
  for (const Change& change : changes) print_change(change, body);
  QUIRE_TRY(const std::string text, http_.call({.method = net::Method::post,
                                                .target = std::move(target),
                                                .content_type = kLines,
                                                .body = body,
                                                .idempotency_key = fresh_key()}));
  QUIRE_TRY(const Json json, Json::parse(text));
  const document::Value* const rows = json.value().find("results");
  if (rows == nullptr || !rows->is_array() || rows->size() != changes.size()) {
    return unexpected("the result of a write");
  }
  for (const document::Value& row : rows->elements()) result.rows.push_back(read_row(row));
  result.durable = options.durability;
  return ok();
}

}  // namespace quire::cli::remote
