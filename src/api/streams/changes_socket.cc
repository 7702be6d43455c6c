#include "api/streams/changes_socket.h"

#include <utility>

#include "engine/position.h"

namespace quire::api::streams {

namespace {

// A thread that gives one event to many sockets makes its message once.
net::WebSocketMessagePointer message_of(const engine::ChangeEventPointer& event) {
  struct Last {
    engine::ChangeEventPointer event;
    net::WebSocketMessagePointer message;
  };
  thread_local Last last;
  if (last.event != event) last = {event, net::WebSocketMessage::make("{\"doc\":" + event->json + "}")};
  return last.message;
}

}  // namespace

Status ChangesSocket::handle(Message& message) {
  if (message.find("action") != nullptr) {
    return Error(ErrorCode::invalid, "the only action here is auth; a watch has none").at("action");
  }
  {
    const std::lock_guard lock(stream_mutex_);
    if (std::exchange(begun_, true)) {
      return Error(ErrorCode::invalid, "this connection watches already; open another one");
    }
  }
  const Status begun = begin(message);
  if (begun) return begun;
  if (begun.error().code() == ErrorCode::history_lost) {
    answer_error(message.request_id(), begun.error());
    socket().close(close_code::kHistoryLost, "history_lost");
    return ok();
  }
  const std::lock_guard lock(stream_mutex_);
  begun_ = false;  // it may say it better
  return begun;
}

Status ChangesSocket::begin(const Message& message) {
  QUIRE_TRY(engine::WatchOptions options, watch_options(message));
  const Asker now = asker();
  auto self = std::static_pointer_cast<ChangesSocket>(shared_from_this());
  const std::string place = options.since ? "resumeAfter" : "startAtOperationTime";
  auto watched =
      parts().change_streams.watch(now.caller, now.database.address(), std::move(options), std::move(self));
  if (!watched && watched.error().field() == "since") return std::move(watched).error().at(place);
  QUIRE_TRY(auto stream, std::move(watched));
  {
    const std::lock_guard lock(stream_mutex_);
    if (closed_) return ok();
    stream_ = stream;
  }
  answer(message.request_id(), R"("started":true)");
  stream->start();
  return ok();
}

void ChangesSocket::on_close(std::uint16_t code) {
  std::shared_ptr<engine::ChangeStream> stream;
  {
    const std::lock_guard lock(stream_mutex_);
    closed_ = true;
    stream.swap(stream_);
  }
  if (stream) stream->stop();
  Socket::on_close(code);
}

void ChangesSocket::tick(SteadyTime now) {
  Socket::tick(now);
  std::shared_ptr<engine::ChangeStream> stream;
  {
    const std::lock_guard lock(stream_mutex_);
    stream = stream_;
  }
  if (stream) stream->check(now);
}

bool ChangesSocket::take(const engine::ChangeEventPointer& event) {
  return socket().send(message_of(event)) != net::WebSocket::Sent::full;
}

void ChangesSocket::on_room(std::function<void()> then) { socket().on_room(std::move(then)); }

// What led here is said in a message where one can still be sent, and in the code.
void ChangesSocket::ended(const Error& error, const engine::Position& position) {
  const std::string place = engine::to_string(position);
  switch (error.code()) {
    case ErrorCode::exhausted:
      // Behind what waits: the place is that of the last event of it.
      return socket().close(close_code::kTooSlow, "lagging; resume after " + place);
    case ErrorCode::history_lost:
      answer_error({}, Error(error).at({}));
      return socket().close(close_code::kHistoryLost, "history_lost");
    case ErrorCode::unavailable: return socket().close(net::websocket_code::kGoingAway, error.message());
    case ErrorCode::unauthenticated:
    case ErrorCode::forbidden:
    case ErrorCode::not_found:
    case ErrorCode::locked:
      answer_error({}, error);
      return socket().close(close_code::kNotAllowed, name(error.code()));
    default:
      answer_error({}, error);
      return socket().close(net::websocket_code::kInternal, name(error.code()));
  }
}

}  // namespace quire::api::streams
