#include "api/couch/bulk_in.h"

#include <utility>

#include "api/couch/document_in.h"
#include "api/couch/error.h"
#include "api/tuning.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::api::couch {

namespace {

Result<std::string> checked(std::string_view body, const document::JsonLimits& limits) {
  std::string text;
  if (const Status good = document::minify(body, limits, text); !good) {
    return bad_request("invalid UTF-8 JSON: " + good.error().message());
  }
  return text;
}

Result<AskedRevisions> read_asked(const document::Member& member) {
  AskedRevisions asked{.id = member.name.to_string(), .revisions = {}};
  if (!member.value.is_array()) return bad_request("Invalid list of revisions");
  for (const document::Value& one : member.value.elements()) {
    if (!one.is_string()) return bad_request("Invalid rev format");
    QUIRE_TRY(auto revision, parse_revision(one.to_string()));
    asked.revisions.push_back(std::move(revision));
  }
  return asked;
}

std::string text_of(const document::Value* value) {
  return value != nullptr && value->is_string() ? value->to_string() : std::string();
}

Result<WantedRevision> read_wanted(const document::Value& one) {
  if (!one.is_object()) return bad_request("a member of `docs` must be an object");
  const document::Value* const id = one.find("id");
  if (id == nullptr || !id->is_string()) return bad_request("document id missed");
  WantedRevision wanted{
      .id = id->to_string(), .revision_text = text_of(one.find("rev")), .revision = {}, .bad = {}};
  if (wanted.revision_text.empty()) return wanted;
  auto revision = parse_revision(wanted.revision_text);
  if (revision) {
    wanted.revision = *std::move(revision);
  } else {
    wanted.bad = revision.error();
  }
  return wanted;
}

}  // namespace

Result<bool> parse_new_edits(std::string_view text) {
  QUIRE_TRY(const std::string minified, checked(text, {}));
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, minified));
  const document::Value* const flag = root.find("new_edits");
  if (flag == nullptr) return true;
  if (!flag->is_boolean()) return bad_request("`new_edits` parameter must be a boolean.");
  return flag->as_boolean();
}

Result<std::vector<AskedRevisions>> parse_asked(std::string_view body) {
  document::JsonLimits limits;
  limits.document_bytes = tuning::kBulkBytes;
  limits.members = tuning::kBulkDocuments;
  QUIRE_TRY(const std::string text, checked(body, limits));
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, text));
  if (!root.is_object()) return bad_request("Request body must be a JSON object");
  std::vector<AskedRevisions> all;
  all.reserve(root.size());
  for (const document::Member& member : root.members()) {
    QUIRE_TRY(auto asked, read_asked(member));
    all.push_back(std::move(asked));
  }
  return all;
}

Result<std::vector<WantedRevision>> parse_wanted(std::string_view body) {
  document::JsonLimits limits;
  limits.document_bytes = tuning::kBulkBytes;
  QUIRE_TRY(const std::string text, checked(body, limits));
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, text));
  const document::Value* const list = root.find("docs");
  if (list == nullptr || !list->is_array()) return bad_request("Missing JSON list of 'docs'.");
  if (list->size() > tuning::kBulkDocuments) {
    return Error(ErrorCode::too_large, "these are too many documents for one request")
        .over(tuning::kBulkDocuments);
  }
  std::vector<WantedRevision> all;
  all.reserve(list->size());
  for (const document::Value& one : list->elements()) {
    QUIRE_TRY(auto wanted, read_wanted(one));
    all.push_back(std::move(wanted));
  }
  return all;
}

}  // namespace quire::api::couch
