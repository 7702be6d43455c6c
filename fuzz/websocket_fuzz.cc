// Frames of a client, as bytes, through the reader of messages: at once, and cut into pieces as the first
// byte of the input says, each of which is overwritten once it is read. Both must see the same messages, and
// refuse at the same one. What is taken must be what the standard allows, and come out of a second reader
// again when it is sent on.

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "input.h"
#include "net/websocket.h"
#include "net/websocket_reader.h"

namespace {

using namespace quire;
using namespace quire::net;

using Event = WebSocketReader::Event;
using Kind = Event::Kind;

constexpr std::size_t kLimit = 300;

struct Seen {
  Kind kind = Kind::more;
  std::string text;
  std::uint16_t code = 0;

  friend bool operator==(const Seen&, const Seen&) = default;
};

bool is_last(Kind kind) { return kind == Kind::close || kind == Kind::broken; }

std::vector<Seen> read(WebSocketReader::From from, std::string_view bytes, std::size_t step) {
  WebSocketReader reader(from, kLimit);
  std::vector<Seen> seen;
  while (!bytes.empty()) {
    std::string piece(bytes.substr(0, step));
    bytes.remove_prefix(piece.size());
    std::span<char> input = piece;
    for (;;) {
      const Event event = reader.read(input);
      if (event.kind == Kind::more) break;
      seen.push_back({event.kind, std::string(event.text), event.code});
      if (is_last(event.kind)) return seen;
    }
    QUIRE_CHECK(input.empty(), "what needs more has used all");
    std::fill(piece.begin(), piece.end(), '#');
    reader.release();
  }
  return seen;
}

// A text is UTF-8 where each of its characters is written as short as can be, and is one.
bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto first = static_cast<std::uint8_t>(text[i]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (size == 0 || first > 0xF7 || i + size > text.size()) return false;
    std::uint32_t point = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t k = 1; k < size; ++k) {
      const auto next = static_cast<std::uint8_t>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      point = point << 6 | (next & 0x3FU);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[size] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += size;
  }
  return true;
}

void check(const Seen& seen) {
  if (seen.kind == Kind::text) QUIRE_CHECK(seen.text.size() <= kLimit, "a message keeps to its limit");
  if (seen.kind == Kind::ping || seen.kind == Kind::pong || seen.kind == Kind::close)
    QUIRE_CHECK(seen.text.size() <= kMostControlBytes, "a control frame keeps to its limit");
  if (seen.kind == Kind::text || seen.kind == Kind::close)
    QUIRE_CHECK(is_utf8(seen.text), "what is said is UTF-8");
  if (is_last(seen.kind))
    QUIRE_CHECK(seen.code == websocket_code::kNone || may_be_sent(seen.code), "a code may be sent");
}

// As a server would send it on.
std::string frame(const Seen& seen) {
  const bool close = seen.kind == Kind::close;
  const Opcode opcode = close                     ? Opcode::close
                        : seen.kind == Kind::ping ? Opcode::ping
                        : seen.kind == Kind::pong ? Opcode::pong
                                                  : Opcode::text;
  const std::string payload = close ? close_payload(seen.code, seen.text) : seen.text;
  return std::string(FrameHead(opcode, payload.size()).bytes()) + payload;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t step = input.byte() % 16U + 1U;
  const std::string_view bytes = input.rest();
  // A server's frames too: without masks a fuzzer finds texts sooner.
  for (const auto from : {WebSocketReader::From::client, WebSocketReader::From::server}) {
    const std::vector<Seen> whole = read(from, bytes, bytes.size() + 1);
    QUIRE_CHECK(whole == read(from, bytes, step), "it does not matter how frames arrive");
    std::string again;
    std::vector<Seen> expected;
    for (const Seen& seen : whole) {
      check(seen);
      if (seen.kind == Kind::broken) break;
      again += frame(seen);
      expected.push_back(seen);
    }
    QUIRE_CHECK(read(WebSocketReader::From::server, again, step) == expected, "what is sent on is the same");
  }
  return 0;
}
