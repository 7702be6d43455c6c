#include "api/rest/database_settings.h"

#include "api/fields.h"

namespace quire::api::rest {

Result<DatabaseBody> database_settings(std::string_view body) {
  static constexpr Field kFields[] = {
      {"historyMs", FieldType::number, false, "milliseconds"},
      {"historyBytes", FieldType::number, false, "bytes"},
      {"public", FieldType::publicity, false, "what everybody may: none, read or write"}};
  const auto fields = Fields::parse(body, kFields);
  if (!fields) {
    const Error error = fields.error();
    if (error.field() != "quotas") return error;
    return Error(ErrorCode::not_implemented,
                 "a database has no quotas of its own yet; the settings accounts.databases, "
                 "accounts.database-bytes and accounts.feeds are each account's")
        .at("quotas");
  }
  const auto number = [&](std::string_view name) {
    return fields->has(name) ? std::optional(fields->number(name, 0)) : std::nullopt;
  };
  DatabaseBody parsed;
  parsed.settings = {.history_ms = number("historyMs"), .history_bytes = number("historyBytes")};
  if (fields->has("public")) parsed.everybody = fields->right("public", engine::Right::none);
  return parsed;
}

}  // namespace quire::api::rest
