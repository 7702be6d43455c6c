#include <memory>
#include <string>

#include "base/check.h"
#include "document/collation.h"
#include "document/json.h"
#include "document/update_operators.h"
#include "document/value.h"
#include "input.h"

// The operators of an update, its array filters, and a document: what is left of the document is JSON within
// its bounds, says what was changed, and is the same each time; also where strings are compared by a
// collation.

namespace {

using namespace quire;
using namespace quire::document;

// The text afterwards; empty where the update does not fit the document.
std::string apply(const Update& update, std::string_view body, bool inserting) {
  Arena arena;
  Value target = *Value::parse(arena, body);
  const auto changed =
      update.apply(target, {.now_ms = 1'700'000'000'000, .inserting = inserting, .limits = {}}, arena);
  if (!changed) {
    QUIRE_CHECK(!changed.error().message().empty(), "a refusal says why");
    return {};
  }
  std::string text;
  target.print(text);
  QUIRE_CHECK(!changed->empty() || text == body, "what is changed is told");
  std::string minified;
  JsonLimits bounds;
  bounds.document_bytes = bounds.string_bytes = 64 << 20;
  QUIRE_CHECK(minify(text, bounds, minified).has_value(), "an updated document is JSON");
  QUIRE_CHECK(minified == text, "and minified");
  return text;
}

void check(const Update& update, std::string_view body) {
  for (const bool inserting : {false, true}) {
    const std::string once = apply(update, body, inserting);
    QUIRE_CHECK(apply(update, body, inserting) == once, "an update does the same each time");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto loose =
      std::make_shared<const Collation>(*Collation::parse(R"({"locale":"en","strength":2})"));
  fuzz::Input input(data, size);
  const std::string_view operators = input.part();
  const std::string_view filters = input.part();
  const std::string array_filters = filters.empty() ? "[]" : std::string(filters);
  const auto update = Update::parse(operators, array_filters);
  const auto by_collation = Update::parse(operators, array_filters, {}, loose);
  QUIRE_CHECK(update.has_value() == by_collation.has_value(),
              "an update is one whatever compares its strings");
  if (!update) return 0;
  std::string body = R"({"a":[{"b":1,"s":"x"},2,[3],"X"],"b":{"c":"x","d":[1,2,3]},"n":1.5})";
  if (auto split = split_document(input.rest(), {})) body = std::move(split->body);
  check(*update, body);
  check(*by_collation, body);
  return 0;
}
