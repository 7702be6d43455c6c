#include "document/schema_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "document/schema_uri.h"

namespace quire::document {

namespace {
constexpr std::array<std::pair<std::string_view, SchemaFormat>, 13> kFormats = {{
    {"date-time", SchemaFormat::date_time},
    {"date", SchemaFormat::date},
    {"time", SchemaFormat::time},
    {"duration", SchemaFormat::duration},
    {"email", SchemaFormat::email},
    {"hostname", SchemaFormat::hostname},
    {"ipv4", SchemaFormat::ipv4},
    {"ipv6", SchemaFormat::ipv6},
    {"uri", SchemaFormat::uri},
    {"uri-reference", SchemaFormat::uri_reference},
    {"uuid", SchemaFormat::uuid},
    {"json-pointer", SchemaFormat::json_pointer},
    {"relative-json-pointer", SchemaFormat::relative_json_pointer},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
bool all_of(std::string_view text, bool (*holds)(char)) {
  return std::all_of(text.begin(), text.end(), holds);
}
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// Reads a text from its front.
struct Reader {
  std::string_view rest;

  bool take(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  // Digits, this many; -1 where they are not there.
  int number(std::size_t digits) {
    int value = 0;
    if (rest.size() < digits || !all_of(rest.substr(0, digits), is_digit)) return -1;
    std::from_chars(rest.data(), rest.data() + digits, value);
    rest.remove_prefix(digits);
    return value;
  }
  std::size_t skip(bool (*holds)(char)) {
    const auto end = std::find_if_not(rest.begin(), rest.end(), holds);
    const auto count = static_cast<std::size_t>(end - rest.begin());
    rest.remove_prefix(count);
    return count;
  }
};

// RFC 3339: full-date.
bool take_date(Reader& reader) {
  const int year = reader.number(4);
  if (year < 0 || !reader.take('-')) return false;
  const int month = reader.number(2);
  if (month < 1 || month > 12 || !reader.take('-')) return false;
  const int day = reader.number(2);
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day >= 1 && day <= kDays[static_cast<std::size_t>(month) - 1] + (leap && month == 2 ? 1 : 0);
}

// RFC 3339: full-time. A leap second is the last of a day in UTC.
bool take_time(Reader& reader) {
  const int hour = reader.number(2);
  if (hour < 0 || hour > 23 || !reader.take(':')) return false;
  const int minute = reader.number(2);
  if (minute < 0 || minute > 59 || !reader.take(':')) return false;
  const int second = reader.number(2);
  if (second < 0 || second > 60) return false;
  if (reader.take('.') && reader.skip(is_digit) == 0) return false;
  int offset = 0;
  if (!reader.take('Z') && !reader.take('z')) {
    const bool behind = reader.take('-');
    if (!behind && !reader.take('+')) return false;
    const int hours = reader.number(2);
    if (hours < 0 || hours > 23 || !reader.take(':')) return false;
    const int minutes = reader.number(2);
    if (minutes < 0 || minutes > 59) return false;
    offset = (hours * 60 + minutes) * (behind ? -1 : 1);
  }
  constexpr int kDay = 24 * 60;
  return second < 60 || (hour * 60 + minute - offset + kDay) % kDay == kDay - 1;
}

bool is_date_time(std::string_view text) {
  Reader reader{text};
  return take_date(reader) && (reader.take('T') || reader.take('t')) && take_time(reader) &&
         reader.rest.empty();
}

// Units in the order given, each once, those between the first and the last that stand there all there.
bool take_units(Reader& reader, std::string_view units) {
  std::size_t next = 0;
  bool any = false;
  while (!reader.rest.empty() && is_digit(reader.rest[0])) {
    reader.skip(is_digit);
    if (reader.rest.empty()) return false;
    const std::size_t unit = units.find(reader.rest[0]);
    if (unit == std::string_view::npos || (any ? unit != next : false)) return false;
    reader.rest.remove_prefix(1);
    next = unit + 1;
    any = true;
  }
  return any;
}

// RFC 3339, appendix A.
bool is_duration(std::string_view text) {
  Reader reader{text};
  if (!reader.take('P')) return false;
  if (text.ends_with('W')) return reader.skip(is_digit) > 0 && reader.rest == "W";
  const bool dated = !reader.rest.starts_with('T');
  if (dated && !take_units(reader, "YMD")) return false;
  if (reader.rest.empty()) return dated;
  return reader.take('T') && take_units(reader, "HMS") && reader.rest.empty();
}

bool is_ipv4(std::string_view text) {
  Reader reader{text};
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && !reader.take('.')) return false;
    const std::string_view before = reader.rest;
    const std::size_t digits = reader.skip(is_digit);
    if (digits == 0 || digits > 3 || (digits > 1 && before[0] == '0')) return false;
    int value = 0;
    std::from_chars(before.data(), before.data() + digits, value);
    if (value > 255) return false;
  }
  return reader.rest.empty();
}

// Groups of hexadecimal digits with colons between; how many, -1 where malformed. An IPv4 address may be the
// last, and counts as two.
int count_groups(std::string_view text, bool last) {
  int count = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    const bool at_end = colon == std::string_view::npos;
    if (at_end && last && group.find('.') != std::string_view::npos) return is_ipv4(group) ? count + 2 : -1;
    if (group.empty() || group.size() > 4 || !all_of(group, is_hex)) return -1;
    ++count;
    if (at_end) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return -1;
  }
  return count;
}

// RFC 4291, 2.2.
bool is_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) return count_groups(text, true) == 8;
  const int before = count_groups(text.substr(0, gap), false);
  const int after = count_groups(text.substr(gap + 2), true);
  return before >= 0 && after >= 0 && before + after <= 7;
}

// RFC 1123: letters, digits and hyphens. A name that begins with "xn--" has to be looked at as one of IDNA
// says, which is not done here.
bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; })) return false;
    if (label.size() >= 4 && label.substr(2, 2) == "--" && (label[0] | 0x20) != 'x') return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_atom_character(char c) { return is_letter(c) || is_digit(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~"); }

bool is_quoted_local_part(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return false;
    if (text[i] == '\\' && ++i == text.size()) return false;
    if (text[i] < ' ' || text[i] > '~') return false;
  }
  return true;
}

bool is_local_part(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  if (text[0] == '"') return is_quoted_local_part(text);
  if (text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos) return false;
  return all_of(text, [](char c) { return c == '.' || is_atom_character(c); });
}

// RFC 5321: Mailbox.
bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || !is_local_part(text.substr(0, at))) return false;
  std::string_view domain = text.substr(at + 1);
  if (!domain.starts_with('[')) return is_hostname(domain);
  if (!domain.ends_with(']')) return false;
  domain = domain.substr(1, domain.size() - 2);
  return domain.starts_with("IPv6:") ? is_ipv6(domain.substr(5)) : is_ipv4(domain);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

// RFC 6901.
bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text[0] != '/') return false;
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  Reader reader{text};
  const std::size_t digits = reader.skip(is_digit);
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  return reader.rest == "#" || is_json_pointer(reader.rest);
}

// Unreserved characters, sub-delims, escapes, and those of `more`.
bool is_uri_text(std::string_view text, std::string_view more) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "-._~!$&'()*+,;=") && !is_one_of(c, more)) {
      return false;
    }
  }
  return true;
}

bool is_ip_literal(std::string_view text) {
  if (!text.starts_with('v') && !text.starts_with('V')) return is_ipv6(text);
  const std::size_t dot = text.find('.');
  return dot != std::string_view::npos && dot > 1 && all_of(text.substr(1, dot - 1), is_hex) &&
         dot + 1 < text.size() && text.find('%') == std::string_view::npos &&
         is_uri_text(text.substr(dot + 1), ":");
}

bool is_authority(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    if (!is_uri_text(text.substr(0, at), ":")) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ip_literal(text.substr(1, end - 1))) return false;
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!is_uri_text(text.substr(0, colon), "")) return false;
    port = text.substr(colon);
  }
  return port.empty() || (port[0] == ':' && all_of(port.substr(1), is_digit));
}

// RFC 3986.
bool is_uri_reference(std::string_view text) {
  const UriParts parts = split_uri(text);
  if (parts.authority && !is_authority(*parts.authority)) return false;
  if (!is_uri_text(parts.path, ":@/")) return false;
  const std::string_view first = parts.path.substr(0, parts.path.find('/'));
  if (!parts.scheme && !parts.authority && first.find(':') != std::string_view::npos) return false;
  return is_uri_text(parts.query.value_or(""), ":@/?") && is_uri_text(parts.fragment.value_or(""), ":@/?");
}

bool is_whole(std::string_view text, bool (*take)(Reader&)) {
  Reader reader{text};
  return take(reader) && reader.rest.empty();
}
}  // namespace

SchemaFormat format_named(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return SchemaFormat::none;
}

std::string_view format_name(SchemaFormat format) {
  for (const auto& [name, known] : kFormats) {
    if (known == format) return name;
  }
  return "";
}

bool has_format(SchemaFormat format, std::string_view text) {
  switch (format) {
    case SchemaFormat::none: return true;
    case SchemaFormat::date_time: return is_date_time(text);
    case SchemaFormat::date: return is_whole(text, take_date);
    case SchemaFormat::time: return is_whole(text, take_time);
    case SchemaFormat::duration: return is_duration(text);
    case SchemaFormat::email: return is_email(text);
    case SchemaFormat::hostname: return is_hostname(text);
    case SchemaFormat::ipv4: return is_ipv4(text);
    case SchemaFormat::ipv6: return is_ipv6(text);
    case SchemaFormat::uri: return split_uri(text).scheme && is_uri_reference(text);
    case SchemaFormat::uri_reference: return is_uri_reference(text);
    case SchemaFormat::uuid: return is_uuid(text);
    case SchemaFormat::json_pointer: return is_json_pointer(text);
    case SchemaFormat::relative_json_pointer: return is_relative_json_pointer(text);
  }
  return true;
}

}  // namespace quire::document
