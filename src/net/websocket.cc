#include "net/websocket.h"

#include "net/message.h"
#include "net/websocket_frame.h"
#include "net/websocket_handshake.h"

namespace quire::net {

WebSocketMessagePointer WebSocketMessage::make(std::string text) {
  const FrameHead head(Opcode::text, text.size());
  text.insert(0, head.bytes());
  return std::make_shared<const WebSocketMessage>(std::move(text), head.bytes().size());
}

bool WebSocket::send_or_give_up(WebSocketMessagePointer message) {
  const Sent sent = send(std::move(message));
  if (sent == Sent::full) give_up(websocket_code::kTooSlow, "the client reads too slowly");
  return sent == Sent::taken;
}

}  // namespace quire::net
