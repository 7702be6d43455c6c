// A connection is a loop of steps: each does what can be done now, and answers whether the next may follow or
// an event must come first. Every event, posted task and tick ends in advance(), so that there is one place
// that moves on.

#include "net/connection.h"

#include <sys/epoll.h>

#include "base/check.h"
#include "net/tuning.h"

namespace quire::net {

using Outcome = Transfer::Outcome;

Connection::Connection(Worker& worker, Arrival& arrival)
    : worker_(worker),
      channel_(arrival.socket, std::move(arrival.tls)),
      peer_(std::move(arrival.peer)),
      key_(arrival.key),
      listener_(arrival.listener),
      finder_(worker.limits()),
      since_(worker.loop().now()) {}

Connection::~Connection() {
  if (counted_) worker_.shared().counts.remove(key_);
}

void Connection::on_events(std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  // A TLS connection may have to send before it can go on to receive.
  if (channel_.secure()) readable_ = true;
  if ((events & EPOLLRDHUP) != 0) peer_finished_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) lose();
  advance();
  leave();
}

void Connection::on_drain() {
  // What is already here is still answered.
  readable_ = true;
  advance();
  leave();
}

void Connection::on_stop() {
  lose();
  advance();
  leave();
}

// The last thing that an entry does: the connection may be gone afterwards.
void Connection::leave() {
  if (state_ != State::closed || handling_ || yielded_) return;
  {
    const std::lock_guard lock(crossing_.mutex);
    if (crossing_.noted) return;
  }
  worker_.remove(*this);
}

void Connection::yield() {
  if (yielded_) return;
  yielded_ = true;
  worker_.loop().post([this] {
    yielded_ = false;
    advance();
    leave();
  });
}

void Connection::advance() {
  if (advancing_) return;  // a service has answered from within a call of ours
  advancing_ = true;
  unsigned steps = 0;
  while (step()) {
    if (++steps < kRequestsInARow * 2) continue;
    yield();
    break;
  }
  advancing_ = false;
}

bool Connection::step() {
  switch (state_) {
    case State::head: return step_head();
    case State::body: return step_body();
    case State::serving: return step_serving();
    case State::closing: return step_closing();
    case State::closed: return false;
  }
  return false;
}

bool Connection::step_head() {
  if (broken_) {
    close_now();
    return false;
  }
  // Whoever sends requests and reads no answers waits.
  if (output_.size() > kUnsentAnswers && !flush()) return broken_;
  std::string_view bytes = in_.view();
  if (bytes.starts_with("\r\n")) {  // some clients end a body so; RFC 9112 lets one empty line pass
    if (!skipped_line_) {
      skipped_line_ = true;
      in_.consume(2);
      return true;
    }
  }
  std::optional<Refusal> refusal;
  const bool undecided = bytes.empty() || bytes == "\r";
  const std::size_t head_bytes = undecided ? 0 : finder_.find(bytes, refusal);
  if (refusal) {
    refuse(*refusal);
    return true;
  }
  if (head_bytes > 0) {
    start_request(head_bytes);
    return true;
  }
  if (!flush()) return broken_;
  const bool first_bytes = in_.empty();
  const Transfer transfer = receive(in_.room(kFirstRead, worker_.limits().head_bytes + kFirstRead));
  if (transfer.outcome == Outcome::done) {
    if (first_bytes) since_ = worker_.loop().now();
    in_.add(transfer.size);
    return true;
  }
  const bool over = transfer.outcome != Outcome::again || (worker_.draining() && first_bytes);
  if (!over) return false;
  close_now();
  return false;
}

Transfer Connection::receive(std::span<char> into) {
  if (!readable_) return {};
  const Transfer transfer = channel_.receive(into);
  if (transfer.outcome == Outcome::again) readable_ = false;
  // The socket is empty, and says so when that changes; TLS may hold more.
  const bool emptied = transfer.outcome == Outcome::done && transfer.size < into.size();
  if (emptied && !channel_.secure() && !peer_finished_) readable_ = false;
  return transfer;
}

void Connection::start_request(std::size_t head_bytes) {
  used_ = head_bytes;
  plan_ = {};
  const std::optional<Refusal> refusal =
      parse_request_head(in_.view().substr(0, head_bytes), worker_.limits(), request_);
  if (refusal) return refuse(*refusal);
  fresh_ = false;
  RequestHead& head = request_.head;
  head.peer = peer_;
  head.listener = listener_;
  head.secure = channel_.secure();
  head.id = worker_.new_request_id();
  close_ = !request_.keep_alive;
  body_done_ = !head.has_body;
  has_head_ = true;
  tell_start();

  const std::optional<std::string_view> host = host_name(request_.host);
  if (!host) return refuse({400, Error(ErrorCode::invalid, "the host of the request is malformed")});
  if (!worker_.shared().hosts.has(*host)) {
    return refuse({421, Error(ErrorCode::invalid, "this server does not answer for that host")});
  }
  plan_ = worker_.shared().service.plan(head);
  if (head.content_length.value_or(0) > plan_.body_limit) return refuse(body_too_large());
  if (!head.has_body) return handle();

  body_reader_ = request_.chunked ? BodyReader::of_chunks() : BodyReader::of_length(*head.content_length);
  body_allowed_ = !request_.expects_continue;
  rate_since_ = worker_.loop().now();
  if (plan_.body == Plan::Body::streamed) return handle();
  state_ = State::body;
}

Refusal Connection::body_too_large() const {
  const std::uint64_t limit = plan_.body_limit;
  return {
      413,
      Error(ErrorCode::too_large, "the body is longer than " + std::to_string(limit) + " bytes").over(limit)};
}

void Connection::refuse(const Refusal& refusal) {
  if (!refusal.answered && fresh_) return close_now();
  close_ = true;
  body_done_ = false;
  answer(
      worker_.shared().service.refuse(has_head_ ? &request_.head : nullptr, refusal.status, refusal.error));
  state_ = State::serving;
}

// The answer is on its way (or dropped), and nobody outside holds the exchange.
void Connection::finish_request() {
  tell_end();
  in_.consume(used_);
  if (!more_.empty()) {
    in_.append(more_.view());
    more_.consume(more_.view().size());
  }
  used_ = 0;
  request_.clear();
  has_head_ = false;
  finder_.reset();
  skipped_line_ = false;
  answered_ = Answered::no;
  if (body_.capacity() > kBodyRead) std::string().swap(body_);
  body_.clear();
  body_view_ = {};
  body_bytes_ = rate_bytes_ = 0;
  body_paused_ = body_failed_ = false;
  body_allowed_ = true;
  streaming_ = false;
  if (crossed_) crossing_.reset();
  crossed_ = false;
  since_ = worker_.loop().now();
  state_ = close_ || worker_.draining() ? State::closing : State::head;
}

bool Connection::step_closing() {
  if (broken_) {
    close_now();
    return false;
  }
  if (!flush()) return broken_;
  if (!finished_sending_) {
    finished_sending_ = true;
    channel_.finish_sending();
    since_ = worker_.loop().now();
    in_.release();
  }
  const Transfer transfer = receive(in_.room(kFirstRead, kFirstRead));
  if (transfer.outcome == Outcome::again) return false;
  lingered_ += transfer.size;
  if (transfer.outcome == Outcome::done && lingered_ < kLingerBytes) return true;
  close_now();
  return false;
}

// Sends what is waiting. False where some of it has to wait, or the connection is lost.
bool Connection::flush() {
  if (broken_) return false;
  if (output_.empty()) return true;
  std::size_t sent = 0;
  const Output::Flushed flushed = output_.flush(channel_, sent);
  bytes_sent_ += sent;
  switch (flushed) {
    case Output::Flushed::all: return true;
    case Output::Flushed::blocked: return false;
    case Output::Flushed::turn_over: yield(); return false;
    case Output::Flushed::broken: lose(); return false;
  }
  return false;
}

void Connection::lose() {
  if (broken_) return;
  broken_ = true;
  output_.clear();
  vanish();
}

void Connection::vanish() {
  if (!handling_) return;
  std::unique_lock lock(crossing_.mutex);
  crossing_.cancellation.cancel();
  crossing_.client_finished = true;
  if (!broken_) return;
  crossing_.gone = true;
  crossing_.outbox.clear();
  crossing_.waiting = 0;
  const auto room = std::exchange(crossing_.room, nullptr);
  tell_reader(lock);
  if (room) room();
}

void Connection::close_now() {
  QUIRE_CHECK(!handling_, "a connection is closed behind its exchange");
  if (state_ == State::closed) return;
  if (has_head_) tell_end();
  state_ = State::closed;
  worker_.loop().remove(channel_.socket());
  channel_.close();
  output_.release();
  in_.release();
  more_.release();
}

// --- Time

void Connection::on_tick() {
  const SteadyTime now = worker_.loop().now();
  switch (state_) {
    case State::head: check_head_time(now); break;
    case State::body:
    case State::serving: check_body_rate(now); break;
    case State::closing:
      if (finished_sending_ && now - since_ > kLinger) close_now();
      break;
    case State::closed: break;
  }
  check_answer_rate(now);
  advance();
  leave();
}

// A client that does not read its answers, or hardly.
void Connection::check_answer_rate(SteadyTime now) {
  const auto slow = taking_rate_.look(now, !output_.empty() && !broken_, bytes_taken(), worker_.limits());
  if (!slow) return;
  worker_.shared().log.info("closed a connection whose client reads too slowly",
                            {{"peer", peer_},
                             {"taken", slow->bytes},
                             {"milliseconds", slow->time.count()},
                             {"least_a_second", worker_.limits().answer_bytes_per_second}});
  channel_.reset_on_close();  // the system would go on for minutes
  lose();
}

// What the system has taken to send says little: its buffers hold megabytes, and it reports room only once
// much of them is free.
std::uint64_t Connection::bytes_taken() const {
  return bytes_sent_ - std::min<std::uint64_t>(bytes_sent_, channel_.unconfirmed());
}

void Connection::check_head_time(SteadyTime now) {
  const Limits& limits = worker_.limits();
  if (!in_.empty()) {
    if (now - since_ <= limits.head_time) return;
    refuse({408, Error(ErrorCode::deadline, "the head of the request took longer than " +
                                                std::to_string(limits.head_time.count()) + " ms")
                     .over(static_cast<std::uint64_t>(limits.head_time.count()))});
    return;
  }
  if (!output_.empty()) return;
  if (now - since_ > (fresh_ ? limits.head_time : limits.idle_time)) return close_now();
  if (now - since_ >= kReleaseAfter) release_buffers();
}

void Connection::release_buffers() {
  in_.release();
  more_.release();
  output_.release();
  std::string().swap(body_);
  std::vector<Field>().swap(request_.fields);
}

void Connection::check_body_rate(SteadyTime now) {
  const Limits& limits = worker_.limits();
  if (body_done_ || body_paused_ || !body_allowed_ || answered_ != Answered::no) {
    rate_since_ = now;
    rate_bytes_ = body_bytes_;
    return;
  }
  const auto window = std::min<std::chrono::milliseconds>(kRateWindow, limits.idle_time);
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - rate_since_);
  if (passed < window) return;
  const std::uint64_t least =
      limits.body_bytes_per_second * static_cast<std::uint64_t>(passed.count()) / 1000;
  const bool slow = body_bytes_ - rate_bytes_ < least;
  rate_since_ = now;
  rate_bytes_ = body_bytes_;
  if (!slow) return;
  Error error =
      Error(ErrorCode::deadline, "the body arrived slower than " +
                                     std::to_string(limits.body_bytes_per_second) + " bytes a second")
          .over(limits.body_bytes_per_second);
  if (state_ == State::body) return refuse({408, std::move(error)});
  end_body(std::move(error));
}

}  // namespace quire::net
