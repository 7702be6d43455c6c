// The body of a request. What stands behind the head in the same buffer is taken first, and where that is all
// of it, it is shown from there. The rest goes into a second buffer, because the head must stay where it is.

#include "base/check.h"
#include "net/connection.h"
#include "net/tuning.h"

namespace quire::net {

using Outcome = Transfer::Outcome;

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Error ended_early() { return {ErrorCode::invalid, "the body of the request ended early"}; }
Error gone() { return {ErrorCode::cancelled, "the client has gone"}; }

}  // namespace

// A body that is handled when it is there.
bool Connection::step_body() {
  if (broken_) {
    close_now();
    return false;
  }
  if (take_body_in_place()) {
    handle();
    return true;
  }
  ReadBuffer* buffer = &more_;
  std::string_view input = in_.view().substr(used_);
  if (input.empty()) {
    if (!body_allowed_) {
      output_.back() += kContinue;
      body_allowed_ = true;
    }
    flush();  // earlier answers; the client may wait for them
    const Transfer transfer = receive(more_.room(kBodyRead, kBodyRead));
    if (transfer.outcome == Outcome::again) return false;
    if (transfer.outcome == Outcome::broken) lose();
    if (transfer.outcome == Outcome::closed) refuse({400, ended_early()});
    if (transfer.outcome != Outcome::done) return true;
    more_.add(transfer.size);
    input = more_.view();
  } else {
    buffer = nullptr;
  }
  std::size_t used = 0;
  std::optional<Refusal> refusal = take_body(input, used);
  if (buffer != nullptr) {
    buffer->consume(used);
  } else {
    used_ += used;
  }
  if (refusal) {
    refuse(*refusal);
  } else if (body_reader_.done()) {
    body_done_ = true;
    body_view_ = body_;
    handle();
  }
  return true;
}

// The usual case: all of it came with the head.
bool Connection::take_body_in_place() {
  const std::optional<std::uint64_t> left = body_reader_.left();
  const std::string_view input = in_.view().substr(used_);
  if (!left || body_bytes_ > 0 || input.size() < *left) return false;
  body_view_ = input.substr(0, static_cast<std::size_t>(*left));
  used_ += body_view_.size();
  body_bytes_ = body_view_.size();
  body_done_ = true;
  return true;
}

std::optional<Refusal> Connection::take_body(std::string_view input, std::size_t& used) {
  while (used < input.size() && !body_reader_.done()) {
    Result<ChunkedDecoder::Piece> piece = body_reader_.take(input.substr(used));
    if (!piece)
      return Refusal{piece.error().code() == ErrorCode::too_large ? 413U : 400U, std::move(piece).error()};
    used += piece->used;
    body_bytes_ += piece->data.size();
    if (body_bytes_ > plan_.body_limit || body_reader_.owed() > plan_.body_limit - body_bytes_) {
      return body_too_large();
    }
    if (!piece->data.empty()) keep_body(piece->data);
  }
  return std::nullopt;
}

void Connection::keep_body(std::string_view data) {
  if (plan_.body == Plan::Body::buffered) {
    body_ += data;
    return;
  }
  std::unique_lock lock(crossing_.mutex);
  crossing_.inbox += data;
  tell_reader(lock);
}

// Lets those go on who wait for the body. Gives the lock back.
void Connection::tell_reader(std::unique_lock<std::mutex>& lock) {
  const auto reader = std::exchange(crossing_.reader, nullptr);
  lock.unlock();
  crossing_.changed.notify_all();
  if (reader) reader();
}

// --- Streamed

void Connection::pump_body() {
  while (!body_done_ && !body_failed_ && !broken_ && pump_body_once()) {
  }
}

// False where nothing more can be had now.
bool Connection::pump_body_once() {
  if (!may_receive_body()) return false;
  std::string_view input = in_.view().substr(used_);
  const bool behind_head = !input.empty();
  if (!behind_head) {
    const Transfer transfer = receive(more_.room(kBodyRead, kBodyRead));
    if (transfer.outcome == Outcome::again) return false;
    if (transfer.outcome != Outcome::done) {
      const bool broken = transfer.outcome == Outcome::broken;
      end_body(broken ? gone() : ended_early());
      if (broken) lose();
      return false;
    }
    more_.add(transfer.size);
    input = more_.view();
  }
  std::size_t used = 0;
  std::optional<Refusal> refusal = take_body(input, used);
  if (behind_head) {
    used_ += used;
  } else {
    more_.consume(used);
  }
  if (refusal) {
    end_body(std::move(refusal->error));
  } else if (body_reader_.done()) {
    body_done_ = true;
    end_body(std::nullopt);
  }
  return true;
}

bool Connection::may_receive_body() {
  const std::lock_guard lock(crossing_.mutex);
  if (!body_allowed_) {
    if (!crossing_.inbox_wanted) return false;
    output_.back() += kContinue;
    body_allowed_ = true;
    rate_since_ = worker_.loop().now();
  }
  crossing_.inbox_full = crossing_.inbox.size() - crossing_.inbox_used >= kBodyWaiting;
  body_paused_ = crossing_.inbox_full;
  return !body_paused_;
}

void Connection::end_body(std::optional<Error> error) {
  body_failed_ = error.has_value();
  std::unique_lock lock(crossing_.mutex);
  crossing_.inbox_ended = true;
  crossing_.inbox_error = std::move(error);
  tell_reader(lock);
}

Result<std::size_t> Connection::read(std::span<char> into) {
  if (plan_.body == Plan::Body::buffered) return 0;
  std::unique_lock lock(crossing_.mutex);
  want_body();
  QUIRE_CHECK(body_has_come() || !worker_.loop().is_current(),
              "a connection's thread cannot wait for its own client");
  crossing_.changed.wait(lock, [this] { return body_has_come(); });
  return take_from_inbox(into);
}

Result<std::optional<std::size_t>> Connection::try_read(std::span<char> into) {
  if (plan_.body == Plan::Body::buffered) return std::optional<std::size_t>(0);
  const std::lock_guard lock(crossing_.mutex);
  want_body();
  if (!body_has_come()) return std::optional<std::size_t>();
  QUIRE_TRY(const std::size_t size, take_from_inbox(into));
  return std::optional(size);
}

void Connection::on_body(std::function<void()> then) {
  {
    const std::lock_guard lock(crossing_.mutex);
    want_body();
    if (plan_.body == Plan::Body::streamed && !body_has_come()) {
      crossing_.reader = std::move(then);
      return;
    }
  }
  then();
}

void Connection::want_body() {
  if (crossing_.inbox_wanted) return;
  crossing_.inbox_wanted = true;
  note();
}

bool Connection::body_has_come() const {
  return crossing_.inbox_used < crossing_.inbox.size() || crossing_.inbox_ended || crossing_.gone;
}

Result<std::size_t> Connection::take_from_inbox(std::span<char> into) {
  const std::size_t left = crossing_.inbox.size() - crossing_.inbox_used;
  if (left == 0) {
    if (crossing_.inbox_error) return *crossing_.inbox_error;
    if (!crossing_.inbox_ended) return gone();
    return 0;
  }
  const std::size_t size = std::min(left, into.size());
  crossing_.inbox.copy(into.data(), size, crossing_.inbox_used);
  crossing_.inbox_used += size;
  if (crossing_.inbox_used == crossing_.inbox.size()) {
    crossing_.inbox.clear();
    crossing_.inbox_used = 0;
    if (crossing_.inbox_full) note();
  }
  return size;
}

}  // namespace quire::net
