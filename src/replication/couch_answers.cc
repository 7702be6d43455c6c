#include "replication/couch_answers.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/bytes.h"
#include "document/json.h"
#include "document/value.h"
#include "replication/couch_text.h"
#include "replication/tuning.h"

namespace quire::replication {

namespace {

using document::Revision;
using document::Value;

Error strange(const char* what) {
  return {ErrorCode::invalid, std::string("a peer's answer is not what the protocol asks for: ") + what};
}

// An answer as a tree; whoever received it bounded its length.
struct Parsed {
  std::string text;
  document::Arena arena;
  Value value;
};

Result<std::unique_ptr<Parsed>> parse_answer(std::string_view text) {
  auto parsed = std::make_unique<Parsed>();
  document::JsonLimits limits;
  limits.document_bytes = text.size() + 1;
  limits.depth = kAnswerDepth;
  if (!document::minify(text, limits, parsed->text)) return strange("no JSON");
  QUIRE_TRY(parsed->value, Value::parse(parsed->arena, parsed->text));
  return parsed;
}

std::optional<std::string> text_member(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->to_string();
}

std::optional<std::uint64_t> number_member(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const std::string_view text = value->number_text();
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool flag_member(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value != nullptr && value->is_boolean() && value->as_boolean();
}

// A sequence: a number, a text, or (of some clusters) an array, which is taken as it is written.
std::optional<SourcePosition> position_member(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  std::string text = value->is_string() ? value->to_string() : value->to_json();
  if (text.size() > kPositionBytes) return std::nullopt;
  return text;
}

std::optional<Revision> revision_of(const Value& value) {
  if (!value.is_string()) return std::nullopt;
  auto revision = Revision::parse(value.to_string());
  if (!revision) return std::nullopt;
  return *revision;
}

Result<std::vector<Revision>> revisions_of(const Value& list) {
  std::vector<Revision> revisions;
  if (!list.is_array()) return strange("no list of revisions");
  for (const Value& item : list.elements()) {
    const auto revision = revision_of(item);
    if (!revision) return strange("no revision");
    revisions.push_back(*revision);
  }
  return revisions;
}

Result<ChangedDocument> change_of(const Value& row) {
  auto id = text_member(row, "id");
  const Value* changes = row.find("changes");
  if (!id || id->empty() || changes == nullptr || !changes->is_array())
    return strange("a row without a change");
  ChangedDocument change{{{}, std::move(*id)}, {}};
  for (const Value& item : changes->elements()) {
    const Value* rev = item.find("rev");
    const auto revision = rev == nullptr ? std::nullopt : revision_of(*rev);
    if (!revision) return strange("a change without a revision");
    const bool deleted = change.leaves.empty() && flag_member(row, "deleted");
    change.leaves.push_back({*revision, deleted});
  }
  return change;
}

// The codes of failed rows, by the words of the protocol.
ErrorCode code_of_row(std::string_view error) {
  if (error == "forbidden" || error == "unauthorized") return ErrorCode::forbidden;
  if (error == "not_found") return ErrorCode::not_found;
  if (error == "too_large" || error == "document_too_large" || error == "request_entity_too_large") {
    return ErrorCode::too_large;
  }
  if (error == "internal_server_error" || error == "timeout" || error == "service_unavailable" ||
      error == "internal_error" || error == "error") {
    return ErrorCode::unavailable;
  }
  return ErrorCode::invalid;
}

Result<std::vector<Revision>> path_of(const Value* revisions, const Revision& rev) {
  if (revisions == nullptr) return std::vector<Revision>{rev};
  const auto start = number_member(*revisions, "start");
  const Value* ids = revisions->find("ids");
  if (!start || ids == nullptr || !ids->is_array() || ids->size() == 0) return strange("_revisions");
  if (ids->size() > kPathRevisions) {
    return Error(ErrorCode::too_large, "a document has more ancestors than a replication takes")
        .over(kPathRevisions);
  }
  if (*start > document::kMaxGeneration || *start < ids->size()) return strange("_revisions");
  std::vector<Revision> path;
  for (const Value& id : ids->elements()) {
    if (!id.is_string()) return strange("_revisions");
    std::string hash = id.to_string();
    if (hash.size() > document::kHashTextBytes) return strange("_revisions");
    path.push_back({*start - path.size(), document::RevisionHash::from_text(hash)});
  }
  if (path.front() != rev) return strange("_revisions of another revision");
  return path;
}

Result<AttachmentInfo> attachment_of(const document::Member& member, const Revision& rev) {
  AttachmentInfo info;
  info.name = member.name.to_string();
  const Value& value = member.value;
  const auto length = number_member(value, "length");
  const auto type = text_member(value, "content_type");
  if (!value.is_object() || !length || info.name.empty() || info.name.size() > kAttachmentNameBytes) {
    return strange("an attachment");
  }
  info.length = *length;
  info.content_type = type.value_or("application/octet-stream");
  info.revpos = std::min(number_member(value, "revpos").value_or(rev.generation), rev.generation);
  // Of compressed bytes the digest is not that of what comes.
  constexpr std::string_view kMd5 = "md5-";
  const auto digest = text_member(value, "digest").value_or("");
  if (digest.starts_with(kMd5) && value.find("encoding") == nullptr) {
    const auto bytes = from_base64(std::string_view(digest).substr(kMd5.size()));
    constexpr std::size_t kMd5Bytes = 16;
    if (bytes && bytes->size() == kMd5Bytes) info.md5 = *bytes;
  }
  return info;
}

Status take_member(const document::ReservedMember& member, const Revision& rev, TravellingRevision& out) {
  document::Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, member.value));
  if (member.name == "_deleted") {
    out.deleted = value.is_boolean() && value.as_boolean();
  } else if (member.name == "_revisions") {
    QUIRE_TRY(out.path, path_of(&value, rev));
  } else if (member.name == "_attachments") {
    if (!value.is_object()) return strange("_attachments");
    for (const auto& attachment : value.members()) {
      QUIRE_TRY(AttachmentInfo info, attachment_of(attachment, rev));
      out.attachments.push_back(std::move(info));
    }
  }
  return ok();
}

std::optional<Revision> rev_of(const document::SplitDocument& split) {
  for (const auto& member : split.reserved) {
    if (member.name != "_rev") continue;
    document::Arena arena;
    const auto value = Value::parse(arena, member.value);
    return value ? revision_of(*value) : std::nullopt;
  }
  return std::nullopt;
}

using AskedNames = std::map<std::string, std::size_t, std::less<>>;

void take_bulk_get_item(const Value& item, const DocumentName& name, FetchedRevisions& out) {
  if (const Value* found = item.find("ok"); found != nullptr && found->is_object()) {
    auto revision = parse_couch_document(found->to_json(), name);
    if (revision) {
      out.revisions.push_back(std::move(*revision));
    } else {
      out.failures.push_back({name, {}, std::move(revision).error()});
    }
    return;
  }
  const Value* error = item.find("error");
  if (error == nullptr || !error->is_object()) return;
  const Value* rev = error->find("rev");
  const auto code = code_of_row(text_member(*error, "error").value_or(""));
  out.failures.push_back({name, rev == nullptr ? Revision{} : revision_of(*rev).value_or(Revision{}),
                          Error(code, "the source does not give it")});
}

}  // namespace

std::optional<Error> error_of_status(unsigned status) {
  if (status >= 200 && status < 300) return std::nullopt;
  const std::string text = "the peer answers with status " + std::to_string(status);
  switch (status) {
    case 400:
    case 406:
    case 415: return Error(ErrorCode::invalid, text);
    case 401: return Error(ErrorCode::unauthenticated, text);
    case 403: return Error(ErrorCode::forbidden, text);
    case 404: return Error(ErrorCode::not_found, text);
    case 409: return Error(ErrorCode::conflict, text);
    case 412: return Error(ErrorCode::precondition, text);
    case 413: return Error(ErrorCode::too_large, text);
    case 423: return Error(ErrorCode::locked, text);
    case 429: return Error(ErrorCode::exhausted, text);
    case 405:
    case 501: return Error(ErrorCode::not_implemented, text);
    default: break;
  }
  if (status >= 300 && status < 400) {
    return Error(ErrorCode::invalid, text + ": redirects are not followed");
  }
  return Error(status >= 500 ? ErrorCode::unavailable : ErrorCode::invalid, text);
}

std::string server_id(std::string_view welcome) {
  const auto parsed = parse_answer(welcome);
  if (!parsed) return {};
  auto id = text_member((*parsed)->value, "uuid").value_or("");
  return id.size() > kSessionBytes ? std::string() : id;
}

Result<CouchDatabase> parse_database(std::string_view text) {
  QUIRE_TRY(const auto parsed, parse_answer(text));
  if (!parsed->value.is_object()) return strange("no database");
  CouchDatabase database;
  database.started = text_member(parsed->value, "instance_start_time").value_or("");
  if (database.started.size() > kSessionBytes) return strange("instance_start_time");
  database.position = position_member(parsed->value, "update_seq").value_or("");
  return database;
}

Result<StoredCheckpoint> parse_local(std::string_view text) {
  auto split = document::split_document(text, {});
  if (!split) return strange("no _local document");
  const auto rev = rev_of(*split);
  StoredCheckpoint record{{}, std::move(split->body)};
  for (const auto& member : split->reserved) {
    if (member.name != "_rev") continue;
    document::Arena arena;
    const auto value = Value::parse(arena, member.value);
    if (value && value->is_string()) record.revision = value->to_string();
  }
  if (record.revision.empty() || record.revision.size() > kSessionBytes) return strange("_rev");
  return record;
}

Result<std::string> parse_written(std::string_view text) {
  QUIRE_TRY(const auto parsed, parse_answer(text));
  auto rev = text_member(parsed->value, "rev");
  if (!rev || rev->size() > kSessionBytes) return strange("rev");
  return std::move(*rev);
}

Result<ChangesPage> parse_changes(std::string_view text, std::uint32_t limit) {
  QUIRE_TRY(const auto parsed, parse_answer(text));
  const Value* results = parsed->value.find("results");
  auto last = position_member(parsed->value, "last_seq");
  if (results == nullptr || !results->is_array() || !last) return strange("no changes");
  if (results->size() > std::size_t{2} * limit + 1) {
    return Error(ErrorCode::too_large, "a peer answers more changes than it was asked for").over(limit);
  }
  ChangesPage page;
  for (const Value& row : results->elements()) {
    QUIRE_TRY(ChangedDocument change, change_of(row));
    page.rows.push_back(std::move(change));
  }
  page.next = std::move(*last);
  page.pending = number_member(parsed->value, "pending");
  page.at_end = page.rows.size() < limit || page.pending == 0;
  return page;
}

Result<std::vector<MissingOf>> parse_revs_diff(std::string_view text, const std::vector<RevisionsOf>& asked) {
  QUIRE_TRY(const auto parsed, parse_answer(text));
  if (!parsed->value.is_object()) return strange("no difference");
  AskedNames names;
  for (std::size_t i = 0; i < asked.size(); ++i) names.emplace(couch_name(asked[i].name), i);
  std::vector<MissingOf> out;
  for (const auto& member : parsed->value.members()) {
    const auto found = names.find(member.name.to_string());
    if (found == names.end()) continue;
    MissingOf missing{.document = found->second, .revisions = {}, .possible_ancestors = {}};
    const Value* revisions = member.value.find("missing");
    if (revisions == nullptr) return strange("no missing revisions");
    QUIRE_TRY(missing.revisions, revisions_of(*revisions));
    if (const Value* ancestors = member.value.find("possible_ancestors")) {
      QUIRE_TRY(missing.possible_ancestors, revisions_of(*ancestors));
    }
    if (!missing.revisions.empty()) out.push_back(std::move(missing));
  }
  return out;
}

Result<FetchedRevisions> parse_bulk_get(std::string_view text, const std::vector<WantedRevisions>& asked,
                                        std::size_t count) {
  QUIRE_TRY(const auto parsed, parse_answer(text));
  const Value* results = parsed->value.find("results");
  if (results == nullptr || !results->is_array()) return strange("no documents");
  AskedNames names;
  for (std::size_t i = 0; i < count; ++i) names.emplace(couch_name(asked[i].name), i);
  FetchedRevisions out;
  out.documents = count;
  for (const Value& result : results->elements()) {
    const auto id = text_member(result, "id");
    const auto found = id ? names.find(*id) : names.end();
    const Value* docs = result.find("docs");
    if (found == names.end() || docs == nullptr || !docs->is_array()) continue;
    for (const Value& item : docs->elements()) take_bulk_get_item(item, asked[found->second].name, out);
  }
  return out;
}

Result<FetchedRevisions> parse_open_revisions(std::string_view text, const DocumentName& name) {
  QUIRE_TRY(const auto parsed, parse_answer(text));
  if (!parsed->value.is_array()) return strange("no revisions");
  FetchedRevisions out;
  out.documents = 1;
  for (const Value& item : parsed->value.elements()) {
    if (const Value* missing = item.find("missing")) {
      out.failures.push_back({name, revision_of(*missing).value_or(Revision{}),
                              Error(ErrorCode::not_found, "the source does not have it any more")});
    } else {
      take_bulk_get_item(item, name, out);
    }
  }
  return out;
}

bool says_that_document_is_missing(std::string_view text) {
  const auto parsed = parse_answer(text);
  if (!parsed) return false;
  const auto reason = text_member((*parsed)->value, "reason");
  return reason == "missing" || reason == "deleted";
}

Result<TravellingRevision> parse_couch_document(std::string_view text, const DocumentName& name) {
  auto split = document::split_document(text, {});
  if (!split) {
    const Error& error = split.error();
    if (error.code() == ErrorCode::too_large) {
      return Error(ErrorCode::too_large, "the document is over a limit").over(error.limit());
    }
    return strange("a document");
  }
  const auto rev = rev_of(*split);
  if (!rev) return strange("_rev");
  TravellingRevision revision{name, {*rev}, false, std::move(split->body), {}};
  for (const auto& member : split->reserved) QUIRE_TRY_STATUS(take_member(member, *rev, revision));
  return revision;
}

Result<WrittenRevisions> parse_bulk_docs(std::string_view text,
                                         const std::vector<const TravellingRevision*>& sent) {
  QUIRE_TRY(const auto parsed, parse_answer(text));
  if (!parsed->value.is_array()) return strange("no rows");
  std::multimap<std::string, std::size_t, std::less<>> names;
  for (std::size_t i = 0; i < sent.size(); ++i) names.emplace(couch_name(sent[i]->name), i);
  WrittenRevisions out;
  for (const Value& row : parsed->value.elements()) {
    const auto id = text_member(row, "id");
    const auto error = text_member(row, "error");
    if (!id || !error) continue;  // a row that says that it was done
    const Value* rev = row.find("rev");
    const auto revision = rev == nullptr ? std::nullopt : revision_of(*rev);
    const auto [first, last] = names.equal_range(*id);
    for (auto at = first; at != last; ++at) {
      // A row that does not say which revision is about all of its document's.
      if (revision && sent[at->second]->path.front() != *revision) continue;
      out.failures.emplace_back(at->second, Error(code_of_row(*error), "the target does not take it"));
    }
  }
  return out;
}

}  // namespace quire::replication
