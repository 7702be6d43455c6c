// Answers. On the connection's own thread a whole answer goes straight into the output; from other threads it
// comes as a task. A streamed answer crosses over in the outbox, which the loop empties as the client reads.

#include "base/check.h"
#include "net/answer.h"
#include "net/connection.h"
#include "net/tuning.h"

namespace quire::net {

void Connection::handle() {
  state_ = State::serving;
  handling_ = true;
  if (plan_.body == Plan::Body::streamed) {
    crossed_ = true;
    crossing_.inbox_ended = body_done_;
  }
  worker_.shared().service.handle(*this);
}

bool Connection::step_serving() {
  if (answered_ == Answered::no) {
    if (plan_.body == Plan::Body::streamed) pump_body();
    if (peer_finished_ && body_done_ && !crossing_.client_finished) vanish();
    pump_stream();
    flush();
    return answered_ != Answered::no;
  }
  if (answered_ == Answered::stream) {
    if (!broken_ && !pump_stream()) return broken_;
    answered_ = Answered::whole;
  }
  if (answered_ == Answered::abandoned) lose();
  if (answered_ == Answered::accepted && !broken_) {
    become_websocket();
    return false;
  }
  // Whoever looks on is told when it is sent; else the answers to what is here already go out together.
  if (watching_ && !broken_ && !flush()) return broken_;
  finish_request();
  return true;
}

// --- Whole

void Connection::send(Response response) {
  if (!worker_.loop().is_current()) {
    pending_ = std::move(response);
    worker_.loop().post([this] {
      answer(std::move(pending_));
      handling_ = false;
      advance();
      leave();
    });
    return;
  }
  answer(std::move(response));
  handling_ = false;
  if (!advancing_) yield();
}

void Connection::answer(Response&& response) {
  answered_ = Answered::whole;
  if (broken_) return;
  close_ = close_ || !body_done_ || worker_.draining();
  AnswerFraming framing = plain_framing();
  if (!never_has_body(response.status)) framing.length = response.body.size();
  append_head(output_.back(), response, framing, worker_.date_line(), worker_.shared().options.common_fields);
  const std::size_t size = has_no_body(response.status) ? 0 : response.body.size();
  if (size > 0) output_.add_body(std::move(response.body));
  tell_complete(response.status, size);
}

AnswerFraming Connection::plain_framing() const {
  AnswerFraming framing;
  framing.close = close_;
  framing.keep_alive_10 = !close_ && has_head_ && !request_.http11;
  return framing;
}

bool Connection::has_no_body(unsigned status) const {
  return never_has_body(status) || (has_head_ && request_.head.method == Method::head);
}

// --- Streamed

void Connection::begin(Response head, std::optional<std::uint64_t> length) {
  const std::lock_guard lock(crossing_.mutex);
  QUIRE_CHECK(!crossing_.begun, "an exchange has one answer");
  crossed_ = true;
  crossing_.head = std::move(head);
  crossing_.length = length;
  crossing_.begun = true;
  note();
}

Status Connection::write(std::string_view bytes) {
  const std::size_t bound = worker_.limits().stream_bytes;
  std::unique_lock lock(crossing_.mutex);
  const auto ready = [this, bound] { return crossing_.gone || crossing_.waiting <= bound; };
  QUIRE_CHECK(ready() || !worker_.loop().is_current(),
              "a connection's thread cannot wait for its own client");
  crossing_.changed.wait(lock, ready);
  if (crossing_.gone) return Error(ErrorCode::cancelled, "the client has gone");
  crossing_.outbox += bytes;
  crossing_.waiting += bytes.size();
  note();
  return ok();
}

bool Connection::offer(std::string bytes) {
  const std::lock_guard lock(crossing_.mutex);
  if (crossing_.gone) return false;
  crossing_.waiting += bytes.size();
  if (crossing_.outbox.empty()) {
    crossing_.outbox = std::move(bytes);
  } else {
    crossing_.outbox += bytes;
  }
  note();
  return crossing_.waiting <= worker_.limits().stream_bytes;
}

void Connection::on_room(std::function<void()> then) {
  const std::lock_guard lock(crossing_.mutex);
  crossed_ = true;
  crossing_.room = std::move(then);
  note();
}

void Connection::end() {
  worker_.loop().post([this] {
    QUIRE_CHECK(crossing_.begun, "an answer is begun before it is ended");
    answered_ = Answered::stream;
    handling_ = false;
    advance();
    leave();
  });
}

void Connection::abort() {
  worker_.loop().post([this] {
    channel_.reset_on_close();  // otherwise one that ends where the connection does would look whole
    answered_ = Answered::abandoned;
    handling_ = false;
    advance();
    leave();
  });
}

void Connection::cut() {
  worker_.loop().post([this] {
    QUIRE_CHECK(crossing_.begun, "an answer is begun before it is cut");
    cut_ = true;
    answered_ = Answered::stream;
    handling_ = false;
    advance();
    leave();
  });
}

Cancellation Connection::cancellation() {
  const std::lock_guard lock(crossing_.mutex);
  crossed_ = true;
  if (!crossing_.cancellable) {
    crossing_.cancellable = true;
    crossing_.cancellation = Cancellation::make();
    if (crossing_.client_finished) crossing_.cancellation.cancel();
  }
  return crossing_.cancellation;
}

// With the mutex of crossing_ held.
void Connection::note() {
  if (crossing_.noted) return;
  crossing_.noted = true;
  worker_.loop().post([this] {
    {
      const std::lock_guard lock(crossing_.mutex);
      crossing_.noted = false;
    }
    advance();
    leave();
  });
}

// Moves what the outbox holds into the output, and sends it. True once all of an answer that has ended is
// sent or in the output.
bool Connection::pump_stream() {
  for (;;) {
    std::string bytes;
    bool all_taken = false;
    {
      const std::lock_guard lock(crossing_.mutex);
      if (crossing_.begun && !streaming_ && !broken_) start_stream();
      if (output_.size() < kUnsentAnswers && streaming_) bytes.swap(crossing_.outbox);
      all_taken = crossing_.outbox.empty();
    }
    const bool took = !bytes.empty();
    if (took) move_to_output(std::move(bytes));
    if (all_taken && answered_ == Answered::stream) {
      end_stream();
      return true;
    }
    const bool sent = flush();
    after_sending();
    if (!sent || (!took && all_taken)) return false;
  }
}

// With the mutex of crossing_ held.
void Connection::start_stream() {
  streaming_ = true;
  const Response& head = crossing_.head;
  const bool none = never_has_body(head.status);
  stream_left_ = crossing_.length;
  chunked_ = !none && !crossing_.length && request_.http11;
  const bool until_closed = !none && !crossing_.length && !request_.http11;
  close_ = close_ || worker_.draining() || until_closed;
  AnswerFraming framing = plain_framing();
  if (!none) framing.length = crossing_.length;
  framing.chunked = chunked_;
  append_head(output_.back(), head, framing, worker_.date_line(), worker_.shared().options.common_fields);
  tell_complete(head.status, 0);
}

void Connection::move_to_output(std::string&& bytes) {
  if (broken_ || has_no_body(outcome_.status)) return;
  outcome_.bytes += bytes.size();
  if (stream_left_) {
    if (bytes.size() > *stream_left_) return lose();  // the client must not take the rest for the next answer
    *stream_left_ -= bytes.size();
  }
  if (!chunked_) return output_.add_body(std::move(bytes));
  append_chunk_size(output_.back(), bytes.size());
  output_.add_body(std::move(bytes));
  output_.back() += "\r\n";
}

void Connection::end_stream() {
  close_ = close_ || cut_ || !body_done_;  // its rest would be taken for the next request
  if (broken_ || has_no_body(outcome_.status)) return;
  if (stream_left_.value_or(0) > 0) return lose();
  if (chunked_ && !cut_) output_.back() += "0\r\n\r\n";
}

// Lets those go on who wait for room.
void Connection::after_sending() {
  std::function<void()> room;
  {
    const std::lock_guard lock(crossing_.mutex);
    if (!crossing_.gone) crossing_.waiting = crossing_.outbox.size() + output_.size();
    if (crossing_.waiting == 0) room = std::exchange(crossing_.room, nullptr);
  }
  crossing_.changed.notify_all();
  if (room) room();
}

// --- Those who look on

void Connection::tell_start() {
  outcome_ = {};
  watching_ = worker_.watchers();
  if (!watching_) return;
  head_time_ = worker_.shared().clock.steady();
  for (const auto& [id, observer] : *watching_) observer->on_request_start(request_.head);
}

void Connection::tell_complete(unsigned status, std::uint64_t bytes) {
  outcome_.status = status;
  outcome_.bytes = bytes;
  if (!watching_) return;
  outcome_.route = plan_.route;
  const auto passed = worker_.shared().clock.steady() - head_time_;
  outcome_.micros =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
  for (const auto& [id, observer] : *watching_) observer->on_request_complete(request_.head, outcome_);
}

void Connection::tell_end() {
  if (!watching_) return;
  outcome_.route = plan_.route;
  const auto passed = worker_.shared().clock.steady() - head_time_;
  outcome_.micros =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
  for (const auto& [id, observer] : *watching_) observer->on_request_end(request_.head, outcome_);
  watching_.reset();
}

}  // namespace quire::net
