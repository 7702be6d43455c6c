#include "cli/remote/json.h"

#include <charconv>
#include <limits>

#include "document/json.h"

namespace quire::cli::remote {

Result<Json> Json::parse(std::string_view text) {
  Json json;
  // An answer may hold thousands of documents.
  document::JsonLimits limits;
  limits.document_bytes = std::numeric_limits<std::uint64_t>::max();
  limits.depth += 8;  // around each of them
  if (!document::minify(text, limits, *json.text_)) return unexpected("JSON");
  auto value = document::Value::parse(*json.arena_, *json.text_);
  if (!value) return unexpected("JSON");
  json.value_ = *value;
  return json;
}

Error unexpected(std::string_view what) {
  return Error(ErrorCode::corrupt,
               "the server's answer is not " + std::string(what) + "; is it Quire, and of this version?");
}

std::string text_of(const document::Value& object, std::string_view name) {
  const document::Value* const member = object.find(name);
  return member != nullptr && member->is_string() ? member->to_string() : std::string();
}

std::uint64_t number_of(const document::Value& object, std::string_view name) {
  const document::Value* const member = object.find(name);
  std::uint64_t number = 0;
  if (member == nullptr || !member->is_number()) return 0;
  const std::string_view text = member->number_text();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? number : 0;
}

bool flag_of(const document::Value& object, std::string_view name) {
  const document::Value* const member = object.find(name);
  return member != nullptr && member->is_boolean() && member->as_boolean();
}

Error error_of(const document::Value& object) {
  const std::string code = text_of(object, "error");
  for (int number = 0; number <= static_cast<int>(ErrorCode::internal); ++number) {
    const auto known = static_cast<ErrorCode>(number);
    if (name(known) != code) continue;
    return Error(known, text_of(object, "message"))
        .at(text_of(object, "field"))
        .over(number_of(object, "limit"));
  }
  return unexpected("an error of Quire");
}

}  // namespace quire::cli::remote
