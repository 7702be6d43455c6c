#include "replication/couch_text.h"

#include "base/bytes.h"
#include "document/json.h"

namespace quire::replication {

namespace {

using document::append_json_string;

void append_revisions(std::string& out, const std::vector<document::Revision>& revisions) {
  out += '[';
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, revisions[i].to_string());
  }
  out += ']';
}

}  // namespace

std::string url_encode(std::string_view text) {
  static constexpr std::string_view kPlain = "-._~";
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kPlain.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 0xF]});
    }
  }
  return out;
}

std::string couch_name(const DocumentName& name) {
  if (name.collection.empty() || name.collection == "_default") return name.id;
  return name.collection + ":" + name.id;
}

std::string couch_path(std::string_view name) {
  constexpr std::string_view kDesign = "_design/";
  if (!name.starts_with(kDesign)) return "/" + url_encode(name);
  return "/" + std::string(kDesign) + url_encode(name.substr(kDesign.size()));
}

std::string changes_query(const SourcePosition& since, const ChangesOptions& options) {
  std::string query = "style=all_docs&limit=" + std::to_string(options.limit);
  query += "&since=" + (since.empty() ? "0" : url_encode(since));
  if (options.wait.count() > 0) query += "&feed=longpoll&timeout=" + std::to_string(options.wait.count());
  if (options.scope.filter() != nullptr) {
    query += "&filter=_selector";
  } else if (!options.scope.ids().empty()) {
    query += "&filter=_doc_ids";
  }
  return query;
}

std::string changes_body(const Scope& scope) {
  if (scope.filter() != nullptr) return R"({"selector":)" + scope.selector() + "}";
  if (scope.ids().empty()) return {};
  std::string body = R"({"doc_ids":[)";
  for (std::size_t i = 0; i < scope.ids().size(); ++i) {
    if (i != 0) body += ',';
    append_json_string(body, couch_name({scope.collection(), scope.ids()[i]}));
  }
  return body + "]}";
}

std::string revs_diff_body(const std::vector<RevisionsOf>& documents) {
  std::string body = "{";
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (i != 0) body += ',';
    append_json_string(body, couch_name(documents[i].name));
    body += ':';
    append_revisions(body, documents[i].revisions);
  }
  return body + "}";
}

std::string open_revisions_query(const std::vector<document::Revision>& revisions) {
  std::string list;
  append_revisions(list, revisions);
  return "revs=true&latest=true&att_encoding_info=true&open_revs=" + url_encode(list);
}

std::string bulk_get_body(const std::vector<WantedRevisions>& wanted, std::size_t count) {
  std::string body = R"({"docs":[)";
  bool first = true;
  for (std::size_t i = 0; i < count; ++i) {
    for (const auto& revision : wanted[i].revisions) {
      if (!std::exchange(first, false)) body += ',';
      body += R"({"id":)";
      append_json_string(body, couch_name(wanted[i].name));
      body += R"(,"rev":)";
      append_json_string(body, revision.to_string());
      body += '}';
    }
  }
  return body + "]}";
}

std::string couch_document(const TravellingRevision& revision) {
  std::string out = R"({"_id":)";
  append_json_string(out, couch_name(revision.name));
  out += R"(,"_rev":)";
  append_json_string(out, revision.path.front().to_string());
  out += R"(,"_revisions":{"start":)" + std::to_string(revision.path.front().generation) + R"(,"ids":[)";
  for (std::size_t i = 0; i < revision.path.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, revision.path[i].hash.text());
  }
  out += "]}";
  if (revision.deleted) out += R"(,"_deleted":true)";
  if (!revision.attachments.empty()) out += R"(,"_attachments":{)";
  for (std::size_t i = 0; i < revision.attachments.size(); ++i) {
    const AttachmentInfo& of = revision.attachments[i];
    if (i != 0) out += ',';
    append_json_string(out, of.name);
    out += R"(:{"follows":true,"content_type":)";
    append_json_string(out, of.content_type);
    out += R"(,"length":)" + std::to_string(of.length) + R"(,"revpos":)" + std::to_string(of.revpos);
    if (!of.md5.empty()) out += R"(,"digest":"md5-)" + to_base64(of.md5) + '"';
    out += '}';
  }
  if (!revision.attachments.empty()) out += '}';
  const std::string_view members = std::string_view(revision.body).substr(1);
  if (members != "}") out += ',';
  return out.append(members);
}

std::string bulk_docs_body(const std::vector<const TravellingRevision*>& revisions) {
  std::string body = R"({"new_edits":false,"docs":[)";
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    if (i != 0) body += ',';
    body += couch_document(*revisions[i]);
  }
  return body + "]}";
}

}  // namespace quire::replication
