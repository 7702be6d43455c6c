#include "net/websocket_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "net/testing/frames.h"
#include "net/websocket.h"

namespace quire::net {
namespace {

using Kind = WebSocketReader::Event::Kind;
using From = WebSocketReader::From;
using std::string_literals::operator""s;

constexpr std::size_t kLimit = 1000;

std::string shown(const WebSocketReader::Event& event) {
  const std::string text(event.text);
  switch (event.kind) {
    case Kind::text: return "text(" + text + ")";
    case Kind::ping: return "ping(" + text + ")";
    case Kind::pong: return "pong(" + text + ")";
    case Kind::close: return "close " + std::to_string(event.code) + "(" + text + ")";
    case Kind::broken: return "broken " + std::to_string(event.code);
    case Kind::more: break;
  }
  return "";
}

// What comes of bytes that arrive in pieces of `size`. Each piece is gone once it is read, as in a buffer
// that is used again.
std::string read(const std::string& bytes, std::size_t size, From from = From::client) {
  WebSocketReader reader(from, kLimit);
  std::string seen;
  for (std::size_t i = 0; i < bytes.size(); i += size) {
    std::string piece = bytes.substr(i, size);
    std::span<char> input = piece;
    for (;;) {
      const WebSocketReader::Event event = reader.read(input);
      if (event.kind == Kind::more) break;
      seen += shown(event) + " ";
      if (event.kind == Kind::close || event.kind == Kind::broken) return seen;
      if (!input.empty()) continue;
      std::fill(piece.begin(), piece.end(), '#');
      reader.release();
    }
    std::fill(piece.begin(), piece.end(), '#');
    reader.release();
  }
  return seen;
}

std::string text(std::string_view payload, bool final = true) {
  return client_frame(Opcode::text, payload, final);
}
std::string more(std::string_view payload, bool final = true) {
  return client_frame(Opcode::continuation, payload, final);
}
std::string ping(std::string_view payload) { return client_frame(Opcode::ping, payload); }
std::string pong(std::string_view payload) { return client_frame(Opcode::pong, payload); }
std::string close(std::string_view payload) { return client_frame(Opcode::close, payload); }
std::string close(unsigned code, std::string_view reason = "") {
  return close(std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)}.append(reason));
}

struct Case {
  const char* name;
  std::string bytes;
  std::string seen;
};

void run(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    for (const std::size_t size : {one.bytes.size(), std::size_t{1}, std::size_t{2}, std::size_t{3},
                                   std::size_t{5}, std::size_t{64}}) {
      EXPECT_EQ(read(one.bytes, size), one.seen) << one.name << ", in pieces of " << size;
    }
  }
}

TEST(WebSocketReader, Messages) {
  const std::string long_text(kLimit, 'x');
  run({
      {"an empty one", text(""), "text() "},
      {"two", text("a") + text("b"), "text(a) text(b) "},
      {"of 125 bytes", text(long_text.substr(0, 125)), "text(" + long_text.substr(0, 125) + ") "},
      {"of 126 bytes", text(long_text.substr(0, 126)), "text(" + long_text.substr(0, 126) + ") "},
      {"of the limit", text(long_text), "text(" + long_text + ") "},
      {"over the limit", text(long_text + "x"), "broken 1009 "},
      {"fragments", text("a", false) + more("b", false) + more("c"), "text(abc) "},
      {"empty fragments", text("", false) + more("", false) + more(""), "text() "},
      {"an empty one in front", text("", false) + more("a", false) + more(""), "text(a) "},
      {"of the limit, in fragments", text(long_text.substr(1), false) + more("x"),
       "text(" + long_text + ") "},
      {"over the limit, in fragments", text(long_text, false) + more("", false) + more("x"), "broken 1009 "},
      {"a whole one behind fragments", text("a", false) + more("b") + text("c"), "text(ab) text(c) "},
      {"binary", client_frame(Opcode::binary, "a"), "broken 1003 "},
      {"a fragment without a beginning", more("a"), "broken 1002 "},
      {"one that is not final", more("a", false), "broken 1002 "},
      {"a fragment behind a whole message", text("a") + more("b"), "text(a) broken 1002 "},
      {"a message within another", text("a", false) + text("b"), "broken 1002 "},
      {"a reserved opcode between fragments", text("a", false) + client_frame(Opcode(3), ""), "broken 1002 "},
      {"nothing behind what is broken", more("a") + text("b"), "broken 1002 "},
      {"unmasked", server_frame(Opcode::text, "a"), "broken 1002 "},
  });
}

TEST(WebSocketReader, ControlFramesBetweenFragments) {
  const std::string most(125, 'p');
  run({
      {"a ping", ping(""), "ping() "},
      {"of 125 bytes", ping(most), "ping(" + most + ") "},
      {"a pong", pong("x"), "pong(x) "},
      {"between fragments", text("a", false) + ping("1") + more("b", false) + pong("2") + more("c"),
       "ping(1) pong(2) text(abc) "},
      {"many", text("a", false) + ping("1") + ping("2") + ping("3") + more("b"),
       "ping(1) ping(2) ping(3) text(ab) "},
      {"behind an empty fragment", text("", false) + ping("1") + more("b"), "ping(1) text(b) "},
      {"a close", text("a", false) + close(1000), "close 1000() "},
      {"between whole ones", text("a") + ping("1") + text("b"), "text(a) ping(1) text(b) "},
      {"of 126 bytes", ping(most + "p"), "broken 1002 "},
      {"in fragments", client_frame(Opcode::ping, "a", false), "broken 1002 "},
      {"a close in fragments", client_frame(Opcode::close, "", false), "broken 1002 "},
  });
}

TEST(WebSocketReader, Text) {
  const std::string kosme = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
  run({
      {"Greek", text(kosme), "text(" + kosme + ") "},
      {"a character over two fragments", text("\xF0\x9F", false) + more("\x98\x80"),
       "text(\xF0\x9F\x98\x80) "},
      {"one over four, with a ping",
       text("\xF0", false) + more("\x9F", false) + ping("") + more("\x98", false) + more("\x80"),
       "ping() text(\xF0\x9F\x98\x80) "},
      {"cut off", text("a\xF0\x9F\x98"), "broken 1007 "},
      {"cut off by the next message", text("\xCE", false) + more(""), "broken 1007 "},
      {"a surrogate", text("\xED\xA0\x80"), "broken 1007 "},
      {"past the last", text("\xF4\x90\x80\x80"), "broken 1007 "},
      {"overlong", text("\xC0\xAF"), "broken 1007 "},
      {"wrong in the first fragment", text("\xFF", false), "broken 1007 "},
      {"NUL is a character", text("\0"s), "text(\0) "s},
      {"a non-character is one too", text("\xEF\xBF\xBF"), "text(\xEF\xBF\xBF) "},
  });
}

TEST(WebSocketReader, Closes) {
  const std::string most(123, 'r');
  std::vector<Case> cases = {
      {"without a code", close(""), "close 1005() "},
      {"half a code", close("\x03"), "broken 1002 "},
      {"with a reason", close(1000, "bye"), "close 1000(bye) "},
      {"with the longest", close(1000, most), "close 1000(" + most + ") "},
      {"with one too long", close(1000, most + "r"), "broken 1002 "},
      {"with one that is no UTF-8", close(1000, "\xCE\xBA\xE1\xBD\xED\xA0\x80"), "broken 1007 "},
      {"with one cut off", close(1000, "\xCE"), "broken 1007 "},
      {"nothing comes behind", close(1000) + text("a"), "close 1000() "},
  };
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U, 1013U,
                              1014U, 3000U, 3999U, 4000U, 4408U, 4999U}) {
    cases.push_back({"a code", close(code), "close " + std::to_string(code) + "() "});
  }
  for (const unsigned code :
       {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
    cases.push_back({"a code that may not be sent", close(code), "broken 1002 "});
  }
  run(cases);
}

TEST(WebSocketReader, TheLimitIsThatOfTheBeginning) {
  WebSocketReader reader(From::client, 3);
  std::string bytes = text("ab", false);
  std::span<char> input = bytes;
  EXPECT_EQ(reader.read(input).kind, Kind::more);
  reader.set_message_limit(4);
  bytes = more("cd");
  input = bytes;
  EXPECT_EQ(shown(reader.read(input)), "broken 1009");
}

TEST(WebSocketReader, ReasonsAreCutBetweenCharacters) {
  const std::string payload = close_payload(1000, std::string(122, 'a') + "\xCE\xBA");
  EXPECT_EQ(payload.size(), 124U);
  EXPECT_EQ(close_payload(1000, std::string(121, 'a') + "\xCE\xBA").size(), 125U);
  EXPECT_EQ(close_payload(websocket_code::kNone, "x"), "");
  EXPECT_EQ(close_payload(4408, "slow"), "\x11\x38slow");
}

// Any message, in any fragments, with any control frames between, in any pieces.
RC_GTEST_PROP(WebSocketReader, PutsTogetherWhatWasTakenApart, ()) {
  std::string bytes;
  std::string seen;
  for (const std::uint8_t count :
       *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(0, 5))) {
    std::string message;
    Opcode opcode = Opcode::text;
    for (unsigned i = 0; i <= count; ++i) {
      const std::string part = *rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'z'));
      bytes += client_frame(opcode, part, i == count);
      message += part;
      opcode = Opcode::continuation;
      if (i == count || !*rc::gen::arbitrary<bool>()) continue;
      bytes += ping(part.substr(0, 5));
      seen += "ping(" + part.substr(0, 5) + ") ";
    }
    seen += "text(" + message + ") ";
  }
  const auto size = *rc::gen::inRange<std::size_t>(1, 40);
  RC_ASSERT(read(bytes, size) == seen);
}

}  // namespace
}  // namespace quire::net
