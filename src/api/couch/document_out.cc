#include "api/couch/document_out.h"

#include <algorithm>
#include <utility>

#include "api/couch/attachments_in.h"
#include "api/json_out.h"
#include "base/bytes.h"
#include "document/value.h"
#include "engine/body.h"

namespace quire::api::couch {

namespace {

void print_path(const std::vector<document::Revision>& path, std::string& out) {
  ObjectOut object(out);
  object.number("start", path.empty() ? 0 : path.front().generation);
  object.member("ids").push_back('[');
  Separator separator;
  document::RevisionHash::Digits digits;
  for (const auto& revision : path) {
    separator.before(out);
    document::append_json_string(out, revision.hash.text_in(digits));
  }
  out.push_back(']');
  object.end();
}

std::string_view status_name(engine::Kept kept) {
  switch (kept) {
    case engine::Kept::text: return "available";
    case engine::Kept::deletion: return "deleted";
    case engine::Kept::nothing: return "missing";
  }
  return "missing";
}

void print_kept(const engine::Document& document, std::string& out) {
  out.push_back('[');
  Separator separator;
  for (std::size_t i = 0; i < document.ancestors.size() && i < document.kept.size(); ++i) {
    separator.before(out);
    ObjectOut object(out);
    object.text("rev", document.ancestors[i].to_string());
    object.text("status", status_name(document.kept[i]));
    object.end();
  }
  out.push_back(']');
}

// The leaves that are not the winner, those that are deleted or those that are not. A member only where there
// are some.
void print_losers(const engine::Document& document, bool deleted, std::string_view name, std::string& out) {
  bool any = false;
  for (std::size_t i = 1; i < document.leaves.size(); ++i) {
    const document::Leaf& leaf = document.leaves[i];
    if (leaf.deleted != deleted || leaf.revision == document.revision) continue;
    out.append(any ? "," : std::string(",\"").append(name).append("\":["));
    any = true;
    document::append_json_string(out, leaf.revision.to_string());
  }
  if (any) out.push_back(']');
}

Status print_data(const CouchCall& call, const Place& place, const document::Revision& revision,
                  const engine::Attachment& attachment, const Out& out) {
  // Groups of three bytes are four digits; what is left of a piece waits for the next.
  std::string left;
  Status status = ok();
  out.text.push_back('"');
  const auto sink = [&](std::string_view bytes) {
    left.append(bytes);
    const std::size_t whole = left.size() - left.size() % 3;
    out.text += to_base64(std::string_view(left).substr(0, whole));
    left.erase(0, whole);
    status = out.go_on();
    return status.has_value();
  };
  const auto read = engine::wait<engine::Attachment>([&](auto done) {
    call.parts().documents.read_attachment(call.call.caller, call.call.limits(), place.in(call.database()),
                                           place.id, attachment.name, revision, {}, sink, std::move(done));
  });
  if (!status) return status;
  if (!read) return read.error();
  out.text += to_base64(left);
  out.text.push_back('"');
  return ok();
}

Status print_attachments(const CouchCall& call, const Place& place, const engine::Document& document,
                         const DocumentMembers& members, const Out& out) {
  QUIRE_TRY(const auto attachments, engine::attachments_of(document));
  if (attachments.empty()) return ok();
  out.text += ",\"_attachments\":{";
  Separator separator;
  for (const auto& attachment : attachments) {
    separator.before(out.text);
    document::append_json_string(out.text, attachment.name);
    out.text.push_back(':');
    ObjectOut object(out.text);
    object.text("content_type", attachment.content_type);
    object.number("revpos", attachment.revpos);
    object.text("digest", digest_text(attachment));
    if (!is_wanted(members, attachment)) {
      object.number("length", attachment.length);
      object.flag("stub", true);
    } else if (members.follow) {
      object.number("length", attachment.length);
      object.flag("follows", true);
    } else {
      object.member("data");
      QUIRE_TRY_STATUS(print_data(call, place, document.revision, attachment, out));
    }
    object.end();
  }
  out.text.push_back('}');
  return ok();
}

}  // namespace

Result<std::vector<document::Revision>> revision_list(const CouchCall& call, std::string_view name) {
  std::vector<document::Revision> revisions;
  if (!call.query.has(name)) return revisions;
  const Error malformed = bad_request("Invalid list of revisions");
  std::string text;
  if (!document::minify(call.query.text(name), {}, text)) return malformed;
  document::Arena arena;
  QUIRE_TRY(const document::Value list, document::Value::parse(arena, text));
  if (!list.is_array()) return malformed;
  for (const document::Value& one : list.elements()) {
    if (!one.is_string()) return malformed;
    QUIRE_TRY(auto revision, parse_revision(one.to_string()));
    revisions.push_back(std::move(revision));
  }
  return revisions;
}

Result<DocumentMembers> DocumentMembers::parse(const CouchCall& call) {
  DocumentMembers members;
  QUIRE_TRY(const bool meta, call.query.flag("meta"));
  QUIRE_TRY(members.revisions, call.query.flag("revs"));
  QUIRE_TRY(members.revisions_info, call.query.flag("revs_info", meta));
  QUIRE_TRY(members.conflicts, call.query.flag("conflicts", meta));
  QUIRE_TRY(members.deleted_conflicts, call.query.flag("deleted_conflicts", meta));
  QUIRE_TRY(members.local_sequence, call.query.flag("local_seq"));
  QUIRE_TRY(members.attachments, call.query.flag("attachments"));
  QUIRE_TRY(members.since, revision_list(call, "atts_since"));
  if (!members.since.empty()) members.attachments = true;
  return members;
}

void DocumentMembers::ask(engine::GetOptions& options) const {
  options.ancestors = revisions || revisions_info;
  options.kept = revisions_info;
  options.leaves = conflicts || deleted_conflicts;
}

bool is_wanted(const DocumentMembers& members, const engine::Attachment& attachment) {
  if (!members.attachments) return false;
  return std::all_of(members.since.begin(), members.since.end(),
                     [&](const document::Revision& known) { return attachment.revpos > known.generation; });
}

Status print_document(const CouchCall& call, const Place& place, std::string_view id,
                      const engine::Document& document, const DocumentMembers& members, const Out& out) {
  std::string& text = out.text;
  engine::print_document(id, document.revision.to_string(), document.deleted, document.body, text);
  text.pop_back();
  if (members.revisions) print_path(document.ancestors, text += ",\"_revisions\":");
  if (members.revisions_info) print_kept(document, text += ",\"_revs_info\":");
  if (members.conflicts) print_losers(document, false, "_conflicts", text);
  if (members.deleted_conflicts) print_losers(document, true, "_deleted_conflicts", text);
  if (members.local_sequence) text += ",\"_local_seq\":" + std::to_string(document.sequence);
  QUIRE_TRY_STATUS(print_attachments(call, place, document, members, out));
  text.push_back('}');
  return ok();
}

}  // namespace quire::api::couch
