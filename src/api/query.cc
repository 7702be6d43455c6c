#include "api/query.h"

#include <algorithm>
#include <charconv>

#include "api/tuning.h"
#include "base/bytes.h"

namespace quire::api {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

Error malformed(std::string_view what) {
  return Error(ErrorCode::invalid, "the URL " + std::string(what));
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Status check_value(const Parameter& parameter, std::string_view value) {
  const std::string name(parameter.name);
  if (parameter.kind == Parameter::Kind::flag && value != "true" && value != "false") {
    return Error(ErrorCode::invalid, "the parameter '" + name + "' is true or false").at(name);
  }
  if (parameter.kind == Parameter::Kind::number && !parse_number(value)) {
    return Error(ErrorCode::invalid, "the parameter '" + name + "' is a whole number").at(name);
  }
  return ok();
}

}  // namespace

Status percent_decode(std::string_view text, Plus plus, std::string& out) {
  const std::size_t before = out.size();
  out.reserve(before + text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return malformed("has a '%' without two hexadecimal digits behind it");
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  if (!valid_utf8(std::string_view(out).substr(before))) return malformed("is not UTF-8");
  return ok();
}

void percent_encode(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
}

Result<Query> Query::parse(std::string_view text, std::span<const Parameter> known) {
  Query query;
  Status status = ok();
  std::size_t count = 0;
  const auto take = [&](std::string_view raw_name, std::string_view raw_value) -> Status {
    if (++count > tuning::kParameters) {
      return Error(ErrorCode::too_large, "the URL has too many parameters").over(tuning::kParameters);
    }
    std::string name;
    QUIRE_TRY_STATUS(percent_decode(raw_name, Plus::is_space, name));
    const auto parameter =
        std::find_if(known.begin(), known.end(), [&](const Parameter& one) { return one.name == name; });
    if (parameter == known.end()) {
      return Error(ErrorCode::invalid, "there is no parameter '" + name + "' here").at(name);
    }
    if (query.has(name)) return Error(ErrorCode::invalid, "the parameter '" + name + "' stands twice").at(name);
    std::string value;
    QUIRE_TRY_STATUS(percent_decode(raw_value, Plus::is_space, value));
    QUIRE_TRY_STATUS(check_value(*parameter, value));
    query.values_.emplace_back(parameter->name, std::move(value));
    return ok();
  };
  each_parameter(text, [&](std::string_view name, std::string_view value) {
    status = take(name, value);
    return status.has_value();
  });
  if (!status) return std::move(status).error();
  return query;
}

const std::string* Query::find(std::string_view name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return &value;
  }
  return nullptr;
}

std::string_view Query::text(std::string_view name) const {
  const std::string* const value = find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

Result<std::uint64_t> Query::number(std::string_view name, std::uint64_t otherwise, std::uint64_t most) const {
  const std::string* const value = find(name);
  if (value == nullptr) return otherwise;
  const auto number = parse_number(*value);
  if (!number || *number > most) {
    return Error(ErrorCode::invalid, "the parameter '" + std::string(name) + "' is a whole number up to " +
                                         std::to_string(most))
        .at(std::string(name))
        .over(most);
  }
  return *number;
}

}  // namespace quire::api
