#include "api/rest/document_out.h"

#include "api/json_out.h"
#include "base/bytes.h"
#include "engine/body.h"

namespace quire::api::rest {

namespace {

void print_conflicts(const engine::Document& document, std::string& out) {
  out.push_back('[');
  Separator separator;
  for (const auto& leaf : document.conflicts) {
    separator.before(out);
    document::append_json_string(out, leaf.revision.to_string());
  }
  out.push_back(']');
}

void print_ancestors(const engine::Document& document, std::string& out) {
  out.push_back('[');
  Separator separator;
  for (const auto& revision : document.ancestors) {
    separator.before(out);
    document::append_json_string(out, revision.to_string());
  }
  out.push_back(']');
}

Status print_attachments(const engine::Document& document, std::string& out) {
  QUIRE_TRY(const auto attachments, engine::attachments_of(document));
  out.push_back('{');
  Separator separator;
  for (const auto& attachment : attachments) {
    separator.before(out);
    document::append_json_string(out, attachment.name);
    out.push_back(':');
    ObjectOut object(out);
    object.text("contentType", attachment.content_type);
    object.number("length", attachment.length);
    object.text("digest", to_hex(attachment.digest));
    object.number("revpos", attachment.revpos);
    object.end();
  }
  out.push_back('}');
  return ok();
}

}  // namespace

Status print_document(std::string_view id, const engine::Document& document, const DocumentMembers& members,
                      std::string& out) {
  const std::string revision = document.revision.to_string();
  if (!members.conflicts && !members.ancestors && !members.attachments) {
    engine::print_document(id, revision, document.deleted, document.body, out);
    return ok();
  }
  std::string own;
  engine::print_document(id, revision, document.deleted, "{}", own);
  own.pop_back();
  out += own;
  if (members.conflicts) print_conflicts(document, out += ",\"_conflicts\":");
  if (members.ancestors) print_ancestors(document, out += ",\"_revisions\":");
  if (members.attachments) QUIRE_TRY_STATUS(print_attachments(document, out += ",\"_attachments\":"));
  if (document.body == "{}") {
    out.push_back('}');
  } else {
    out.append(1, ',').append(document.body.substr(1));
  }
  return ok();
}

std::string entity_tag(const document::Revision& revision) {
  std::string tag = "\"";
  tag.append(revision.to_string()).push_back('"');
  return tag;
}

}  // namespace quire::api::rest
