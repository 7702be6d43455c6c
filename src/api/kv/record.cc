#include "api/kv/record.h"

#include "document/text_scan.h"

namespace quire::api::kv {

namespace {
constexpr std::string_view kBegin = "{\"v\":";
constexpr std::string_view kEnd = "}";
}  // namespace

std::string record_text(std::string_view value) {
  std::string text;
  text.reserve(kBegin.size() + value.size() + kEnd.size());
  return text.append(kBegin).append(value).append(kEnd);
}

std::optional<std::string_view> value_of(std::string_view text) {
  if (text.size() < kBegin.size() + 3 || !text.starts_with(kBegin)) return std::nullopt;
  text.remove_prefix(kBegin.size());
  text.remove_suffix(kEnd.size());
  if (text.front() != '"') return std::nullopt;
  // The string ends where the text does, or there are other members.
  bool escaped = false;
  const char* const end = text.data() + text.size();
  if (document::skip_string(text.data() + 1, end, escaped) != end) return std::nullopt;
  return text;
}

}  // namespace quire::api::kv
