#include <algorithm>
#include <string>
#include <vector>

#include "api/couch/multipart.h"
#include "base/check.h"
#include "input.h"

// Bodies of several parts: however one is cut, it reads the same.

namespace {

using namespace quire;
using namespace quire::api::couch;

class Kept final : public PartSink {
 public:
  Status begin(const PartHead& head) override {
    QUIRE_CHECK(ended, "a part ends before the next begins");
    ended = false;
    text.append("|").append(head.field("Content-Type")).append("|").append(head.parameter("A", "b"));
    return ok();
  }
  Status write(std::string_view bytes) override {
    QUIRE_CHECK(!ended, "bytes are those of a part");
    text.append(bytes);
    return ok();
  }
  Status end() override {
    ended = true;
    return ok();
  }
  std::string text;
  bool ended = true;
};

std::string read(std::string_view body, std::size_t piece) {
  Kept sink;
  auto reader = MultipartReader::make("x", sink).value();
  Status status = ok();
  for (std::size_t at = 0; at < body.size() && status; at += piece) {
    status = reader.feed(body.substr(at, piece));
  }
  if (status) status = reader.finish();
  return status ? sink.text : "refused";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const std::string whole = read(body, std::max<std::size_t>(size, 1));
  QUIRE_CHECK(read(body, 1) == whole, "a body reads the same byte by byte");
  QUIRE_CHECK(read(body, 5) == whole, "a body reads the same in pieces");
  return 0;
}
