#include "net/client.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "net/answer.h"
#include "net/answer_head.h"
#include "net/body_reader.h"
#include "net/client_connection.h"
#include "net/host.h"
#include "net/request_head.h"
#include "net/text.h"
#include "net/tuning.h"

namespace quire::net {

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
using ConnectionPointer = std::unique_ptr<ClientConnection>;

std::string_view find_field(const Fields& fields, std::string_view name) {
  for (const auto& [its_name, value] : fields) {
    if (same_ignoring_case(its_name, name)) return value;
  }
  return {};
}

// Requests that mean the same when they arrive twice.
bool may_be_repeated(const std::string& method) {
  static constexpr std::array<std::string_view, 5> kMethods = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

Status check_request(const ClientRequest& request) {
  const auto bad = [](std::string what) { return Error(ErrorCode::invalid, std::move(what)); };
  if (!is_token(request.method)) return bad("this is no method: " + request.method);
  if (!is_target(request.target)) return bad("the target of the request is malformed");
  for (const auto& [name, value] : request.fields) {
    if (!is_token(name) || !is_field_value(value)) return bad("a field of the request is malformed: " + name);
  }
  return ok();
}

// Unused connections, the last used in front.
class Pool {
 public:
  explicit Pool(std::size_t most) : most_(most) {}

  ConnectionPointer take() {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      ConnectionPointer connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->is_fresh()) return connection;
    }
    return nullptr;
  }
  void put(ConnectionPointer connection) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < most_) idle_.push_back(std::move(connection));
  }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::vector<ConnectionPointer> idle_;  // guarded by mutex_
};

class HttpExchange final : public ClientExchange {
 public:
  HttpExchange(Pool& pool, ConnectionPointer connection, const ClientOptions& options,
               const ClientRequest& request, std::optional<std::uint64_t> length)
      : pool_(pool),
        connection_(std::move(connection)),
        options_(options),
        cancellation_(request.cancellation),
        answer_time_(request.answer_time.count() > 0 ? request.answer_time : options.answer_time),
        to_head_(request.method == "HEAD"),
        left_(length),
        chunked_(!length) {
    limits_.request_line_bytes = limits_.head_bytes = options.head_bytes;
  }

  // Where the connection is lost, the server may have said why before it closed: finish() will see.
  Status send(std::string_view bytes) {
    if (answered_early_) return ok();
    Status status = connection_->send(bytes, options_.idle_time, cancellation_, answered_early_);
    if (status || status.error().code() != ErrorCode::unavailable) return status;
    answered_early_ = true;
    return ok();
  }

  Status write(std::string_view bytes) override {
    if (bytes.empty() || answered_early_) return ok();
    if (!chunked_) {
      if (bytes.size() > *left_) return Error(ErrorCode::invalid, "the body is longer than was said");
      *left_ -= bytes.size();
      return send(bytes);
    }
    std::string chunk;
    append_chunk_size(chunk, bytes.size());
    chunk.append(bytes).append("\r\n");
    return send(chunk);
  }

  Result<ClientAnswer> finish() override {
    if (!answered_early_ && !chunked_ && *left_ > 0) {
      return Error(ErrorCode::invalid, "the body is shorter than was said");
    }
    if (chunked_) QUIRE_TRY_STATUS(send("0\r\n\r\n"));
    for (int informational = 0; informational <= kMostInformational; ++informational) {
      QUIRE_TRY(ClientAnswer answer, receive_head());
      if (answer.status >= 200) return answer;
    }
    return Error(ErrorCode::invalid, "the server sends nothing but preliminary answers");
  }

  Result<std::size_t> read(std::span<char> into) override {
    while (!done_) {
      QUIRE_TRY(const ChunkedDecoder::Piece piece, next_piece(into.size()));
      const std::size_t size = piece.data.copy(into.data(), into.size());
      input_.consume(piece.used);
      if (body_ && body_->done()) finish_body();
      if (size > 0) return size;
    }
    return 0;
  }

  // Whether nothing of an answer has come.
  bool unanswered() const { return !answered_; }

 private:
  static constexpr int kMostInformational = 8;

  Result<ClientAnswer> receive_head() {
    HeadFinder finder(limits_, HeadFinder::Kind::answer);
    std::optional<Refusal> refusal;
    std::size_t size = 0;
    while ((size = finder.find(input_.view(), refusal)) == 0) {
      if (refusal)
        return Error(ErrorCode::invalid, "the server's answer is malformed: " + refusal->error.message());
      QUIRE_TRY(const bool more,
                connection_->receive(input_, options_.head_bytes + kBodyRead, answer_time_, cancellation_));
      if (!more) return Error(ErrorCode::unavailable, "the server closed the connection without an answer");
      answered_ = true;
    }
    QUIRE_TRY(const ParsedAnswer parsed, parse_answer_head(input_.view().substr(0, size), options_.fields));
    ClientAnswer answer;
    answer.status = parsed.status;
    for (const Field& field : parsed.fields) answer.fields.emplace_back(field.name, field.value);
    input_.consume(size);
    if (parsed.status >= 200) start_body(parsed);
    return answer;
  }

  void start_body(const ParsedAnswer& parsed) {
    keep_ = parsed.keep_alive && !answered_early_;
    if (to_head_ || never_has_body(parsed.status)) return finish_body();
    if (parsed.framing.chunked) {
      body_ = BodyReader::of_chunks();
    } else if (parsed.framing.length) {
      body_ = BodyReader::of_length(*parsed.framing.length);
      if (body_->done()) finish_body();
    } else {
      keep_ = false;  // until the server closes
    }
  }

  // Shows bytes of input_; at most so many of the body's.
  Result<ChunkedDecoder::Piece> next_piece(std::size_t most) {
    if (input_.empty()) {
      QUIRE_TRY(const bool more, connection_->receive(input_, kBodyRead, options_.idle_time, cancellation_));
      if (!more) {
        if (body_) return Error(ErrorCode::unavailable, "the answer ended early");
        finish_body();
        return ChunkedDecoder::Piece{};
      }
    }
    const std::string_view input = input_.view().substr(0, most);
    if (!body_) return ChunkedDecoder::Piece{input.size(), input};
    return body_->take(input);
  }

  void finish_body() {
    done_ = true;
    if (keep_ && input_.empty()) pool_.put(std::move(connection_));
  }

  Pool& pool_;
  ConnectionPointer connection_;
  const ClientOptions& options_;
  const Cancellation cancellation_;
  const std::chrono::milliseconds answer_time_;
  const bool to_head_;
  std::optional<std::uint64_t> left_;  // of the request's body
  const bool chunked_;
  Limits limits_;
  ReadBuffer input_;
  bool answered_ = false;
  bool answered_early_ = false;
  std::optional<BodyReader> body_;  // none: until the connection ends
  bool keep_ = false;
  bool done_ = false;
};

class HttpClient final : public Client {
 public:
  HttpClient(const Origin& origin, const ClientOptions& options, const Clock& clock,
             std::unique_ptr<TlsClient> tls)
      : origin_(origin),
        options_(options),
        clock_(clock),
        tls_(std::move(tls)),
        pool_(options.idle_connections) {}

  Result<ClientAnswer> send(const ClientRequest& request) override {
    bool kept = false;
    bool unanswered = true;
    Result<ClientAnswer> answer = send_once(request, true, kept, unanswered);
    const bool lost = !answer && answer.error().code() == ErrorCode::unavailable && unanswered;
    if (!lost || !kept || !may_be_repeated(request.method)) return answer;
    return send_once(request, false, kept, unanswered);
  }

  Result<std::unique_ptr<ClientExchange>> open(const ClientRequest& request,
                                               std::optional<std::uint64_t> length) override {
    bool kept = false;
    QUIRE_TRY(auto exchange, start(request, length, true, kept));
    return Result<std::unique_ptr<ClientExchange>>(std::move(exchange));
  }

 private:
  Result<ClientAnswer> send_once(const ClientRequest& request, bool from_pool, bool& kept, bool& unanswered) {
    QUIRE_TRY(auto exchange, start(request, request.body.size(), from_pool, kept));
    Result<ClientAnswer> answer = exchange->finish();
    unanswered = exchange->unanswered();
    if (!answer) return answer;
    std::array<char, kBodyRead> piece;
    for (;;) {
      QUIRE_TRY(const std::size_t size, exchange->read(piece));
      if (size == 0) return answer;
      if (answer->body.size() + size > options_.body_bytes) {
        return Error(ErrorCode::too_large,
                     "the server's answer is longer than " + std::to_string(options_.body_bytes) + " bytes")
            .over(options_.body_bytes);
      }
      answer->body.append(piece.data(), size);
    }
  }

  Result<std::unique_ptr<HttpExchange>> start(const ClientRequest& request,
                                              std::optional<std::uint64_t> length, bool from_pool,
                                              bool& kept) {
    QUIRE_TRY_STATUS(check_request(request));
    if (!request.body.empty()) length = request.body.size();
    ConnectionPointer connection = from_pool ? pool_.take() : nullptr;
    kept = connection != nullptr;
    if (!kept) {
      QUIRE_TRY(connection,
                ClientConnection::open(origin_, options_, tls_.get(), clock_, request.cancellation));
    }
    const std::uint64_t to_write = length.value_or(0) - request.body.size();
    auto exchange = std::make_unique<HttpExchange>(pool_, std::move(connection), options_, request,
                                                   length ? std::optional(to_write) : std::nullopt);
    std::string head = head_of(request, length);
    if (request.body.size() < kCopyBody) {
      QUIRE_TRY_STATUS(exchange->send(head + request.body));
    } else {
      QUIRE_TRY_STATUS(exchange->send(head));
      QUIRE_TRY_STATUS(exchange->send(request.body));
    }
    return exchange;
  }

  std::string head_of(const ClientRequest& request, std::optional<std::uint64_t> length) const {
    std::string head =
        request.method + " " + request.target + " HTTP/1.1\r\nHost: " + origin_.authority() + "\r\n";
    for (const auto& [name, value] : request.fields)
      head.append(name).append(": ").append(value).append("\r\n");
    const bool says_length =
        length.value_or(0) > 0 || !may_be_repeated(request.method) || request.method == "PUT";
    if (!length) {
      head += "Transfer-Encoding: chunked\r\n";
    } else if (says_length) {
      head += "Content-Length: " + std::to_string(*length) + "\r\n";
    }
    return head + "\r\n";
  }

  const Origin origin_;
  const ClientOptions options_;
  const Clock& clock_;
  const std::unique_ptr<TlsClient> tls_;
  Pool pool_;
};

}  // namespace

Result<Origin> Origin::parse(std::string_view url) {
  const auto bad = [url] {
    return Error(ErrorCode::invalid,
                 "this is no server's address (http://HOST:PORT or https://HOST:PORT): " + std::string(url));
  };
  Origin origin;
  const std::size_t mark = url.find("://");
  if (mark == std::string_view::npos) return bad();
  const std::string_view scheme = url.substr(0, mark);
  origin.secure = same_ignoring_case(scheme, "https");
  if (!origin.secure && !same_ignoring_case(scheme, "http")) return bad();
  std::string_view authority = url.substr(mark + 3);
  if (authority.ends_with('/')) authority.remove_suffix(1);
  const std::optional<std::string_view> host = host_name(authority);
  if (!host) return bad();
  origin.host = *host;
  std::string_view port =
      authority.substr(static_cast<std::size_t>(host->data() + host->size() - authority.data()));
  if (port.starts_with(']')) port.remove_prefix(1);
  origin.port = origin.secure ? 443 : 80;
  if (port.empty()) return origin;
  unsigned number = 0;
  for (const char digit : port.substr(1)) number = number * 10 + static_cast<unsigned>(digit - '0');
  if (number == 0 || number > UINT16_MAX) return bad();
  origin.port = static_cast<std::uint16_t>(number);
  return origin;
}

std::string Origin::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (secure ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string_view ClientAnswer::field(std::string_view name) const { return find_field(fields, name); }

Result<std::unique_ptr<Client>> Client::make(const Origin& origin, const ClientOptions& options,
                                             const Clock& clock) {
  std::unique_ptr<TlsClient> tls;
  if (origin.secure) {
    QUIRE_TRY(tls, TlsClient::make({options.verify, options.authorities_file}));
  }
  return Result<std::unique_ptr<Client>>(
      std::make_unique<HttpClient>(origin, options, clock, std::move(tls)));
}

}  // namespace quire::net
