// Strings. Positions and lengths count code points.
#include <algorithm>
#include <array>
#include <cstring>

#include "query/aggregate/functions.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_code_point));
}

// The byte where the code point of this position begins; the end where there are fewer.
std::size_t byte_at(std::string_view text, std::size_t position) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (begins_code_point(text[at]) && position-- == 0) return at;
  }
  return at;
}

std::string_view take_code_point(std::string_view& text) {
  const std::string_view one = text.substr(0, std::max<std::size_t>(byte_at(text, 1), 1));
  text.remove_prefix(one.size());
  return one;
}

// The view points into the value or the scratch.
bool read_string(const Value* value, std::string& scratch, std::string_view& out) {
  if (value == nullptr || !value->is_string()) return false;
  out = value->string(scratch);
  return true;
}

// As std::string_view::find(), in time that is linear in both.
std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const void* const found = ::memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

const Value* concat(Evaluation& on, const Call& call, Arguments arguments) {
  std::string joined;
  std::string scratch;
  for (const Value* const argument : arguments) {
    if (is_nothing(argument)) return on.null();
    std::string_view text;
    if (!read_string(argument, scratch, text))
      return call.fail(on, "takes strings, not " + described(argument));
    if (!on.charge(text.size())) return nullptr;
    joined += text;
  }
  return on.string(joined);
}

template <char first, char last>
const Value* change_case(Evaluation& on, const Call& call, Arguments arguments) {
  std::string text;
  if (!read_text(arguments[0], text)) return call.fail(on, "takes a string, not " + described(arguments[0]));
  for (char& c : text) {
    if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
  }
  return on.string(text);
}

const Value* substring(Evaluation& on, const Call& call, Arguments arguments) {
  std::string text;
  std::int64_t start = 0;
  std::int64_t count = 0;
  if (!read_text(arguments[0], text)) return call.fail(on, "takes a string, not " + described(arguments[0]));
  if (!read_whole(arguments[1], start) || !read_whole(arguments[2], count) || start < 0 || count < 0)
    return call.fail(on, "takes a start and a count that are whole and not negative");
  std::string_view rest = text;
  rest.remove_prefix(byte_at(rest, static_cast<std::size_t>(start)));
  return on.string(rest.substr(0, byte_at(rest, static_cast<std::size_t>(count))));
}

const Value* length(Evaluation& on, const Call& call, Arguments arguments) {
  std::string scratch;
  std::string_view text;
  if (!read_string(arguments[0], scratch, text))
    return call.fail(on, "takes a string, not " + described(arguments[0]));
  return on.integer(static_cast<std::int64_t>(count_code_points(text)));
}

const Value* split(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0]) || is_nothing(arguments[1])) return on.null();
  std::string scratch;
  std::string delimiter_scratch;
  std::string_view text;
  std::string_view delimiter;
  if (!read_string(arguments[0], scratch, text) || !read_string(arguments[1], delimiter_scratch, delimiter))
    return call.fail(on, "takes two strings");
  if (delimiter.empty()) return call.fail(on, "takes a separator that is not empty");
  Value parts = Value::array();
  for (;;) {
    const std::size_t found = find_text(text, delimiter, 0);
    if (!on.goes_on() || !on.charge(kElementBytes + std::min(found, text.size()))) return nullptr;
    parts.append(on.arena(), Value::string(on.arena(), text.substr(0, found)));
    if (found == std::string_view::npos) return on.keep(parts);
    text.remove_prefix(found + delimiter.size());
  }
}

const Value* index_of(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  std::string scratch;
  std::string wanted_scratch;
  std::string_view text;
  std::string_view wanted;
  if (!read_string(arguments[0], scratch, text) || !read_string(arguments[1], wanted_scratch, wanted))
    return call.fail(on, "takes two strings");
  std::int64_t bounds[2] = {0, INT64_MAX};
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    if (!read_whole(arguments[i], bounds[i - 2]) || bounds[i - 2] < 0)
      return call.fail(on, "takes a start and an end that are whole and not negative");
  }
  const std::size_t begin = byte_at(text, static_cast<std::size_t>(bounds[0]));
  const std::size_t end = byte_at(text, static_cast<std::size_t>(bounds[1]));
  const bool outside = bounds[0] > bounds[1] || static_cast<std::size_t>(bounds[0]) > count_code_points(text);
  const std::size_t found = outside ? std::string_view::npos : find_text(text.substr(0, end), wanted, begin);
  if (found == std::string_view::npos) return on.integer(-1);
  return on.integer(static_cast<std::int64_t>(count_code_points(text.substr(0, found))));
}

// What $trim takes off where it is not told.
constexpr std::string_view kWhiteSpace(
    "\0\x20\t\n\v\f\r\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A", 45);

template <bool front, bool back>
const Value* trim(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  std::string scratch;
  std::string chars_scratch;
  std::string_view text;
  std::string_view chars = kWhiteSpace;
  if (!read_string(arguments[0], scratch, text))
    return call.fail(on, "takes a string, not " + described(arguments[0]));
  if (arguments[1] != nullptr && arguments[1]->is_null()) return on.null();
  if (arguments[1] != nullptr && !read_string(arguments[1], chars_scratch, chars))
    return call.fail(on, "takes chars that are a string");
  std::vector<std::string_view> code_points;
  while (!chars.empty()) code_points.push_back(take_code_point(chars));
  const auto taken = [&](std::string_view one) {
    return std::find(code_points.begin(), code_points.end(), one) != code_points.end();
  };
  while (front && !text.empty() && on.goes_on()) {
    std::string_view rest = text;
    if (!taken(take_code_point(rest))) break;
    text = rest;
  }
  while (back && !text.empty() && on.goes_on()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && !begins_code_point(text[last])) --last;
    if (!taken(text.substr(last))) break;
    text = text.substr(0, last);
  }
  return on.string(text);
}

constexpr std::array kTextFunctions = {
    Function{"$concat", 0, kAnyNumber, concat},
    Function{"$toLower", 1, 1, change_case<'A', 'Z'>},
    Function{"$toUpper", 1, 1, change_case<'a', 'z'>},
    Function{"$substrCP", 3, 3, substring},
    Function{"$strLenCP", 1, 1, length},
    Function{"$split", 2, 2, split},
    Function{"$indexOfCP", 2, 4, index_of},
    Function{"$trim", 1, 2, trim<true, true>, {"input", "chars"}},
    Function{"$ltrim", 1, 2, trim<true, false>, {"input", "chars"}},
    Function{"$rtrim", 1, 2, trim<false, true>, {"input", "chars"}},
};
}  // namespace

std::span<const Function> text_functions() { return kTextFunctions; }

}  // namespace quire::query
