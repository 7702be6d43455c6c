#include "api/rest/database_settings.h"

#include "api/rest/settings.h"

namespace quire::api::rest {

Result<engine::DatabaseSettings> database_settings(std::string_view body) {
  constexpr std::string_view kNumbers[] = {"historyMs", "historyBytes"};
  const auto settings = Settings::parse(body, kNumbers, {});
  if (!settings) {
    const Error error = settings.error();
    if (error.field() != "public" && error.field() != "quotas") return error;
    return Error(ErrorCode::not_implemented, "this setting is not offered yet")
        .at(std::string(error.field()));
  }
  return engine::DatabaseSettings{.history_ms = settings->number("historyMs"),
                                  .history_bytes = settings->number("historyBytes")};
}

}  // namespace quire::api::rest
