#include <algorithm>
#include <optional>
#include <string>

#include "base/check.h"
#include "document/json.h"
#include "document/schema.h"
#include "document/testing/json_from_bytes.h"
#include "document/testing/naive_schema.h"
#include "input.h"

// A schema and a document. Whatever they are: the same schema is read again from what it says it is, a
// violation is found by all ways of asking or by none, and a budget ends the rest. Schemas that are made of
// the bytes also fit what the specification's plain reading says.

namespace {

using namespace quire;
using namespace quire::document;

struct Document {
  Arena arena;
  std::string text;
  Value value;
};

// The text where it is JSON, else what is made of its bytes.
void read_document(std::string_view text, Document& document) {
  if (!minify(text, {}, document.text)) {
    document::testing::JsonFromBytes made({text.begin(), text.end()}, {.extended = true});
    QUIRE_CHECK(minify(made.value(), {}, document.text).has_value(), "made JSON is JSON");
  }
  document.value = *Value::parse(document.arena, document.text);
}

// nullopt where that takes too long.
std::optional<bool> fits(const Schema& schema, const Document& document) {
  constexpr std::uint64_t kSteps = 100'000;
  const auto all = schema.validate(document.value, {.most_violations = 100, .steps = kSteps});
  const auto none = schema.validate(document.value, {.most_violations = 0, .steps = kSteps});
  if (!all) {
    QUIRE_CHECK(all.error().code() == ErrorCode::exhausted, "validating fails for want of steps only");
    return std::nullopt;
  }
  QUIRE_CHECK(none.has_value(), "to stop earlier takes no longer");
  QUIRE_CHECK(none->more == !all->empty(), "whether all is well does not depend on what is asked for");
  for (const Violation& one : all->list) {
    QUIRE_CHECK(!one.rule.empty() && !one.message.empty(), "a violation says what is wrong");
    QUIRE_CHECK(one.found.size() < 400, "a violation shows little of the document");
  }
  return all->empty();
}

void check_any(std::string_view text, const Document& document) {
  const auto schema = Schema::parse(text, {.assert_formats = true});
  if (!schema) return;
  const auto again = Schema::parse(schema->text(), {.assert_formats = true});
  QUIRE_CHECK(again.has_value(), "a schema's text is a schema");
  QUIRE_CHECK(fits(*schema, document) == fits(*again, document), "a schema's text is that schema");
}

void check_made(std::string_view bytes, const Document& document) {
  document::testing::JsonFromBytes source({bytes.begin(), bytes.end()}, {.extended = true, .depth = 2});
  std::string text;
  QUIRE_CHECK(minify(document::testing::schema_from_bytes(source), {}, text).has_value(),
              "made JSON is JSON");
  const auto schema = Schema::parse(text);
  QUIRE_CHECK(schema.has_value(), "a made schema is a schema");
  const auto verdict = fits(*schema, document);
  Arena arena;
  const Value json = *Value::parse(arena, text);
  QUIRE_CHECK(!verdict || *verdict == document::testing::naive_fits(json, document.value),
              "a document fits as the specification says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view schema = input.part();
  Document document;
  read_document(input.rest(), document);
  check_any(schema, document);
  check_made(schema, document);
  return 0;
}
