#include "net/target.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "net/text.h"

namespace quire::net {

namespace {

// The bytes of a character that begins with `lead`, and the bounds of its second byte: what they leave out
// are longer forms of shorter characters, surrogates, and what is past U+10FFFF. 0: no character begins so.
struct Form {
  std::size_t size = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Form form_of(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead < 0xC2) return {0};
  if (lead < 0xE0) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

bool is_unreserved(char c) {
  const char low = lower(c);
  return (low >= 'a' && low <= 'z') || is_decimal(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

Result<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '+' && plus_is_space) {
      out += ' ';
    } else if (c != '%') {
      out += c;
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return Error(ErrorCode::invalid, "a percent sign is not followed by two hexadecimal digits");
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!is_utf8(out))
    return Error(ErrorCode::invalid, "the request is not UTF-8 once its escapes are decoded");
  return out;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    std::uint64_t eight = 0;
    if (bytes.size() >= sizeof eight) {
      std::memcpy(&eight, bytes.data(), sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        bytes.remove_prefix(sizeof eight);
        continue;
      }
    }
    const Form form = form_of(static_cast<unsigned char>(bytes.front()));
    if (form.size == 0 || bytes.size() < form.size) return false;
    for (std::size_t i = 1; i < form.size; ++i) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      const bool good = i == 1 ? byte >= form.low && byte <= form.high : byte >= 0x80 && byte <= 0xBF;
      if (!good) return false;
    }
    bytes.remove_prefix(form.size);
  }
  return true;
}

Result<std::string> percent_decode(std::string_view text) { return decode(text, false); }

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

Result<std::vector<Parameter>> parse_query(std::string_view query, std::size_t most) {
  std::vector<Parameter> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    if (parameters.size() == most) {
      return Error(ErrorCode::too_large, "the request has more than " + std::to_string(most) + " parameters")
          .over(most);
    }
    const std::size_t equals = std::min(part.find('='), part.size());
    QUIRE_TRY(std::string name, decode(part.substr(0, equals), true));
    QUIRE_TRY(std::string value, decode(part.substr(std::min(equals + 1, part.size())), true));
    parameters.push_back({std::move(name), std::move(value)});
  }
  return parameters;
}

const Parameter* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [name](const Parameter& parameter) { return parameter.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

}  // namespace quire::net
