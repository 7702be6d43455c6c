// A JSON Patch from outside, done to a small document: whatever it holds, the result is a document within the
// limits or an error.
#include "base/check.h"
#include "document/json_patch.h"
#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quire::document;
  std::string minified;
  if (!minify({reinterpret_cast<const char*>(data), size}, {}, minified)) return 0;
  const auto patch = JsonPatch::parse(minified);
  if (!patch) return 0;
  JsonLimits limits;
  limits.depth = 8;
  limits.document_bytes = 1 << 16;
  Arena arena;
  Value target = *Value::parse(arena, R"({"a":[1,{"b":null}],"c":"d","e~/":{"f":[]}})");
  if (!patch->apply(target, limits, arena)) return 0;
  std::string again;
  limits.document_bytes = 1 << 24;
  QUIRE_CHECK(minify(target.to_json(), limits, again).has_value(), "a patched document is one");
  QUIRE_CHECK(again == target.to_json(), "a patched document is minified");
  return 0;
}
