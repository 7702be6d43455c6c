#include "document/schema_pattern.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace quire::document {

namespace {
// ECMAScript's white space and line ends, and what is neither; as they stand in a character class.
constexpr std::string_view kSpace = "\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}"
                                    "\\x{205f}\\x{3000}\\x{feff}";
constexpr std::string_view kNoSpace = "\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}"
                                      "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}"
                                      "\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}";
constexpr std::string_view kDot = "[^\\n\\r\\x{2028}\\x{2029}]";

constexpr std::array<std::pair<std::string_view, std::string_view>, 38> kCategories = {{
    {"Letter", "L"},
    {"Cased_Letter", "LC"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"Format", "Cf"},
}};

class Translator {
 public:
  explicit Translator(std::string_view pattern) : rest_(pattern) {}
  Result<std::string> translate();

 private:
  Status group();
  Status escape();
  Status property(char letter);
  Status unicode_escape();
  std::optional<std::uint32_t> hex(std::size_t digits);
  void put(std::uint32_t code_point);
  void put_class(std::string_view inside) {
    out_ += in_class_ ? std::string(inside) : "[" + std::string(inside) + "]";
  }
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  static Error invalid(std::string message) { return {ErrorCode::invalid, std::move(message)}; }

  std::string_view rest_;
  std::string out_;
  bool in_class_ = false;
};

Result<std::string> Translator::translate() {
  while (!rest_.empty()) {
    const char c = take();
    if (c == '\\') {
      QUIRE_TRY_STATUS(escape());
    } else if (in_class_) {
      in_class_ = c != ']';
      // "[[:alpha:]]" is no name of a class in ECMAScript.
      out_ += c == '[' ? "\\[" : std::string(1, c);
    } else if (c == '[') {
      in_class_ = true;
      out_ += c;
      if (take("^")) out_ += '^';
      // ECMAScript has an empty class, and one of everything; RE2 takes the bracket for a member.
      if (rest_.starts_with(']')) return invalid("a character class is empty");
    } else if (c == '.') {
      out_ += kDot;
    } else if (c == '(' && rest_.starts_with('?')) {
      QUIRE_TRY_STATUS(group());
    } else {
      out_ += c;
    }
  }
  return std::move(out_);
}

Status Translator::group() {
  for (const std::string_view assertion : {"?=", "?!", "?<=", "?<!"}) {
    if (rest_.starts_with(assertion)) {
      return invalid("the assertion (" + std::string(assertion) +
                     " is not offered: patterns are matched in linear time");
    }
  }
  if (take("?<")) {
    out_ += "(?P<";
  } else {
    out_ += '(';
  }
  return ok();
}

Status Translator::escape() {
  if (rest_.empty()) return invalid("a backslash ends the pattern");
  const char c = take();
  switch (c) {
    case 'u': return unicode_escape();
    case 'p':
    case 'P': return property(c);
    case 's': put_class(kSpace); return ok();
    case 'S': put_class(kNoSpace); return ok();
    case 'x': {
      const auto code = hex(2);
      if (!code) return invalid("\\x needs two hexadecimal digits");
      put(*code);
      return ok();
    }
    case 'c': {
      if (rest_.empty() || (rest_[0] | 0x20) < 'a' || (rest_[0] | 0x20) > 'z') {
        return invalid("\\c needs a letter");
      }
      put(static_cast<std::uint32_t>(take() & 0x1F));
      return ok();
    }
    case '0': put(0); return ok();
    case 'b':
      if (in_class_) {
        put(8);
      } else {
        out_ += "\\b";
      }
      return ok();
    case 'k': return invalid("backreferences are not offered: patterns are matched in linear time");
    default: break;
  }
  if (c >= '1' && c <= '9') {
    return invalid("backreferences are not offered: patterns are matched in linear time");
  }
  const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  if (letter && std::string_view("dDwWBfnrtv").find(c) == std::string_view::npos) {
    return invalid(std::string("there is no escape \\") + c);
  }
  (out_ += '\\') += c;
  return ok();
}

// "\p{Letter}", "\p{Script=Greek}", "\pL".
Status Translator::property(char letter) {
  const std::size_t end = rest_.find('}');
  if (!rest_.starts_with('{') || end == std::string_view::npos) {
    (out_ += '\\') += letter;
    return ok();
  }
  std::string_view name = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  for (const std::string_view prefix :
       {"Script=", "sc=", "Script_Extensions=", "scx=", "General_Category=", "gc="}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  for (const auto& [full, brief] : kCategories) {
    if (name == full) name = brief;
  }
  const std::string all = name == "LC" ? "\\p{Lu}\\p{Ll}\\p{Lt}" : "";
  if (all.empty()) {
    ((((out_ += '\\') += letter) += '{') += name) += '}';
  } else if (letter == 'p') {
    put_class(all);
  } else if (in_class_) {
    return invalid("\\P{LC} is not offered in a character class");
  } else {
    out_ += "[^" + all + "]";
  }
  return ok();
}

Status Translator::unicode_escape() {
  std::optional<std::uint32_t> code;
  if (take("{")) {
    const std::size_t end = rest_.find('}');
    if (end != std::string_view::npos) code = hex(end);
    if (!take("}")) code.reset();
  } else {
    code = hex(4);
    if (code && *code >= 0xD800 && *code < 0xDC00 && take("\\u")) {
      const auto low = hex(4);
      const bool pair = low && *low >= 0xDC00 && *low < 0xE000;
      code = pair ? std::optional(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00)) : std::nullopt;
    }
  }
  if (!code || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000)) {
    return invalid("\\u needs a code point: four hexadecimal digits, or some in braces");
  }
  put(*code);
  return ok();
}

// Takes so many hexadecimal digits.
std::optional<std::uint32_t> Translator::hex(std::size_t digits) {
  std::uint32_t value = 0;
  if (digits == 0 || digits > 8 || rest_.size() < digits) return std::nullopt;
  const auto parsed = std::from_chars(rest_.data(), rest_.data() + digits, value, 16);
  if (parsed.ec != std::errc() || parsed.ptr != rest_.data() + digits) return std::nullopt;
  rest_.remove_prefix(digits);
  return value;
}

void Translator::put(std::uint32_t code_point) {
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, code_point, 16).ptr;
  ((out_ += "\\x{") += std::string_view(digits, static_cast<std::size_t>(end - digits))) += '}';
}
}  // namespace

Result<std::string> to_re2(std::string_view pattern) { return Translator(pattern).translate(); }

Result<std::shared_ptr<const Regex>> compile_pattern(std::string_view pattern) {
  QUIRE_TRY(const std::string translated, to_re2(pattern));
  return Regex::compile(translated, "");
}

}  // namespace quire::document
