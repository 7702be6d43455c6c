#include "document/testing/naive_json.h"

#include <cctype>
#include <cstdint>
#include <regex>
#include <set>
#include <string>

#include "base/bytes.h"

namespace quire::document::testing {

namespace {
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool whole() { return value() && (space(), rest_.empty()); }

 private:
  void space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  bool take(std::string_view token) {
    space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  bool value() {
    if (take("null") || take("true") || take("false")) return true;
    if (take("{")) return members();
    if (take("[")) return elements();
    std::string text;
    return string(text) || number();
  }
  bool elements() {
    if (take("]")) return true;
    do {
      if (!value()) return false;
    } while (take(","));
    return take("]");
  }
  bool members() {
    std::set<std::string> names;
    if (take("}")) return true;
    do {
      std::string name;
      if (!string(name) || !names.insert(name).second || !take(":") || !value()) return false;
    } while (take(","));
    return take("}");
  }
  bool number() {
    static const std::regex grammar(R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)");
    std::cmatch match;
    const char* const end = rest_.data() + rest_.size();
    if (!std::regex_search(rest_.data(), end, match, grammar, std::regex_constants::match_continuous))
      return false;
    rest_.remove_prefix(static_cast<std::size_t>(match.length()));
    return true;
  }
  // UTF-16 code units, two bytes each: enough to compare names and to find lone surrogates.
  bool string(std::string& units) {
    if (!take("\"")) return false;
    bool high = false;
    while (!rest_.empty() && rest_.front() != '"') {
      const auto c = static_cast<unsigned char>(rest_.front());
      if (c < 0x20) return false;
      std::uint32_t code = 0;
      if (!(c == '\\' ? escape(code) : plain(code))) return false;
      const bool low = code >= 0xDC00 && code < 0xE000;
      if (high != low) return false;
      high = code >= 0xD800 && code < 0xDC00;
      if (code >= 0x10000) {
        append(units, 0xD800 + ((code - 0x10000) >> 10));
        append(units, 0xDC00 + ((code - 0x10000) & 0x3FF));
      } else {
        append(units, code);
      }
    }
    return !high && take_quote();
  }
  static void append(std::string& units, std::uint32_t unit) {
    units.push_back(static_cast<char>(unit >> 8));
    units.push_back(static_cast<char>(unit));
  }
  bool take_quote() {
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool plain(std::uint32_t& code) {
    for (std::size_t length = 1; length <= 4 && length <= rest_.size(); ++length) {
      if (!valid_utf8(rest_.substr(0, length))) continue;
      code = static_cast<unsigned char>(rest_[0]);
      if (length > 1) code &= 0x7FU >> length;
      for (std::size_t i = 1; i < length; ++i)
        code = code << 6 | (static_cast<unsigned char>(rest_[i]) & 0x3F);
      rest_.remove_prefix(length);
      return true;
    }
    return false;
  }
  bool escape(std::uint32_t& code) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (rest_.size() < 2) return false;
    const std::size_t letter = kLetters.find(rest_[1]);
    if (letter != std::string_view::npos) {
      code = static_cast<unsigned char>(kMeanings[letter]);
      rest_.remove_prefix(2);
      return true;
    }
    if (rest_[1] != 'u' || rest_.size() < 6) return false;
    for (const char digit : rest_.substr(2, 4)) {
      if (std::isxdigit(static_cast<unsigned char>(digit)) == 0) return false;
    }
    code = static_cast<std::uint32_t>(std::stoul(std::string(rest_.substr(2, 4)), nullptr, 16));
    rest_.remove_prefix(6);
    return true;
  }

  std::string_view rest_;
};
}  // namespace

bool is_json(std::string_view text) { return Reader(text).whole(); }

}  // namespace quire::document::testing
