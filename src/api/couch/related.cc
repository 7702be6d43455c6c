#include "api/couch/related.h"

#include <algorithm>
#include <utility>

#include "api/admission.h"
#include "api/couch/handlers.h"
#include "api/couch/multipart.h"
#include "api/tuning.h"
#include "net/target.h"

namespace quire::api::couch {

namespace {

// The first part is the document, and each behind it an attachment.
class RelatedParts final : public PartSink {
 public:
  RelatedParts(const CouchCall& call, std::vector<ScannedDocument::Data>& follows)
      : sink_(call), scan_(BodyScan::Shape::document, body_bounds(call), sink_), follows_(follows) {}

  Status begin(const PartHead& head) override {
    if (parts_++ == 0) return ok();
    name_ = head.parameter("Content-Disposition", "filename");
    return sink_.begin(head.field("Content-Encoding"));
  }
  Status write(std::string_view bytes) override {
    return parts_ == 1 ? scan_.feed(bytes) : sink_.write(bytes);
  }
  Status end() override {
    if (parts_ == 1) return scan_.finish();
    QUIRE_TRY(auto attachment, sink_.finish());
    follows_.push_back({std::move(name_), std::move(attachment)});
    return ok();
  }

  Result<ScannedDocument> take() {
    if (parts_ == 0) return bad_request("malformed multipart body: it has no document");
    return std::move(scan_.documents().front());
  }

 private:
  BlobSink sink_;
  BodyScan scan_;
  std::vector<ScannedDocument::Data>& follows_;
  std::size_t parts_ = 0;
  std::string name_;
};

// A name in quotes; what cannot stand there is escaped as in a path.
std::string file_name(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7F;
  });
  return plain ? name : net::percent_encode(name);
}

std::string_view type_of(const engine::Attachment& attachment) {
  const std::string_view type = attachment.content_type;
  return type.empty() || !fits_in_field(type) ? std::string_view("application/octet-stream") : type;
}

Status print_bytes(const CouchCall& call, const Place& place, const engine::Document& document,
                   const engine::Attachment& attachment, const Out& out) {
  Status status = ok();
  const auto sink = [&](std::string_view bytes) {
    out.text.append(bytes);
    status = out.go_on();
    return status.has_value();
  };
  const auto read = engine::wait<engine::Attachment>([&](auto done) {
    call.parts().documents.read_attachment(call.call.caller, call.call.limits(), place.in(call.database()),
                                           place.id, attachment.name, document.revision, {}, sink,
                                           std::move(done));
  });
  if (!status) return status;
  if (!read) return read.error();
  return ok();
}

void begin_part(std::string_view boundary, std::string& out) {
  out.append("\r\n--").append(boundary).append("\r\n");
}

}  // namespace

bool is_related(const net::RequestHead& request) {
  return same_media_type(media_type(request), "multipart/related");
}

bool wants_parts(const CouchCall& call, std::string_view type) {
  return call.request().field("Accept").find(type) != std::string_view::npos;
}

Status read_related(CouchCall& call, ScannedDocument& document, std::vector<ScannedDocument::Data>& follows) {
  RelatedParts parts(call, follows);
  const std::string boundary = field_parameter(call.request().field("Content-Type"), "boundary");
  QUIRE_TRY(MultipartReader reader, MultipartReader::make(boundary, parts));
  std::string buffer(tuning::kStreamPieceBytes, '\0');
  while (true) {
    QUIRE_TRY(const std::size_t count, call.call.stream->read(buffer));
    if (count == 0) break;
    QUIRE_TRY_STATUS(reader.feed(std::string_view(buffer).substr(0, count)));
  }
  QUIRE_TRY_STATUS(reader.finish());
  QUIRE_TRY(document, parts.take());
  return ok();
}

net::Response parts_head(std::string_view type, std::string_view boundary) {
  net::Response head;
  head.content_type = {};
  head.add_field("Content-Type", std::string(type) + "; boundary=\"" + std::string(boundary) + "\"");
  return head;
}

Status print_related(const CouchCall& call, const Place& place, std::string_view id,
                     const engine::Document& document, const DocumentMembers& members,
                     std::string_view boundary, const Out& out) {
  out.text.append("--").append(boundary).append("\r\nContent-Type: application/json\r\n\r\n");
  QUIRE_TRY_STATUS(print_document(call, place, id, document, members, out));
  QUIRE_TRY(const auto attachments, engine::attachments_of(document));
  for (const auto& attachment : attachments) {
    if (!is_wanted(members, attachment)) continue;
    begin_part(boundary, out.text);
    out.text.append("Content-Disposition: attachment; filename=\"").append(file_name(attachment.name));
    out.text.append("\"\r\nContent-Type: ").append(type_of(attachment));
    out.text.append("\r\nContent-Length: ").append(std::to_string(attachment.length)).append("\r\n\r\n");
    QUIRE_TRY_STATUS(print_bytes(call, place, document, attachment, out));
  }
  out.text.append("\r\n--").append(boundary).append("--");
  return ok();
}

Status print_part(const CouchCall& call, const Place& place, std::string_view id,
                  const engine::Document& document, const DocumentMembers& members, std::string_view boundary,
                  std::string_view more_fields, const Out& out) {
  begin_part(boundary, out.text);
  out.text.append(more_fields);
  QUIRE_TRY(const auto attachments, engine::attachments_of(document));
  const bool follows = std::any_of(attachments.begin(), attachments.end(),
                                   [&](const auto& one) { return is_wanted(members, one); });
  if (!follows) {
    out.text.append("Content-Type: application/json\r\n\r\n");
    return print_document(call, place, id, document, members, out);
  }
  const std::string inner = new_uuid(call.parts().random);
  out.text.append("Content-Type: multipart/related; boundary=\"").append(inner).append("\"\r\n\r\n");
  return print_related(call, place, id, document, members, inner, out);
}

void print_error_part(std::string_view boundary, std::string_view more_fields, std::string_view json,
                      std::string& out) {
  begin_part(boundary, out);
  out.append(more_fields).append("Content-Type: application/json; error=\"true\"\r\n\r\n").append(json);
}

}  // namespace quire::api::couch
