#include <memory>
#include <string>

#include "base/check.h"
#include "document/filter.h"
#include "document/json.h"
#include "document/testing/json_from_bytes.h"
#include "document/testing/naive_filter.h"
#include "input.h"

// A filter and a document: the filter prints as one that matches the same, in the same words; text and value
// match alike, and as the language's plain reading has it. Text that is no document is not read past its end.

namespace {

using namespace quire;
using namespace quire::document;

struct Document {
  std::string body;      // without its id
  std::string complete;  // with it
  Arena arena;
  Value value;
};

constexpr std::string_view kId = "5f1e2d3c4b5a697887960504";

// The text where it is a document, else one made of its bytes.
void read_document(std::string_view text, Document& document) {
  auto split = split_document(text, {});
  if (!split) {
    document::testing::JsonFromBytes made({text.begin(), text.end()}, {.extended = true});
    split = split_document(made.object(), {});
  }
  QUIRE_CHECK(split.has_value(), "made JSON is JSON");
  document.body = split->body;
  document.complete =
      "{\"_id\":\"" + std::string(kId) + "\"" + (document.body == "{}" ? "" : ",") + document.body.substr(1);
  document.value = *Value::parse(document.arena, document.complete);
}

// Whether an object inside has a member of this name.
bool has_member(const Value& value, std::string_view name) {
  if (value.find(name) != nullptr) return true;
  bool found = false;
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
    found |= has_member(value.elements()[i], name);
  for (std::size_t i = 0; value.is_object() && i < value.size(); ++i) {
    found |= has_member(value.members()[i].value, name);
  }
  return found;
}

std::shared_ptr<const Collation> loose() {
  static const auto collation =
      std::make_shared<const Collation>(*Collation::parse(R"({"locale":"de","strength":1})"));
  return collation;
}

void check_match(const Filter& filter, std::string_view filter_text, const Document& document) {
  const bool matched = filter.matches(document.value);
  Arena scratch;
  const auto by_text = filter.matches_text(document.body, kId, scratch);
  QUIRE_CHECK(by_text && *by_text == matched, "text matches as its value does");
  QUIRE_CHECK(matched || !filter.matches_everything(), "what matches everything matches");

  const std::string printed = filter.print();
  const auto again = Filter::parse(printed, {}, filter.collation());
  QUIRE_CHECK(again.has_value(), "a printed filter is a filter");
  QUIRE_CHECK(again->print() == printed, "a printed filter prints as itself");
  QUIRE_CHECK(again->matches(document.value) == matched, "a printed filter matches the same");

  std::string minified;
  QUIRE_CHECK(minify(filter_text, {}, minified).has_value(), "a filter is JSON");
  Arena arena;
  const auto naive = Value::parse(arena, minified);
  // The plain reading knows neither patterns nor that an ObjectId names the id of its digits.
  if (has_member(*naive, "$regex") || (has_member(*naive, "$oid") && has_member(*naive, "_id"))) return;
  QUIRE_CHECK(document::testing::naive_matches(*naive, document.value, filter.collation().get()) == matched,
              "a filter matches as its words say");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view text = input.part();
  FilterLimits limits;
  limits.path_steps = 12;  // matching may take time that doubles with every second step
  const auto predicates = Filter::parse_predicates(text, limits);
  const auto filter = Filter::parse(text, limits);
  if (!filter && !predicates) return 0;
  Document document;
  read_document(input.rest(), document);
  if (predicates) predicates->matches_value(document.value);
  if (filter) check_match(*filter, text, document);
  const auto by_collation = Filter::parse(text, limits, loose());
  QUIRE_CHECK(by_collation.has_value() == filter.has_value(),
              "a filter is one whatever compares its strings");
  if (by_collation) check_match(*by_collation, text, document);
  Arena scratch;
  // Whatever it answers.
  if (filter) (void)filter->matches_text(input.rest(), kId, scratch);
  return 0;
}
