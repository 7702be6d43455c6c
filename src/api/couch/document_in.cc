#include "api/couch/document_in.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "api/couch/error.h"
#include "document/design_id.h"
#include "document/id.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::api::couch {

namespace {

// What the server says of a document, and takes back without a look.
constexpr std::array<std::string_view, 5> kComputed = {"_conflicts", "_deleted_conflicts", "_revs_info",
                                                       "_local_seq", "_revs_limit"};
// What stays with the document: the state of a replication.
constexpr std::string_view kKept = "_replication_";

Error in_words(const Error& error) {
  if (error.code() == ErrorCode::too_large) {
    return refusal(ErrorCode::too_large, "document_too_large", error.message());
  }
  return bad_request("invalid UTF-8 JSON: " + error.message());
}

Error bad_revisions(std::string_view why) {
  return refusal(ErrorCode::invalid, "doc_validation", "_revisions " + std::string(why));
}

Status take_id(const document::Value& value, ParsedDocument& parsed) {
  if (!value.is_string()) {
    return refusal(ErrorCode::invalid, "illegal_docid", "Document id must be a string");
  }
  parsed.id = value.to_string();
  return check_document_id(*parsed.id);
}

Status take_revisions(const document::Value& value, ParsedDocument& parsed) {
  const document::Value* const start = value.find("start");
  const document::Value* const ids = value.find("ids");
  if (start == nullptr || !start->is_number()) return bad_revisions("start isn't an integer.");
  if (ids == nullptr || !ids->is_array()) return bad_revisions("ids isn't an array.");
  const std::string_view digits = start->number_text();
  std::uint64_t generation = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  if (error != std::errc() || end != digits.data() + digits.size() || generation > document::kMaxGeneration) {
    return bad_revisions("start isn't an integer.");
  }
  if (ids->size() == 0 || generation < ids->size()) return bad_revisions("ids are more than generations.");
  parsed.path.reserve(ids->size());
  std::string scratch;
  for (const document::Value& one : ids->elements()) {
    if (!one.is_string()) return bad_revisions("ids must be strings.");
    const std::string_view hash = one.string(scratch);
    if (hash.size() > document::kHashTextBytes) return bad_request("Invalid rev format");
    parsed.path.push_back({generation--, document::RevisionHash::from_text(hash)});
  }
  return ok();
}

Status take_reserved(const document::ReservedMember& member, ParsedDocument& parsed, std::string& kept) {
  document::Arena arena;
  const std::string& name = member.name;
  if (name.starts_with(kKept)) {
    document::append_json_string(kept.append(1, ','), name);
    kept.append(1, ':').append(member.value);
    return ok();
  }
  if (std::find(kComputed.begin(), kComputed.end(), name) != kComputed.end()) return ok();
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, member.value));
  if (name == "_id") return take_id(value, parsed);
  if (name == "_rev") {
    if (!value.is_string()) return bad_request("Invalid rev format");
    parsed.revision_text = value.to_string();
    return ok();
  }
  if (name == "_deleted") {
    if (!value.is_boolean()) return bad_request("_deleted must be a boolean");
    parsed.deleted = value.as_boolean();
    return ok();
  }
  if (name == "_revisions") return take_revisions(value, parsed);
  if (name == "_attachments") {
    if (!value.is_object()) return bad_request("Invalid attachments: they are no object");
    parsed.attachments = member.value;
    return ok();
  }
  return refusal(ErrorCode::invalid, "doc_validation", "Bad special document member: " + name);
}

}  // namespace

Status check_document_id(std::string_view id) {
  const auto illegal = [](std::string reason) {
    return refusal(ErrorCode::invalid, "illegal_docid", std::move(reason));
  };
  if (id.empty()) return illegal("Document id must not be empty");
  const bool reserved = (document::is_design_id(id) && id.size() > 8) || (is_local(id) && id.size() > 7);
  if (id.front() == '_' && !reserved) {
    return illegal("Only reserved document ids may start with underscore.");
  }
  if (const Status checked = document::check_id(id); !checked) {
    return illegal(checked.error().code() == ErrorCode::too_large ? "Document id is too long"
                                                                  : checked.error().message());
  }
  return ok();
}

Result<document::Revision> parse_revision(std::string_view text) {
  auto revision = document::Revision::parse(text);
  if (!revision) return bad_request("Invalid rev format");
  return revision;
}

Result<ParsedDocument> parse_document(std::string_view text) {
  QUIRE_TRY(ParsedDocument parsed, parse_local(text));
  const bool local = parsed.id && is_local(*parsed.id);
  if (!parsed.revision_text.empty() && !local) {
    QUIRE_TRY(parsed.revision, parse_revision(parsed.revision_text));
  }
  return parsed;
}

Result<ParsedDocument> parse_local(std::string_view text) {
  auto split = document::split_document(text, {});
  if (!split) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const bool object = first != std::string_view::npos && text[first] == '{';
    if (!object && first != std::string_view::npos && split.error().code() == ErrorCode::invalid) {
      return bad_request("Document must be a JSON object");
    }
    return in_words(split.error());
  }
  ParsedDocument parsed;
  std::string kept;
  for (const auto& member : split->reserved) QUIRE_TRY_STATUS(take_reserved(member, parsed, kept));
  if (!kept.empty()) {
    split->body.pop_back();
    split->body.append(split->body == "{" ? std::string_view(kept).substr(1) : kept).append(1, '}');
  }
  parsed.body = engine::Body(*std::move(split));
  return parsed;
}

}  // namespace quire::api::couch
