#include "api/testing/fake_exchange.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/check.h"

namespace quire::api::testing {

namespace {
constexpr std::chrono::seconds kExchangePatience{20};
}

Request websocket_request(std::string target, std::vector<std::pair<std::string, std::string>> fields) {
  Request request{.target = std::move(target), .fields = std::move(fields)};
  request.fields.emplace_back("Connection", "Upgrade");
  request.fields.emplace_back("Upgrade", "websocket");
  request.fields.emplace_back("Sec-WebSocket-Version", "13");
  request.fields.emplace_back("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  return request;
}

std::string Answer::field(std::string_view name) const {
  const std::string start = std::string(name) + ": ";
  for (std::string_view rest = fields; !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    if (rest.substr(0, end).starts_with(start))
      return std::string(rest.substr(start.size(), end - start.size()));
    rest.remove_prefix(end + 2);
  }
  return {};
}

FakeExchange::FakeExchange(Request request) : text_(std::move(request)) {
  for (const auto& [name, value] : text_.fields) fields_.push_back({name, value});
  head_.method = text_.method;
  head_.method_name = net::name(text_.method);
  head_.target = text_.target;
  const std::size_t question = head_.target.find('?');
  head_.path = head_.target.substr(0, question);
  if (question != std::string_view::npos) head_.query = head_.target.substr(question + 1);
  head_.has_body = !text_.body.empty();
  if (head_.has_body) head_.content_length = text_.body.size();
  head_.fields = fields_;
  head_.peer = "127.0.0.1";
  head_.listener = text_.listener;
  static std::atomic<std::uint64_t> last_id{0};
  head_.id = ++last_id;
}

FakeExchange::~FakeExchange() {
  if (socket_) socket_->end();
}

std::string_view FakeExchange::body() const {
  return plan_.body == net::Plan::Body::buffered ? std::string_view(text_.body) : std::string_view();
}

Result<std::size_t> FakeExchange::read(std::span<char> into) {
  QUIRE_CHECK(plan_.body == net::Plan::Body::streamed, "only a streamed body is read");
  if (cancellation_.cancelled()) return Error(ErrorCode::cancelled, "the client has gone");
  const std::size_t count = std::min({into.size(), piece_, text_.body.size() - read_});
  if (read_ + count > plan_.body_limit) return Error(ErrorCode::too_large, "the body").over(plan_.body_limit);
  std::copy_n(text_.body.data() + read_, count, into.data());
  read_ += count;
  return count;
}

Result<std::optional<std::size_t>> FakeExchange::try_read(std::span<char> into) {
  if (!std::exchange(piece_has_come_, false)) return std::optional<std::size_t>();
  QUIRE_TRY(const std::size_t size, read(into));
  return std::optional(size);
}

void FakeExchange::on_body(std::function<void()> then) {
  piece_has_come_ = true;
  then();
}

void FakeExchange::take_head(net::Response&& head) {
  QUIRE_CHECK(!begun_ && !ended_, "an answer begins once");
  answer_.status = head.status;
  answer_.content_type = head.content_type;
  answer_.fields = head.more_fields();
}

void FakeExchange::finish() {
  QUIRE_CHECK(!ended_, "an answer ends once");
  ended_ = true;
  changed_.notify_all();
}

void FakeExchange::send(net::Response response) {
  const std::lock_guard lock(mutex_);
  std::string body = std::move(response.body);
  take_head(std::move(response));
  answer_.body = std::move(body);
  finish();
}

void FakeExchange::begin(net::Response head, std::optional<std::uint64_t> length) {
  const std::lock_guard lock(mutex_);
  take_head(std::move(head));
  answer_.streamed = true;
  answer_.length = length;
  begun_ = true;
}

Status FakeExchange::write(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  QUIRE_CHECK(begun_ && !ended_, "bytes stand between the beginning and the end");
  changed_.wait(lock, [this] { return !is_full() || cancellation_.cancelled(); });
  if (cancellation_.cancelled()) return Error(ErrorCode::cancelled, "the client has gone");
  answer_.body += bytes;
  changed_.notify_all();
  return ok();
}

bool FakeExchange::offer(std::string bytes) {
  const std::lock_guard lock(mutex_);
  QUIRE_CHECK(begun_ && !ended_, "bytes stand between the beginning and the end");
  answer_.body += bytes;
  changed_.notify_all();
  return !is_full() && !cancellation_.cancelled();
}

void FakeExchange::on_room(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (is_full() && !cancellation_.cancelled()) {
      then_ = std::move(then);
      return;
    }
  }
  then();
}

void FakeExchange::end() {
  const std::lock_guard lock(mutex_);
  QUIRE_CHECK(begun_, "an answer begins before it ends");
  finish();
}

void FakeExchange::abort() {
  const std::lock_guard lock(mutex_);
  answer_.aborted = true;
  finish();
}

void FakeExchange::cut() { abort(); }

void FakeExchange::accept(std::shared_ptr<net::WebSocketHandler> handler, net::WebSocketOptions options) {
  const std::lock_guard lock(mutex_);
  net::Response head;
  head.content_type = {};
  head.status = 101;
  if (const auto problem = net::check_upgrade(head_)) {
    head.status = problem->status;
  } else if (!cancellation_.cancelled()) {
    socket_ = std::make_shared<FakeWebSocket>(std::move(handler), options);
    socket_->open();
  }
  take_head(std::move(head));
  finish();
}

std::shared_ptr<FakeWebSocket> FakeExchange::socket() {
  const std::lock_guard lock(mutex_);
  return socket_;
}

void FakeExchange::stop_reading_after(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  most_ = bytes;
}

void FakeExchange::take_all() {
  std::function<void()> then;
  {
    const std::lock_guard lock(mutex_);
    most_ = ~std::size_t{0};
    then = std::exchange(then_, nullptr);
    changed_.notify_all();
  }
  if (then) then();
}

void FakeExchange::leave() {
  cancellation_.cancel();
  std::function<void()> then;
  {
    const std::lock_guard lock(mutex_);
    then = std::exchange(then_, nullptr);
    changed_.notify_all();
  }
  if (then) then();
}

bool FakeExchange::wait() {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kExchangePatience, [this] { return ended_; });
}

bool FakeExchange::wait_for(std::string_view text) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kExchangePatience, [&] {
    return answer_.body.find(text) != std::string::npos || ended_;
  }) && answer_.body.find(text) != std::string::npos;
}

bool FakeExchange::ended() {
  const std::lock_guard lock(mutex_);
  return ended_;
}

Answer FakeExchange::answer() {
  const std::lock_guard lock(mutex_);
  return answer_;
}

}  // namespace quire::api::testing
