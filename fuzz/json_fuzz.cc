#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "document/json.h"
#include "input.h"

// The validating walk against a second parser: both take the same texts, and what the walk leaves of one
// means the same.

namespace {

using namespace quire;
using namespace quire::document;
using Json = nlohmann::ordered_json;

// No limit that the second parser does not have.
JsonLimits wide() {
  JsonLimits limits;
  limits.depth = 1000;
  limits.members = UINT32_MAX;
  limits.number_bytes = UINT32_MAX;
  return limits;
}

// Reads a text with the second parser, for what it does not decide itself: names that stand twice, depth, and
// numbers that it cannot hold.
class Reader final : public nlohmann::json_sax<Json> {
 public:
  bool twice = false;
  bool undecided = false;  // a number that it refuses though the grammar has it, or whose exponent we refuse
  std::size_t deepest = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string& text) override {
    const std::size_t exponent = text.find_first_of("eE");
    undecided = undecided || (exponent != std::string::npos && text.size() - exponent > 17);
    return true;
  }
  bool string(std::string&) override { return true; }
  bool binary(Json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool key(std::string& name) override {
    twice = !names_.back().insert(name).second || twice;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& why) override {
    constexpr int kNumberOverflow = 406;
    undecided = undecided || why.id == kNumberOverflow;
    return false;
  }

 private:
  bool open() {
    names_.emplace_back();
    deepest = std::max(deepest, names_.size());
    return true;
  }
  bool close() {
    names_.pop_back();
    return true;
  }
  std::vector<std::set<std::string>> names_;
};

void check_split(std::string_view text, const std::string& minified) {
  const Json whole = Json::parse(minified);
  const auto split = split_document(text, wide());
  QUIRE_CHECK(split.has_value() == whole.is_object(), "an object is a document, nothing else is");
  if (!split) return;
  Json body = Json::object();
  std::vector<std::pair<std::string, Json>> reserved;
  for (const auto& [name, value] : whole.items()) {
    if (name.starts_with('_')) {
      reserved.emplace_back(name, value);
    } else {
      body[name] = value;
    }
  }
  QUIRE_CHECK(Json::parse(split->body) == body, "the body is the document without its reserved members");
  QUIRE_CHECK(split->reserved.size() == reserved.size(), "every reserved member is taken out");
  for (std::size_t i = 0; i < reserved.size(); ++i) {
    QUIRE_CHECK(split->reserved[i].name == reserved[i].first, "reserved members keep their order and names");
    QUIRE_CHECK(Json::parse(split->reserved[i].value) == reserved[i].second,
                "reserved members keep their values");
  }
  std::string again;
  QUIRE_CHECK(minify(split->body, wide(), again) && again == split->body, "the body is minified");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string minified = "before";
  const Status status = minify(text, wide(), minified);
  QUIRE_CHECK(minified.starts_with("before"), "minify appends");
  QUIRE_CHECK(status.has_value() || minified == "before", "a refused text leaves nothing behind");
  minified.erase(0, 6);

  std::string within_limits;
  if (minify(text, {}, within_limits)) {
    QUIRE_CHECK(status.has_value() && within_limits == minified, "narrower limits change no text");
  }

  // The second parser takes NUL for the end of the text, and skips a byte order mark.
  const bool cannot_compare = text.find('\0') != std::string_view::npos || text.starts_with('\xEF');
  if (cannot_compare) {
    QUIRE_CHECK(!status, "neither NUL nor a byte order mark is JSON");
    return 0;
  }
  Reader reader;
  const bool accepted = Json::sax_parse(text, &reader);
  if (!reader.undecided) {
    const bool expected = accepted && !reader.twice && reader.deepest <= wide().depth;
    QUIRE_CHECK(status.has_value() == expected, "two parsers differ on what is JSON");
  }
  if (!status || !accepted) return 0;

  QUIRE_CHECK(Json::parse(minified) == Json::parse(text), "minified text means what the text means");
  std::string again;
  QUIRE_CHECK(minify(minified, wide(), again) && again == minified, "minified text is minified");
  check_split(text, minified);
  return 0;
}
