#include "net/websocket_client.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "net/answer_head.h"
#include "net/body_reader.h"
#include "net/client_connection.h"
#include "net/read_buffer.h"
#include "net/request_head.h"
#include "net/text.h"
#include "net/tls.h"
#include "net/tuning.h"
#include "net/websocket_handshake.h"
#include "net/websocket_reader.h"

namespace quire::net {

namespace {

namespace code = websocket_code;
using Kind = WebSocketReader::Event::Kind;

std::string new_key(Random& random) {
  std::array<unsigned char, 16> bytes{};
  random.fill(bytes.data(), bytes.size());
  std::array<unsigned char, 25> text{};
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), bytes.size());
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

// The handshake, and then the connection with what came behind it.
class Handshake {
 public:
  Handshake(ClientConnection& connection, ReadBuffer& input, const ClientOptions& options,
            const Cancellation& cancellation)
      : connection_(connection), input_(input), options_(options), cancellation_(cancellation) {
    limits_.request_line_bytes = limits_.head_bytes = options.head_bytes;
  }

  Status send(const Origin& origin, const WebSocketRequest& request, std::string_view key) {
    std::string head = "GET " + request.target + " HTTP/1.1\r\nHost: " + origin.authority() +
                       "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    head.append("Sec-WebSocket-Key: ").append(key).append("\r\n");
    for (const auto& [name, value] : request.fields)
      head.append(name).append(": ").append(value).append("\r\n");
    head += "\r\n";
    bool answered_early = false;
    return connection_.send(head, options_.idle_time, cancellation_, answered_early);
  }

  Status take_answer(std::string_view key, ClientAnswer* refusal) {
    HeadFinder finder(limits_, HeadFinder::Kind::answer);
    std::optional<Refusal> problem;
    std::size_t size = 0;
    while ((size = finder.find(input_.view(), problem)) == 0) {
      if (problem)
        return Error(ErrorCode::invalid, "the server's answer is malformed: " + problem->error.message());
      QUIRE_TRY(const bool more, connection_.receive(input_, options_.head_bytes + kBodyRead,
                                                     options_.answer_time, cancellation_));
      if (!more) return Error(ErrorCode::unavailable, "the server closed the connection without an answer");
    }
    QUIRE_TRY(const ParsedAnswer answer, parse_answer_head(input_.view().substr(0, size), options_.fields));
    if (answer.status != 101) return refused(answer, size, refusal);
    QUIRE_TRY_STATUS(check(answer, key));
    input_.consume(size);
    return ok();
  }

 private:
  static Status check(const ParsedAnswer& answer, std::string_view key) {
    const bool good = has_element(answer.field("Upgrade"), "websocket") &&
                      has_element(answer.field("Connection"), "upgrade") &&
                      answer.field("Sec-WebSocket-Accept") == websocket_accept(key) &&
                      answer.field("Sec-WebSocket-Extensions").empty() &&
                      answer.field("Sec-WebSocket-Protocol").empty();
    if (good) return ok();
    return Error(ErrorCode::invalid, "the server's answer to the upgrade is not WebSocket's");
  }

  Status refused(const ParsedAnswer& head, std::size_t head_bytes, ClientAnswer* refusal) {
    const Error error(ErrorCode::precondition,
                      "the server refuses a WebSocket with status " + std::to_string(head.status));
    if (refusal == nullptr) return error;
    refusal->status = head.status;
    refusal->fields.clear();
    for (const Field& field : head.fields) refusal->fields.emplace_back(field.name, field.value);
    refusal->body.clear();
    BodyReader body = head.framing.chunked ? BodyReader::of_chunks()
                                           : BodyReader::of_length(head.framing.length.value_or(0));
    input_.consume(head_bytes);
    while (!body.done()) {
      if (input_.empty()) {
        QUIRE_TRY(const bool more, connection_.receive(input_, kBodyRead, options_.idle_time, cancellation_));
        if (!more) break;
      }
      QUIRE_TRY(const ChunkedDecoder::Piece piece, body.take(input_.view()));
      refusal->body += piece.data;
      input_.consume(piece.used);
      if (refusal->body.size() > options_.body_bytes) break;
    }
    return error;
  }

  ClientConnection& connection_;
  ReadBuffer& input_;
  const ClientOptions& options_;
  const Cancellation& cancellation_;
  Limits limits_;
};

class BlockingWebSocket final : public WebSocketClient {
 public:
  BlockingWebSocket(std::unique_ptr<TlsClient> tls, std::unique_ptr<ClientConnection> connection,
                    ReadBuffer input, const ClientOptions& options, Cancellation cancellation,
                    const Clock& clock, Random& random)
      : tls_(std::move(tls)),
        connection_(std::move(connection)),
        input_(std::move(input)),
        options_(options),
        cancellation_(std::move(cancellation)),
        clock_(clock),
        random_(random),
        reader_(WebSocketReader::From::server, options.body_bytes) {}

  Status send(std::string_view text) override { return send_frame(Opcode::text, text); }

  Status send_in_fragments(std::string_view text, std::size_t bytes) override {
    bytes = std::max<std::size_t>(bytes, 1);
    Opcode opcode = Opcode::text;
    while (text.size() > bytes) {
      QUIRE_TRY_STATUS(send_frame(opcode, text.substr(0, bytes), false));
      text.remove_prefix(bytes);
      opcode = Opcode::continuation;
    }
    return send_frame(opcode, text);
  }

  Status ping(std::string_view payload) override {
    return send_frame(Opcode::ping, payload.substr(0, kMostControlBytes));
  }

  Result<std::string> receive(std::chrono::milliseconds time) override {
    const SteadyTime until = clock_.steady() + time;
    for (;;) {
      if (closed_with_ != 0) return is_closed();
      QUIRE_TRY(std::optional<std::string> message, next_message());
      if (message) return std::move(*message);
      if (closed_with_ == 0) QUIRE_TRY_STATUS(fill(until));
    }
  }

  Status close(std::uint16_t its_code, std::string_view reason, std::chrono::milliseconds time) override {
    const SteadyTime until = clock_.steady() + time;
    QUIRE_TRY_STATUS(send_frame(Opcode::close, close_payload(its_code, reason)));
    close_sent_ = true;
    while (closed_with_ == 0) {
      QUIRE_TRY(const std::optional<std::string> dropped, next_message());
      if (!dropped && closed_with_ == 0) QUIRE_TRY_STATUS(fill(until));
    }
    if (closed_with_ == code::kLost) return is_closed();
    return ok();
  }

  std::uint16_t closed_with() const override { return closed_with_; }
  const std::string& close_reason() const override { return close_reason_; }
  std::size_t pongs() const override { return pongs_; }

 private:
  Error is_closed() const {
    const std::string why = closed_with_ == code::kLost
                                ? "the connection was lost"
                                : "the server closed the connection with " + std::to_string(closed_with_) +
                                      (close_reason_.empty() ? "" : ": " + close_reason_);
    return {ErrorCode::unavailable, why};
  }

  Status send_frame(Opcode opcode, std::string_view payload, bool final = true) {
    if (closed_with_ != 0 || close_sent_) return is_closed();
    MaskingKey key;
    random_.fill(key.data(), key.size());
    std::string frame(FrameHead(opcode, payload.size(), final, &key).bytes());
    const std::size_t begin = frame.size();
    frame += payload;
    mask(std::span(frame).subspan(begin), key, 0);
    std::string_view rest = frame;
    while (!rest.empty()) {
      QUIRE_TRY(const std::size_t sent, connection_->send_some(rest, options_.idle_time, cancellation_));
      rest.remove_prefix(sent);
      // The server may wait for us to read before it reads on.
      if (!rest.empty()) QUIRE_TRY_STATUS(fill(clock_.steady() + options_.idle_time));
    }
    return ok();
  }

  // Nullopt where none is whole, or the server has closed.
  Result<std::optional<std::string>> next_message() {
    for (;;) {
      std::span<char> bytes = input_.bytes();
      const std::size_t size = bytes.size();
      const WebSocketReader::Event event = reader_.read(bytes);
      // What is shown may stand in the input, which moves only when something is received.
      input_.consume(size - bytes.size());
      switch (event.kind) {
        case Kind::more: return std::optional<std::string>();
        case Kind::text: return std::optional(std::string(event.text));
        case Kind::pong: ++pongs_; break;
        case Kind::ping:
          if (!close_sent_) QUIRE_TRY_STATUS(send_frame(Opcode::pong, std::string(event.text)));
          break;
        case Kind::close:
          close_reason_ = event.text;
          // So that the server need not wait; whether it still reads does not matter.
          if (!close_sent_) (void)send_frame(Opcode::close, close_payload(event.code, {}));
          closed_with_ = event.code;
          connection_.reset();
          return std::optional<std::string>();
        case Kind::broken: {
          const Error error(ErrorCode::invalid, std::string(event.text));
          if (!close_sent_) (void)send_frame(Opcode::close, close_payload(event.code, event.text));
          closed_with_ = code::kLost;
          connection_.reset();
          return error;
        }
      }
    }
  }

  // Receives something.
  Status fill(SteadyTime until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock_.steady());
    const Result<bool> more =
        connection_->receive(input_, input_.view().size() + kBodyRead, left, cancellation_);
    if (more && *more) return ok();
    if (!more && more.error().code() != ErrorCode::unavailable) return more.error();
    closed_with_ = code::kLost;
    return is_closed();
  }

  const std::unique_ptr<TlsClient> tls_;
  std::unique_ptr<ClientConnection> connection_;  // null once it is closed
  ReadBuffer input_;
  const ClientOptions options_;
  const Cancellation cancellation_;
  const Clock& clock_;
  Random& random_;
  WebSocketReader reader_;
  bool close_sent_ = false;
  std::uint16_t closed_with_ = 0;
  std::string close_reason_;
  std::size_t pongs_ = 0;
};

Status check_request(const WebSocketRequest& request) {
  if (!is_target(request.target)) return Error(ErrorCode::invalid, "the target of the request is malformed");
  for (const auto& [name, value] : request.fields) {
    if (!is_token(name) || !is_field_value(value))
      return Error(ErrorCode::invalid, "a field of the request is malformed: " + name);
  }
  return ok();
}

}  // namespace

Result<std::unique_ptr<WebSocketClient>> WebSocketClient::connect(const Origin& origin,
                                                                  const WebSocketRequest& request,
                                                                  const ClientOptions& options,
                                                                  const Clock& clock, Random& random,
                                                                  ClientAnswer* refusal) {
  QUIRE_TRY_STATUS(check_request(request));
  std::unique_ptr<TlsClient> tls;
  if (origin.secure) {
    QUIRE_TRY(tls, TlsClient::make({options.verify, options.authorities_file}));
  }
  QUIRE_TRY(auto connection, ClientConnection::open(origin, options, tls.get(), clock, request.cancellation));
  const std::string key = new_key(random);
  ReadBuffer input;
  Handshake handshake(*connection, input, options, request.cancellation);
  QUIRE_TRY_STATUS(handshake.send(origin, request, key));
  QUIRE_TRY_STATUS(handshake.take_answer(key, refusal));
  return Result<std::unique_ptr<WebSocketClient>>(std::make_unique<BlockingWebSocket>(
      std::move(tls), std::move(connection), std::move(input), options, request.cancellation, clock, random));
}

}  // namespace quire::net
