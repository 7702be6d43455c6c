// How a connection turns into a WebSocket: the request is answered as any other, then a WebSocketConnection
// takes over the socket and what was already received, and this one ends.

#include "base/check.h"
#include "net/answer.h"
#include "net/connection.h"
#include "net/websocket_connection.h"
#include "net/websocket_handshake.h"

namespace quire::net {

void Connection::accept(std::shared_ptr<WebSocketHandler> handler, WebSocketOptions options) {
  acceptance_ = std::make_unique<Acceptance>(Acceptance{std::move(handler), options});
  if (!worker_.loop().is_current()) {
    worker_.loop().post([this] {
      answer_upgrade();
      handling_ = false;
      advance();
      leave();
    });
    return;
  }
  answer_upgrade();
  handling_ = false;
  if (!advancing_) yield();
}

void Connection::answer_upgrade() {
  answered_ = Answered::whole;
  if (broken_) return acceptance_.reset();
  if (const std::optional<UpgradeProblem> problem = upgrade_problem()) {
    acceptance_.reset();
    Response response = worker_.shared().service.refuse(&request_.head, problem->status, problem->error);
    if (problem->status == 426) {
      response.add_field("Upgrade", "websocket");
      response.add_field("Sec-WebSocket-Version", kWebSocketVersion);
    }
    return answer(std::move(response));
  }
  Response response;
  response.status = 101;
  response.add_field("Connection", "Upgrade");
  response.add_field("Upgrade", "websocket");
  response.add_field("Sec-WebSocket-Accept", websocket_accept(request_.head.field("Sec-WebSocket-Key")));
  append_head(output_.back(), response, {}, worker_.date_line(), worker_.shared().options.common_fields);
  tell_complete(response.status, 0);
  answered_ = Answered::accepted;
}

std::optional<UpgradeProblem> Connection::upgrade_problem() const {
  if (worker_.draining()) return UpgradeProblem{503, Error(ErrorCode::unavailable, "the server stops")};
  if (!request_.http11) {
    return UpgradeProblem{426, Error(ErrorCode::invalid, "HTTP/1.0 has no WebSocket")};
  }
  return check_upgrade(request_.head);
}

void Connection::become_websocket() {
  QUIRE_CHECK(!handling_, "an exchange is over when its connection is something else");
  tell_end();
  WebSocketArrival arrival;
  arrival.output = output_.take();
  arrival.input = in_.view().substr(used_);
  arrival.channel = std::move(channel_);
  arrival.peer = peer_;
  arrival.key = key_;
  arrival.peer_finished = peer_finished_;
  arrival.handler = std::move(acceptance_->handler);
  arrival.options = acceptance_->options;
  counted_ = false;
  state_ = State::closed;
  worker_.take_over(std::make_unique<WebSocketConnection>(worker_, std::move(arrival)));
}

}  // namespace quire::net
