#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "api/couch/body_scan.h"
#include "api/couch/bulk_in.h"
#include "api/couch/document_in.h"
#include "base/check.h"
#include "document/json.h"
#include "document/value.h"
#include "input.h"
#include "replication/couch_text.h"

// Bodies of `_bulk_docs`: what is taken out of one as it arrives is what all of it says, and documents that
// are written as another server sends them read as what they were.

namespace {

using namespace quire;
using namespace quire::api::couch;

class Passed final : public AttachmentSink {
 public:
  Status begin() override { return ok(); }
  Status write(std::string_view) override { return ok(); }
  Result<engine::Attachment> finish() override { return engine::Attachment{}; }
};

struct Bulk {
  bool new_edits = true;
  std::vector<ParsedDocument> documents;
};

constexpr BodyScan::Bounds kWide{.text_bytes = 1 << 20, .documents = 1000};
constexpr BodyScan::Bounds kTight{.text_bytes = 200, .documents = 3};

std::optional<Bulk> read(std::string_view body, const BodyScan::Bounds& bounds) {
  Passed sink;
  BodyScan scan(BodyScan::Shape::list, bounds, sink);
  if (!scan.feed(body) || !scan.finish() || !scan.has_list()) return std::nullopt;
  QUIRE_CHECK(scan.documents().size() <= bounds.documents, "no more documents than may be");
  std::size_t bytes = scan.rest().size();
  for (const auto& scanned : scan.documents()) bytes += scanned.text.size();
  QUIRE_CHECK(bytes <= bounds.text_bytes, "no more text than may be");
  const auto new_edits = parse_new_edits(scan.rest());
  if (!new_edits) return std::nullopt;
  Bulk bulk{*new_edits, {}};
  for (const auto& scanned : scan.documents()) {
    auto document = parse_document(scanned.text);
    if (!document) return std::nullopt;
    bulk.documents.push_back(*std::move(document));
  }
  return bulk;
}

void check_same(const ParsedDocument& one, const ParsedDocument& other) {
  QUIRE_CHECK(one.id == other.id && one.path == other.path && one.deleted == other.deleted &&
                  one.body.text() == other.body.text(),
              "a document is what it was");
}

void check_document(const ParsedDocument& document) {
  QUIRE_CHECK(!document.id || check_document_id(*document.id), "an id is one that may be");
  for (std::size_t i = 0; i < document.path.size(); ++i) {
    QUIRE_CHECK(document.path[i].generation == document.path.front().generation - i &&
                    document.path[i].generation >= 1 &&
                    document.path[i].generation <= document::kMaxGeneration,
                "generations fall by one");
    QUIRE_CHECK(document.path[i].hash.text().size() <= document::kHashTextBytes, "a hash is bounded");
  }
}

// The same by way of a tree of the whole body.
void check_whole(std::string_view body, const Bulk& bulk) {
  std::string text;
  document::JsonLimits limits;
  limits.depth = 1000;
  QUIRE_CHECK(document::minify(body, limits, text).has_value(), "what is taken is JSON");
  document::Arena arena;
  const auto root = document::Value::parse(arena, text);
  QUIRE_CHECK(root && root->is_object(), "what is taken is an object");
  const document::Value* const list = root->find("docs");
  QUIRE_CHECK(list != nullptr && list->is_array() && list->size() == bulk.documents.size(),
              "all documents are found");
  std::size_t at = 0;
  for (const auto& element : list->elements()) {
    const auto document = parse_document(element.to_json());
    QUIRE_CHECK(document.has_value(), "what is taken from a part is taken from the whole");
    check_same(*document, bulk.documents[at++]);
  }
}

// Documents that travel: as the replicator writes them.
void check_written(const Bulk& bulk) {
  std::vector<replication::TravellingRevision> revisions;
  std::vector<const ParsedDocument*> sent;
  for (const auto& document : bulk.documents) {
    if (!document.id || is_local(*document.id) || document.path.empty()) continue;
    revisions.push_back({{"", *document.id}, document.path, document.deleted, document.body.text(), {}});
    sent.push_back(&document);
  }
  std::vector<const replication::TravellingRevision*> pointers;
  for (const auto& revision : revisions) pointers.push_back(&revision);
  const auto again = read(replication::bulk_docs_body(pointers), kWide);
  QUIRE_CHECK(again && !again->new_edits && again->documents.size() == sent.size(),
              "what is written again is read");
  for (std::size_t i = 0; i < sent.size(); ++i) check_same(again->documents[i], *sent[i]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto bulk = read(body, kWide);
  const auto little = read(body, kTight);
  QUIRE_CHECK(!little || (bulk && bulk->documents.size() == little->documents.size()),
              "a narrower bound only refuses");
  if (!bulk) return 0;
  for (const auto& document : bulk->documents) check_document(document);
  check_whole(body, *bulk);
  check_written(*bulk);
  return 0;
}
