#include <algorithm>
#include <string>

#include "api/couch/body_scan.h"
#include "api/couch/document_in.h"
#include "base/check.h"
#include "input.h"

// Bodies of documents with attachments in them: however one is cut, the same documents are found, and what is
// found is parsed or refused.

namespace {

using namespace quire;
using namespace quire::api::couch;

class Kept final : public AttachmentSink {
 public:
  Status begin() override {
    text.push_back('|');
    return ok();
  }
  Status write(std::string_view bytes) override {
    text.append(bytes);
    return ok();
  }
  Result<engine::Attachment> finish() override { return engine::Attachment{}; }
  std::string text;
};

std::string scan(std::string_view body, BodyScan::Shape shape, std::size_t piece, bool parse) {
  Kept sink;
  BodyScan machine(shape, {.text_bytes = 1 << 20, .documents = 1000}, sink);
  Status status = ok();
  for (std::size_t at = 0; at < body.size() && status; at += piece) {
    status = machine.feed(body.substr(at, piece));
  }
  if (status) status = machine.finish();
  if (!status) return "refused";
  std::string found = machine.rest() + "#" + sink.text;
  for (const auto& document : machine.documents()) {
    found.append("#").append(document.text);
    for (const auto& data : document.data) found.append("&").append(data.name);
    if (parse) (void)parse_document(document.text);
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto shape : {BodyScan::Shape::document, BodyScan::Shape::list}) {
    const std::string whole = scan(body, shape, std::max<std::size_t>(size, 1), true);
    QUIRE_CHECK(scan(body, shape, 1, false) == whole, "a body reads the same byte by byte");
    QUIRE_CHECK(scan(body, shape, 7, false) == whole, "a body reads the same in pieces");
  }
  return 0;
}
