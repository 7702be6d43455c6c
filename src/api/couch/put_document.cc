#include <utility>

#include "api/admission.h"
#include "api/couch/handlers.h"
#include "api/couch/local_document.h"
#include "api/couch/related.h"
#include "api/couch/write.h"

// PUT of a document, POST of one whose id may be the server's to make, DELETE, and COPY.

namespace quire::api::couch {

namespace {

// Attachments inside a body go past this on their own way where the body is scanned; a body that is taken
// whole is scanned as well, once it shows that it has some.
Result<ScannedDocument> read_document(CouchCall& call) {
  BlobSink sink(call);
  BodyScan scan(BodyScan::Shape::document, body_bounds(call), sink);
  QUIRE_TRY_STATUS(scan_body(call, scan));
  return std::move(scan.documents().front());
}

Status name_put(CouchCall& call, DocumentWrite& write) {
  if (write.document.id && *write.document.id != call.id) {
    return bad_request("Document id must match the id of the URL");
  }
  write.id = call.id;
  return check_document_id(write.id);
}

Status name_post(CouchCall& call, DocumentWrite& write) {
  write.id = write.document.id ? *write.document.id : new_uuid(call.parts().random);
  return ok();
}

using Name = Status (*)(CouchCall& call, DocumentWrite& write);

Result<DocumentWrite> finish_write(CouchCall& call, DocumentWrite write, Name name) {
  QUIRE_TRY_STATUS(name(call, write));
  QUIRE_TRY_STATUS(take_options(call, write));
  QUIRE_TRY_STATUS(take_revision(call, write));
  return write;
}

template <Name kName>
Result<DocumentWrite> make_write(CouchCall& call) {
  DocumentWrite write;
  QUIRE_TRY(write.document, parse_document(call.exchange().body()));
  return finish_write(call, std::move(write), kName);
}

template <Name kName>
Result<net::Response> write_scanned(CouchCall& call) {
  DocumentWrite write;
  ScannedDocument scanned;
  if (is_related(call.request())) {
    QUIRE_TRY_STATUS(read_related(call, scanned, write.follows));
  } else {
    QUIRE_TRY(scanned, read_document(call));
  }
  QUIRE_TRY(write.document, parse_document(scanned.text));
  write.data = std::move(scanned.data);
  QUIRE_TRY(write, finish_write(call, std::move(write), kName));
  return write_blocking(call, std::move(write));
}

template <Name kName>
Status write_streamed(CouchCall& call) {
  QUIRE_TRY(net::Response response, write_scanned<kName>(call));
  call.exchange().send(std::move(response));
  return ok();
}

// The name of an attachment's members, as it stands in a text that may hold some.
constexpr std::string_view kAttachmentsSign = "attachments\"";

template <Name kName>
void write_one(const Call& call) {
  if (streams_body(call.route, call.request())) return stream<write_streamed<kName>>(call);
  if (call.exchange.body().find(kAttachmentsSign) != std::string_view::npos)
    return worker<write_scanned<kName>>(call);
  write_document(call, make_write<kName>);
}

Result<DocumentWrite> make_removal(CouchCall& call) {
  DocumentWrite write;
  write.id = call.id;
  write.remove = true;
  QUIRE_TRY_STATUS(check_document_id(write.id));
  QUIRE_TRY_STATUS(take_options(call, write));
  QUIRE_TRY_STATUS(take_revision(call, write));
  return write;
}

// Destination: ID, or ID?rev=REVISION.
Status take_destination(const CouchCall& call, DocumentWrite& write) {
  std::string_view field = call.request().field("Destination");
  if (field.empty()) return bad_request("Destination header is mandatory for COPY.");
  if (field.find("://") != std::string_view::npos) return bad_request("Destination URL must be relative.");
  if (field.front() == '/') field.remove_prefix(1);
  const std::size_t mark = field.find('?');
  QUIRE_TRY(write.id, net::percent_decode(field.substr(0, mark)));
  QUIRE_TRY_STATUS(check_document_id(write.id));
  if (mark == std::string_view::npos) return ok();
  QUIRE_TRY(const Parameters parameters, Parameters::parse(field.substr(mark + 1)));
  if (parameters.has("rev")) {
    QUIRE_TRY(write.expected, parse_revision(parameters.text("rev")));
  }
  return ok();
}

}  // namespace

void put_document(const Call& call) {
  if (names_local(call)) return wherever<put_local>(call);
  write_one<name_put>(call);
}

void post_document(const Call& call) { write_one<name_post>(call); }

void delete_document(const Call& call) {
  if (names_local(call)) return worker<delete_local>(call);
  write_document(call, make_removal);
}

Result<net::Response> copy_document(CouchCall& call) {
  DocumentWrite write;
  QUIRE_TRY_STATUS(require_write(call));
  QUIRE_TRY_STATUS(take_destination(call, write));
  engine::GetOptions options;
  if (call.query.has("rev")) {
    QUIRE_TRY(options.revision, parse_revision(call.query.text("rev")));
  }
  QUIRE_TRY(const auto source, at_place(call.id, [&](const Place& place) {
              return engine::wait<engine::Document>([&](auto done) {
                call.parts().documents.get(call.call.caller, call.call.limits(), place.in(call.database()),
                                           place.id, options, std::move(done));
              });
            }));
  write.document.body = engine::Body::stored(std::string(source.body));
  QUIRE_TRY(write.attachments, engine::attachments_of(source));
  for (auto& attachment : *write.attachments) attachment.revpos = 0;
  return write_blocking(call, std::move(write));
}

}  // namespace quire::api::couch
