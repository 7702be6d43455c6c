#include "cli/remote/http.h"

#include <array>

#include "cli/remote/json.h"
#include "cli/tuning.h"

namespace quire::cli::remote {

namespace {

constexpr unsigned kFirstRefusal = 300;

Error refusal(unsigned status, std::string_view body) {
  const auto json = Json::parse(body);
  if (json && json->value().find("error") != nullptr) return error_of(json->value());
  return Error(ErrorCode::corrupt,
               "the server answered with the status " + std::to_string(status) + ", and not as Quire does");
}

// The rest of an answer that says why not.
Error read_refusal(net::ClientExchange& exchange, unsigned status) {
  std::string body;
  std::array<char, 4096> piece{};
  while (body.size() < tuning::kRefusalBytes) {
    const auto size = exchange.read(piece);
    if (!size || *size == 0) break;
    body.append(piece.data(), *size);
  }
  return refusal(status, body);
}

}  // namespace

Result<std::unique_ptr<Http>> Http::make(const std::string& url, Secret key) {
  QUIRE_TRY(const net::Origin origin, net::Origin::parse(url));
  net::ClientOptions options;
  // A page of changes holds a thousand documents.
  options.body_bytes = tuning::kAnswerBytes;
  QUIRE_TRY(auto client, net::Client::make(origin, options, system_clock()));
  return std::unique_ptr<Http>(new Http(std::move(client), std::move(key)));
}

net::ClientRequest Http::with_key(const Request& request) const {
  net::ClientRequest made;
  made.method = net::name(request.method);
  made.target = request.target.text();
  if (!key_.empty()) made.fields.emplace_back("Authorization", "Bearer " + std::string(key_.reveal()));
  if (!request.accept.empty()) made.fields.emplace_back("Accept", request.accept);
  if (!request.content_type.empty()) made.fields.emplace_back("Content-Type", request.content_type);
  if (!request.idempotency_key.empty()) made.fields.emplace_back("Idempotency-Key", request.idempotency_key);
  made.body = request.body;
  made.answer_time = request.answer_time;
  return made;
}

Result<std::string> Http::call(const Request& request) {
  const net::ClientRequest made = with_key(request);
  auto answer = client_->send(made);
  // The server knows the request again, whether it had its effect or not.
  const bool again =
      !answer && answer.error().code() == ErrorCode::unavailable && !request.idempotency_key.empty();
  if (again) answer = client_->send(made);
  if (!answer) return std::move(answer).error();
  if (answer->status >= kFirstRefusal) return refusal(answer->status, answer->body);
  return std::move(answer->body);
}

Status Http::stream(const Request& request, const std::function<bool(std::string_view)>& take) {
  QUIRE_TRY(const auto exchange, client_->open(with_key(request), request.body.size()));
  QUIRE_TRY(const net::ClientAnswer head, exchange->finish());
  if (head.status >= kFirstRefusal) return read_refusal(*exchange, head.status);
  std::vector<char> piece(tuning::kStreamPieceBytes);
  for (;;) {
    QUIRE_TRY(const std::size_t size, exchange->read(piece));
    if (size == 0 || !take({piece.data(), size})) return ok();
  }
}

}  // namespace quire::cli::remote
