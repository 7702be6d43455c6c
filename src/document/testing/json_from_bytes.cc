#include "document/testing/json_from_bytes.h"

#include <algorithm>
#include <iterator>

namespace quire::document::testing {

std::size_t JsonFromBytes::pick(std::size_t bound) {
  if (done()) return 0;
  return bytes_[next_++] % bound;
}

std::string JsonFromBytes::space() {
  static constexpr const char* kSpaces[] = {"", " ", "\n", "\t", "\r\n  "};
  return options_.white_space ? kSpaces[pick(std::size(kSpaces))] : "";
}

std::string JsonFromBytes::digits(std::size_t most) {
  std::string text;
  for (std::size_t count = 1 + pick(most); count > 0; --count)
    text.push_back(static_cast<char>('0' + pick(10)));
  return text;
}

std::string JsonFromBytes::name() {
  static constexpr const char* kNames[] = {"a", "b", "c", "0", "1", "", "aa", "\xC3\xA9", "long member name",
                                           "A"};
  return kNames[pick(std::size(kNames))];
}

std::string JsonFromBytes::number() {
  static constexpr const char* kNumbers[] = {"0",
                                             "-0",
                                             "0.0",
                                             "1",
                                             "1.0",
                                             "1e0",
                                             "10e-1",
                                             "-1",
                                             "2",
                                             "10",
                                             "1e1",
                                             "100",
                                             "9223372036854775807",
                                             "9223372036854775808",
                                             "-9223372036854775808",
                                             "0.1",
                                             "0.10",
                                             "1e-1",
                                             "1e400",
                                             "-1e400",
                                             "1e-400",
                                             "123456789012345678901234567890.1234",
                                             "1e99999999999999999",
                                             "-1e-99999999999999999"};
  const std::size_t kind = pick(4);
  if (kind == 0) return kNumbers[pick(std::size(kNumbers))];
  std::string text = pick(3) == 0 ? "-" : "";
  std::string whole = digits(kind == 1 ? 2 : 20);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  text += whole;
  if (pick(3) == 0) text += "." + digits(12);
  if (pick(4) == 0) text += std::string(pick(2) == 0 ? "e" : "E-") + digits(3);
  return text;
}

std::string JsonFromBytes::string() {
  static constexpr const char* kPieces[] = {"a",
                                            "b",
                                            "z",
                                            " ",
                                            "\\n",
                                            "\\\"",
                                            "\\\\",
                                            "\\u0000",
                                            "\\u0001",
                                            "\\u00e9",
                                            "\xC3\xA9",
                                            "\xE2\x82\xAC",
                                            "\xEF\xBF\xBF",
                                            "\xF0\x9F\x98\x80",
                                            "\\uD83D\\uDE00",
                                            "\\uE000",
                                            "/",
                                            "\\/",
                                            "0123456789abcdef",
                                            "\x7F"};
  std::string text = "\"";
  for (std::size_t count = pick(6); count > 0; --count) text += kPieces[pick(std::size(kPieces))];
  return text + "\"";
}

std::string JsonFromBytes::extended() {
  static constexpr const char* kValues[] = {R"({"$oid":"000000000000000000000000"})",
                                            R"({"$oid":"5f1e2d3c4b5a697887960504"})",
                                            R"({"$date":"1970-01-01T00:00:00Z"})",
                                            R"({"$date":{"$numberLong":"-1"}})",
                                            R"({"$date":{"$numberLong":"253402300800000"}})",
                                            R"({"$binary":{"base64":"","subType":"00"}})",
                                            R"({"$binary":{"base64":"AAE=","subType":"00"}})",
                                            R"({"$binary":{"base64":"AAE=","subType":"80"}})",
                                            R"({"$numberInt":"7"})",
                                            R"({"$numberLong":"1"})",
                                            R"({"$numberLong":"-9223372036854775808"})",
                                            R"({"$numberDouble":"1.5"})",
                                            R"({"$numberDouble":"Infinity"})",
                                            R"({"$numberDouble":"-Infinity"})",
                                            R"({"$numberDouble":"NaN"})",
                                            R"({"$numberDecimal":"1.50"})",
                                            R"({"$numberDecimal":"-1E+6111"})",
                                            R"({"$numberDecimal":"NaN"})"};
  return kValues[pick(std::size(kValues))];
}

std::string JsonFromBytes::value_of(int depth) {
  switch (pick(depth > 0 ? 9 : 5)) {
    case 0: return "null";
    case 1: return pick(2) == 0 ? "false" : "true";
    case 2:
    case 3: return number();
    case 4: return string();
    case 5:
    case 6: return array_of(depth - 1);
    case 7: return object_of(depth - 1);
    default: return options_.extended ? extended() : object_of(depth - 1);
  }
}

std::string JsonFromBytes::array_of(int depth) {
  std::string text = "[" + space();
  for (std::size_t i = 0, count = pick(4); i < count; ++i) {
    text += (i == 0 ? "" : ",") + space() + value_of(depth) + space();
  }
  return text + "]";
}

std::string JsonFromBytes::object_of(int depth) {
  std::string text = "{" + space();
  std::vector<std::string> names;
  for (std::size_t count = pick(5); count > 0; --count) {
    const std::string one = name();
    if (std::find(names.begin(), names.end(), one) != names.end()) continue;
    text += (names.empty() ? "" : ",") + space() + "\"" + one + "\"" + space() + ":" + space();
    text += value_of(depth) + space();
    names.push_back(one);
  }
  return text + "}";
}

}  // namespace quire::document::testing
