#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "document/json.h"
#include "document/value.h"
#include "input.h"
#include "query/cursor.h"
#include "query/projection.h"
#include "query/sort.h"

// A cursor's token, a sort, a projection and a document, a line each: what is parsed prints as itself, a
// token is one of its own request alone, and what a projection leaves is JSON.

namespace {

using namespace quire;
using namespace quire::query;

void check_cursor(std::string_view token) {
  const std::string fingerprint = cursor_fingerprint({"fuzz"});
  QUIRE_CHECK(!parse_cursor(token, cursor_fingerprint({"other"})) || !parse_cursor(token, fingerprint),
              "a token is one request's");
  // As a place of its own.
  CursorPlace place;
  place.walk = CursorPlace::Walk::index;
  place.key = token;
  place.id = token.substr(token.size() / 2);
  const std::string printed = print_cursor(place, fingerprint);
  const auto again = parse_cursor(printed, fingerprint);
  QUIRE_CHECK(again && again->key == place.key && again->id == place.id, "a place comes back");
}

void check_sort(std::string_view text, std::string_view body) {
  const auto sort = Sort::parse(text);
  if (!sort) return;
  const auto again = Sort::parse(sort->print());
  QUIRE_CHECK(again && again->print() == sort->print(), "a printed sort is that sort");
  document::Arena scratch;
  std::string key;
  std::string other;
  QUIRE_CHECK(sort->append_key(body, "id", scratch, key).has_value(), "a document has a key");
  QUIRE_CHECK(again->append_key(body, "id", scratch, other).has_value() && key == other,
              "and the same again");
  static const auto loose = std::make_shared<const document::Collation>(
      *document::Collation::parse(R"({"locale":"en","strength":2})"));
  Sort collated = *sort;
  collated.use(loose);
  key.clear();
  QUIRE_CHECK(collated.append_key(body, "id", scratch, key).has_value(), "by a collation too");
}

void check_projection(std::string_view text, std::string_view body) {
  const auto projection = Projection::parse(text);
  if (!projection) return;
  document::Arena scratch;
  std::string out;
  QUIRE_CHECK(projection->append("id", body, scratch, out).has_value(), "a document is projected");
  std::string minified;
  QUIRE_CHECK(document::minify(out, {}, minified).has_value() && minified == out, "to minified JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::string_view lines[4];
  for (auto& line : lines) {
    line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  check_cursor(lines[0]);
  std::string body = R"({"a":[{"b":1},2,[3]],"b":{"c":"x"}})";
  if (auto split = document::split_document(lines[3], {})) body = std::move(split->body);
  check_sort(lines[1], body);
  check_projection(lines[2], body);
  return 0;
}
