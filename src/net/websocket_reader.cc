#include "net/websocket_reader.h"

#include <algorithm>

#include "net/tuning.h"
#include "net/websocket.h"

namespace quire::net {

namespace {

namespace code = websocket_code;
using Kind = WebSocketReader::Event::Kind;

constexpr std::size_t kCodeBytes = 2;

}  // namespace

bool may_be_sent(std::uint16_t close_code) {
  const bool registered =
      (close_code >= 1000 && close_code <= 1003) || (close_code >= 1007 && close_code <= 1014);
  return registered || (close_code >= 3000 && close_code <= 4999);
}

std::string close_payload(std::uint16_t close_code, std::string_view reason) {
  if (close_code == code::kNone) return {};
  std::size_t size = std::min(reason.size(), kMostControlBytes - kCodeBytes);
  const auto within_character = [&] {
    return size < reason.size() && (static_cast<std::uint8_t>(reason[size]) & 0xC0U) == 0x80U;
  };
  while (size > 0 && within_character()) --size;
  std::string payload;
  payload += static_cast<char>(close_code >> 8);
  payload += static_cast<char>(close_code & 0xFF);
  payload += reason.substr(0, size);
  return payload;
}

WebSocketReader::Event WebSocketReader::read(std::span<char>& input) {
  if (ended_) {
    input = {};
    return last_;
  }
  if (shown_) {
    shown_ = false;
    if (message_.capacity() > kBodyRead) std::string().swap(message_);
    message_.clear();
  }
  for (;;) {
    std::span<char> data;
    Event event;
    switch (frames_.take(input, data)) {
      case FrameReader::Step::more: keep_view(); return {};
      case FrameReader::Step::head: event = begin_frame(); break;
      case FrameReader::Step::data: event = take_data({data.data(), data.size()}); break;
      case FrameReader::Step::end: event = end_frame(); break;
      case FrameReader::Step::broken: event = broken(code::kProtocol, frames_.problem()); break;
    }
    if (event.kind == Kind::more) continue;
    keep_view();  // a control frame between fragments
    return event;
  }
}

WebSocketReader::Event WebSocketReader::begin_frame() {
  if (is_control_frame()) {
    control_.clear();
    return {};
  }
  const bool continues = frames_.opcode() == Opcode::continuation;
  if (continues && !in_message_) return broken(code::kProtocol, "a fragment without a beginning");
  if (!continues && in_message_) return broken(code::kProtocol, "a message begins within another");
  if (frames_.opcode() == Opcode::binary) return broken(code::kUnsupported, "messages are text");
  if (!continues) {
    in_message_ = true;
    message_limit_ = limit_;
    utf8_.reset();
  }
  const std::size_t held = message_.size() + view_.size();
  if (held > message_limit_ || frames_.length() > message_limit_ - held) {
    return broken(code::kTooLarge, "the message is larger than " + std::to_string(message_limit_) + " bytes");
  }
  return {};
}

// What was in one piece so far goes with the input.
void WebSocketReader::keep_view() {
  message_ += view_;
  view_ = {};
}

WebSocketReader::Event WebSocketReader::take_data(std::string_view data) {
  if (is_control_frame()) {
    control_ += data;
    return {};
  }
  if (!utf8_.take(data)) return broken(code::kNotUtf8, "the message is not UTF-8");
  if (message_.empty() && view_.empty()) {
    view_ = data;
    return {};
  }
  keep_view();
  message_ += data;
  return {};
}

WebSocketReader::Event WebSocketReader::end_frame() {
  switch (frames_.opcode()) {
    case Opcode::ping: return {Kind::ping, control_, 0};
    case Opcode::pong: return {Kind::pong, control_, 0};
    case Opcode::close: return take_close();
    default: return frames_.final() ? end_message() : Event{};
  }
}

WebSocketReader::Event WebSocketReader::end_message() {
  if (!utf8_.whole()) return broken(code::kNotUtf8, "the message is not UTF-8");
  in_message_ = false;
  shown_ = true;
  const std::string_view text = message_.empty() ? view_ : std::string_view(message_);
  view_ = {};
  return {Kind::text, text, 0};
}

WebSocketReader::Event WebSocketReader::take_close() {
  Event event{Kind::close, {}, code::kNone};
  if (control_.size() == 1) return broken(code::kProtocol, "half a close code");
  if (control_.size() >= kCodeBytes) {
    const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(control_[i]); };
    event.code = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
    event.text = std::string_view(control_).substr(kCodeBytes);
    if (!may_be_sent(event.code)) return broken(code::kProtocol, "a close code that may not be sent");
    Utf8Checker reason;
    if (!reason.take(event.text) || !reason.whole()) {
      return broken(code::kNotUtf8, "the reason of the close is not UTF-8");
    }
  }
  ended_ = true;
  last_ = event;
  return event;
}

WebSocketReader::Event WebSocketReader::broken(std::uint16_t close_code, std::string_view why) {
  control_ = why;
  ended_ = true;
  last_ = {Kind::broken, control_, close_code};
  return last_;
}

void WebSocketReader::release() {
  if (shown_) {
    shown_ = false;
    message_.clear();
  }
  if (message_.empty()) std::string().swap(message_);
  const bool in_control_frame = is_control_frame() && frames_.left() > 0;
  if (!ended_ && !in_control_frame) std::string().swap(control_);
}

}  // namespace quire::net
