#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/utf8.h"
#include "net/websocket_frame.h"

namespace quire::net {

// Whether a close frame may say this code.
bool may_be_sent(std::uint16_t code);

// The payload of a close frame: the code, and as much of the reason as fits without cutting a character.
// kNone: empty.
std::string close_payload(std::uint16_t code, std::string_view reason);

// Puts messages together out of bytes that arrive bit by bit. Pure. What it holds of a message is what has
// come of it; one that came in one piece is shown where it stands.
class WebSocketReader {
 public:
  using From = FrameReader::From;
  // `message_bytes`: the limit of a message.
  WebSocketReader(From from, std::size_t message_bytes) : frames_(from), limit_(message_bytes) {}

  struct Event {
    enum class Kind : std::uint8_t {
      more,    // all was used, and more is needed
      text,    // a whole message
      ping,    // `text` is its payload
      pong,    // `text` is its payload
      close,   // `code`, or kNone; `text` is the reason. The last
      broken,  // `code` is what to close with, `text` says why. The last
    };
    Kind kind = Kind::more;
    std::string_view text;  // good until the next call, or the input changes
    std::uint16_t code = 0;
  };
  // Uses up the front of `input`, which is unmasked where it stands.
  Event read(std::span<char>& input);

  // For messages that begin from now on.
  void set_message_limit(std::size_t bytes) { limit_ = bytes; }
  // Gives memory back that nothing is in.
  void release();

 private:
  Event begin_frame();
  Event take_data(std::string_view data);
  void keep_view();
  Event end_frame();
  Event end_message();
  Event take_close();
  Event broken(std::uint16_t code, std::string_view why);
  bool is_control_frame() const { return is_control(frames_.opcode()); }

  FrameReader frames_;
  Utf8Checker utf8_;
  std::size_t limit_;
  std::size_t message_limit_ = 0;  // of the message that is under way
  bool in_message_ = false;
  bool ended_ = false;
  bool shown_ = false;     // message_ was shown, and goes with the next call
  std::string message_;    // what has come of it, where it is in several pieces
  std::string_view view_;  // of the input, where it came in one
  std::string control_;    // the payload of a control frame
  Event last_;
};

}  // namespace quire::net
