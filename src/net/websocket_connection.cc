// Every event, wake and tick ends in advance(): it reads what may be read, then takes over what services have
// sent, and sends it. Handlers are called from there alone, so one at a time.

#include "net/websocket_connection.h"

#include <sys/epoll.h>

#include <algorithm>

#include "net/tuning.h"

namespace quire::net {

namespace {

namespace code = websocket_code;
using Outcome = Transfer::Outcome;
using Kind = WebSocketReader::Event::Kind;

WebSocketMessagePointer control_frame(Opcode opcode, std::string_view payload) {
  std::string bytes(FrameHead(opcode, payload.size()).bytes());
  bytes += payload;
  return std::make_shared<const WebSocketMessage>(std::move(bytes), 0);
}

WebSocketMessagePointer ping_frame() {
  static const WebSocketMessagePointer frame = control_frame(Opcode::ping, {});
  return frame;
}

}  // namespace

WebSocketConnection::WebSocketConnection(Worker& worker, WebSocketArrival arrival)
    : worker_(worker),
      channel_(std::move(arrival.channel)),
      peer_(std::move(arrival.peer)),
      key_(arrival.key),
      handler_(std::move(arrival.handler)),
      handle_(std::make_shared<WebSocketHandle>(worker, *this, arrival.options)),
      peer_finished_(arrival.peer_finished),
      reader_(WebSocketReader::From::client, arrival.options.message_bytes),
      since_(worker.loop().now()),
      ping_at_(since_ + worker.limits().ping_time) {
  in_.append(arrival.input);
  send_control(std::make_shared<const WebSocketMessage>(std::move(arrival.output), 0));
}

WebSocketConnection::~WebSocketConnection() {
  handle_->shut();
  worker_.shared().counts.remove(key_);
}

void WebSocketConnection::on_events(std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  // A TLS connection may have to send before it can go on to receive.
  if (channel_.secure()) readable_ = true;
  if ((events & EPOLLRDHUP) != 0) {
    peer_finished_ = true;
    // Nobody is there to read answers; what came before is read.
    handle_->cancellation().cancel();
  }
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) lose();
  advance();
  leave();
}

void WebSocketConnection::on_wake() {
  advance();
  leave();
}

void WebSocketConnection::on_drain() {
  begin_close({code::kGoingAway, "the server stops", false});
  advance();
  leave();
}

void WebSocketConnection::on_stop() {
  begin_close({code::kGoingAway, "the server stops", true});
  flush();
  close_now();
  leave();
}

// The last thing that an entry does: the connection may be gone afterwards.
void WebSocketConnection::leave() {
  if (state_ != State::closed) return;
  handle_->shut();  // nobody wakes it any more
  if (!worker_.is_to_wake(*this)) worker_.remove(*this);
}

void WebSocketConnection::advance() {
  if (state_ == State::closed) return;
  handle_->hold();
  if (!opened_) open();
  read();
  write();
}

void WebSocketConnection::open() {
  opened_ = true;
  if (state_ == State::open) handler_->on_open(handle_);
}

// --- In

bool WebSocketConnection::may_read() const {
  switch (state_) {
    case State::open: return !handle_->paused() && !handle_->wants_to_close();
    case State::closing: return true;  // the client's close frame is due, behind what may come first
    case State::ending: return finished_sending_;
    case State::closed: return false;
  }
  return false;
}

void WebSocketConnection::read() {
  bool received = false;
  while (may_read()) {
    std::span<char> input = in_.bytes();
    const bool kept = !input.empty();
    if (!kept && received) return worker_.wake(*this);  // others have their turn
    if (!kept && !receive(input)) return;
    received = received || !kept;
    const std::size_t size = input.size();
    take(input);
    if (kept) {
      in_.consume(size - input.size());
    } else {
      in_.append({input.data(), input.size()});
    }
  }
}

// Into the worker's own buffer. False where nothing came.
bool WebSocketConnection::receive(std::span<char>& input) {
  if (!readable_) return false;
  const std::span<char> room = worker_.websocket_input();
  const Transfer transfer = channel_.receive(room);
  if (transfer.outcome == Outcome::again) readable_ = false;
  if (transfer.outcome == Outcome::closed || transfer.outcome == Outcome::broken) lose();
  if (transfer.outcome != Outcome::done) return false;
  // The socket is empty, and says so when that changes; TLS may hold more.
  if (transfer.size < room.size() && !channel_.secure() && !peer_finished_) readable_ = false;
  heard_ = true;
  input = room.first(transfer.size);
  return true;
}

// Reads messages as long as they may be read.
void WebSocketConnection::take(std::span<char>& input) {
  if (state_ == State::ending) {
    lingered_ += input.size();
    input = {};
    if (lingered_ > kLingerBytes) close_now();
    return;
  }
  while (may_read() && state_ != State::ending) {
    reader_.set_message_limit(handle_->message_limit());
    const WebSocketReader::Event event = reader_.read(input);
    if (event.kind == Kind::more) return;
    take(event);
  }
}

void WebSocketConnection::take(const WebSocketReader::Event& event) {
  switch (event.kind) {
    case Kind::text:
      if (state_ == State::open) handler_->on_message(event.text);
      return;
    case Kind::ping:
      if (state_ == State::open) send_control(control_frame(Opcode::pong, event.text));
      return;
    case Kind::close: return answer_close(event.code);
    case Kind::broken: return fail(event.code, event.text);
    case Kind::pong:
    case Kind::more: return;
  }
}

// --- Out

void WebSocketConnection::write() {
  if (state_ == State::closed) return;
  if (const auto closing = take_waiting()) begin_close(*closing);
  if (flush() && state_ == State::ending) finish_sending();
}

std::optional<WebSocketHandle::Closing> WebSocketConnection::take_waiting() {
  auto closing = handle_->take(taken_);
  output_.add(taken_);
  if (taken_.capacity() > kKeptMessages) std::vector<WebSocketMessagePointer>().swap(taken_);
  return closing;
}

// True where nothing is left to be sent.
bool WebSocketConnection::flush() {
  if (state_ == State::closed) return false;
  if (output_.empty()) return true;
  const WebSocketOutput::Sent sent = output_.flush(channel_);
  bytes_sent_ += sent.bytes;
  if (sent.cost > 0) handle_->release(sent.cost);
  switch (sent.flushed) {
    case Output::Flushed::all: return true;
    case Output::Flushed::blocked: return false;
    case Output::Flushed::turn_over: worker_.wake(*this); return false;
    case Output::Flushed::broken: lose(); return false;
  }
  return false;
}

void WebSocketConnection::send_control(WebSocketMessagePointer frame) {
  handle_->count(frame->cost());
  const std::size_t replaced = output_.add_control(std::move(frame));
  if (replaced > 0) handle_->release(replaced);
}

void WebSocketConnection::drop_waiting() {
  const std::size_t cost = output_.drop();
  if (cost > 0) handle_->release(cost);
}

// --- The end

void WebSocketConnection::begin_close(const WebSocketHandle::Closing& closing) {
  if (state_ == State::closing && closing.drop) hurry_close();
  if (state_ != State::open) return;
  state_ = State::closing;
  begin_end(worker_.loop().now());
  const std::uint16_t its_code = may_be_sent(closing.code) ? closing.code : code::kInternal;
  take_waiting();
  close_frame_ = control_frame(Opcode::close, close_payload(its_code, closing.reason));
  if (closing.drop) {
    drop_waiting();
    send_control(close_frame_);
  } else {
    handle_->count(close_frame_->cost());
    output_.add(close_frame_);
  }
  end_handler(its_code);
  worker_.wake(*this);  // to read on, where that was paused
}

// The close frame no longer waits for the messages in front of it.
void WebSocketConnection::hurry_close() {
  const bool waits = close_frame_.use_count() > 1;
  drop_waiting();
  const bool dropped = waits && close_frame_.use_count() == 1;
  if (dropped) send_control(close_frame_);
}

// The client closes, or answers our close frame.
void WebSocketConnection::answer_close(std::uint16_t its_code) {
  const bool ours_is_due = state_ == State::open;
  if (ours_is_due) {
    begin_end(worker_.loop().now());
    // What was answered before is sent before.
    take_waiting();
    close_frame_ = control_frame(Opcode::close, close_payload(its_code, {}));
    handle_->count(close_frame_->cost());
    output_.add(close_frame_);
  }
  state_ = State::ending;
  end_handler(its_code);
}

// What came is not to be trusted, so nothing more is read.
void WebSocketConnection::fail(std::uint16_t its_code, std::string_view why) {
  if (state_ == State::open) {
    begin_end(worker_.loop().now());
    drop_waiting();
    send_control(control_frame(Opcode::close, close_payload(its_code, why)));
  }
  state_ = State::ending;
  end_handler(its_code);
}

void WebSocketConnection::end_handler(std::uint16_t its_code) {
  handle_->stop_taking();
  const auto handler = std::exchange(handler_, nullptr);
  if (handler && opened_) handler->on_close(its_code);
}

void WebSocketConnection::finish_sending() {
  if (finished_sending_) return;
  finished_sending_ = true;
  begin_end(worker_.loop().now());
  in_.release();
  channel_.finish_sending();
  readable_ = true;
  worker_.wake(*this);
}

// The connection is broken, or its client has gone.
void WebSocketConnection::lose() {
  if (state_ == State::closed) return;
  end_handler(code::kLost);
  close_now();
}

void WebSocketConnection::close_now() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  worker_.loop().remove(channel_.socket());
  channel_.close();
}

// --- Time

void WebSocketConnection::on_tick() {
  const SteadyTime now = worker_.loop().now();
  switch (state_) {
    case State::open:
      look_whether_alive(now);
      look_at_rate(now);
      break;
    case State::closing:
    case State::ending: look_at_end(now); break;
    case State::closed: break;
  }
  if (output_.empty()) {
    output_.release();
    std::vector<WebSocketMessagePointer>().swap(taken_);
  }
  if (in_.empty()) in_.release();
  reader_.release();
  advance();
  leave();
}

// How long the end may take is asked from here on.
void WebSocketConnection::begin_end(SteadyTime now) {
  since_ = now;
  taken_before_ = bytes_taken();
}

// A client that is behind reads what it was sent before, and then why it is closed, as long as it reads.
void WebSocketConnection::look_at_end(SteadyTime now) {
  const std::chrono::milliseconds limit = finished_sending_ ? kLinger : limits().close_time;
  if (now - since_ <= limit) return;
  const std::uint64_t least =
      limits().answer_bytes_per_second * static_cast<std::uint64_t>(limit.count()) / 1000;
  if (bytes_taken() - taken_before_ >= std::max<std::uint64_t>(least, 1)) return begin_end(now);
  // What it does not take the system would hold for minutes.
  if (!output_.empty() || channel_.unconfirmed() > 0) channel_.reset_on_close();
  close_now();
}

void WebSocketConnection::look_whether_alive(SteadyTime now) {
  if (now < ping_at_) return;
  if (!heard_ && !shows_life()) {
    channel_.reset_on_close();
    return lose();
  }
  heard_ = false;
  taken_before_ = bytes_taken();
  ping_at_ = now + limits().ping_time;
  send_control(ping_frame());
}

// Nothing came since the last ping. That may have not arrived yet, behind what is still on its way; or we do
// not read.
bool WebSocketConnection::shows_life() const {
  const bool has_it_all = output_.empty() && channel_.unconfirmed() == 0;
  if (has_it_all) return handle_->paused();
  return bytes_taken() > taken_before_;
}

// A client that does not read, or hardly. Should it read on after all, it learns why this ends.
void WebSocketConnection::look_at_rate(SteadyTime now) {
  if (state_ != State::open) return;
  const auto slow = taking_rate_.look(now, !output_.empty(), bytes_taken(), limits());
  if (!slow) return;
  worker_.shared().log.info("closed a WebSocket whose client reads too slowly",
                            {{"peer", peer_},
                             {"taken", slow->bytes},
                             {"milliseconds", slow->time.count()},
                             {"least_a_second", limits().answer_bytes_per_second}});
  begin_close({code::kTooSlow, "the client reads too slowly", true});
}

// As the other side's system has confirmed it.
std::uint64_t WebSocketConnection::bytes_taken() const {
  return bytes_sent_ - std::min<std::uint64_t>(bytes_sent_, channel_.unconfirmed());
}

}  // namespace quire::net
