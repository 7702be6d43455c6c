#include "api/fields.h"
#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> post_key(RestCall& call) {
  static constexpr Field kFields[] = {
      {"label", FieldType::text, false, "what it is for"},
      {"right", FieldType::right, false, "what it may do at most; owner of itself"},
      {"databases", FieldType::texts, false, "the ids of those it is for; all of itself"},
      {"life", FieldType::number, false, "milliseconds"},
      {"user", FieldType::text, false, "of administrators: whose key it is"}};
  QUIRE_TRY(Fields fields, Fields::parse(call.exchange().body(), kFields));
  QUIRE_TRY(const std::string user, whose_keys(call, fields.text("user")));
  engine::KeyRequest request;
  request.label = fields.text("label");
  request.most = fields.right("right", engine::Right::owner);
  request.databases = fields.texts("databases");
  if (fields.has("life")) {
    constexpr std::uint64_t kMostMs = 1ULL << 42;  // more than a century, and less than a clock's nanoseconds
    const std::uint64_t life = fields.number("life", 0);
    if (life == 0 || life > kMostMs) {
      return Error(ErrorCode::invalid, "a key lives for a millisecond to a century").at("life");
    }
    request.life = std::chrono::milliseconds(life);
  }
  QUIRE_TRY(const engine::NewKey made, call.parts().accounts.make_key(call.call.caller, user, request));
  std::string out;
  print_key(made.key, made.text.reveal(), out);
  return json_answer(201, std::move(out));
}

}  // namespace quire::api::rest
