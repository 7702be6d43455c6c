#pragma once

#include <string>
#include <string_view>

#include "net/websocket_frame.h"

namespace quire::net {

// Frames as a client sends them, masked with a key of its own.
inline std::string client_frame(Opcode opcode, std::string_view payload, bool final = true) {
  const MaskingKey key = {'k', '\x80', '\xFF', '!'};
  std::string frame(FrameHead(opcode, payload.size(), final, &key).bytes());
  const std::size_t begin = frame.size();
  frame += payload;
  mask(std::span(frame).subspan(begin), key, 0);
  return frame;
}

inline std::string server_frame(Opcode opcode, std::string_view payload) {
  return std::string(FrameHead(opcode, payload.size()).bytes()).append(payload);
}

}  // namespace quire::net
