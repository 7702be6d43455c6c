#include "net/websocket_frame.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace quire::net {
namespace {

using Step = FrameReader::Step;
using From = FrameReader::From;
using std::string_literals::operator""s;

// What a reader makes of bytes that come in pieces of `size`: "text12! abc; ..." where '!' is a final frame.
std::string read(std::string bytes, From from, std::size_t size) {
  FrameReader reader(from);
  std::string seen;
  for (std::size_t i = 0; i < bytes.size() || i == 0; i += size) {
    std::span<char> input(bytes.data() + i, std::min(size, bytes.size() - i));
    for (bool more = false; !more;) {
      std::span<char> data;
      switch (reader.take(input, data)) {
        case Step::more: more = true; break;
        case Step::head:
          seen += std::to_string(static_cast<int>(reader.opcode())) + (reader.final() ? "!" : "+") +
                  std::to_string(reader.length()) + " ";
          break;
        case Step::data: seen.append(data.begin(), data.end()); break;
        case Step::end: seen += ";"; break;
        case Step::broken: return seen + reader.problem();
      }
    }
  }
  return seen;
}

void expect_read(const std::string& bytes, const std::string& seen, From from = From::client) {
  for (const std::size_t size :
       {bytes.size() + 1, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
    EXPECT_EQ(read(bytes, from, size), seen) << "in pieces of " << size;
  }
}

TEST(WebSocketFrame, ReadsTheExamplesOfTheStandard) {
  expect_read("\x81\x05\x48\x65\x6c\x6c\x6f"s, "1!5 Hello;", From::server);
  expect_read("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s, "1!5 Hello;");
  expect_read("\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f"s, "1+3 Hel;0!2 lo;", From::server);
  expect_read("\x89\x05\x48\x65\x6c\x6c\x6f"s, "9!5 Hello;", From::server);
  expect_read("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s, "10!5 Hello;");
}

TEST(WebSocketFrame, WritesTheShortestLength) {
  EXPECT_EQ(FrameHead(Opcode::text, 0).bytes(), "\x81\x00"s);
  EXPECT_EQ(FrameHead(Opcode::text, 125).bytes(), "\x81\x7D"s);
  EXPECT_EQ(FrameHead(Opcode::text, 126).bytes(), "\x81\x7E\x00\x7E"s);
  EXPECT_EQ(FrameHead(Opcode::text, 65535).bytes(), "\x81\x7E\xFF\xFF"s);
  EXPECT_EQ(FrameHead(Opcode::text, 65536).bytes(), "\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
  const MaskingKey key = {'a', 'b', 'c', 'd'};
  EXPECT_EQ(FrameHead(Opcode::continuation, 1, false, &key).bytes(), "\x00\x81"s + "abcd");
}

TEST(WebSocketFrame, RefusesWhatIsNoFrame) {
  const std::string key = "abcd";
  expect_read("\xC1\x80"s + key, "a reserved bit is set");
  expect_read("\xA1\x80"s + key, "a reserved bit is set");
  expect_read("\x91\x80"s + key, "a reserved bit is set");
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    expect_read(std::string(1, static_cast<char>(0x80 | opcode)) + "\x80"s + key, "the opcode is not known");
  }
  expect_read("\x81\x01"s + "x", "the frame is not masked");
  expect_read("\x81\x81"s + key + "x", "a server's frame is masked", From::server);
  expect_read("\x09\x80"s + key, "a control frame is in fragments");
  expect_read("\x89\xFE\x00\x7E"s + key, "a control frame is longer than 125 bytes");
  expect_read("\x81\xFE\x00\x7D"s + key, "a length is written longer than it need be");
  expect_read("\x81\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF"s + key,
              "a length is written longer than it need be");
  expect_read("\x81\xFF\x80\x00\x00\x00\x00\x00\x00\x00"s + key, "the length has its highest bit set");
}

// A length is believed, but nothing comes of it until bytes do.
TEST(WebSocketFrame, WaitsForAHugePayload) {
  expect_read("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s + std::string(4, '\0') + "abc",
              "1!9223372036854775807 abc");
}

RC_GTEST_PROP(WebSocketFrame, MasksLikeTheDefinition, (std::string text, std::uint32_t seed)) {
  MaskingKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(seed >> 8 * i);
  const std::uint64_t offset = *rc::gen::inRange<std::uint64_t>(0, 1000);
  std::string expected = text;
  for (std::size_t i = 0; i < text.size(); ++i)
    expected[i] = static_cast<char>(expected[i] ^ key[(offset + i) % key.size()]);
  mask(text, key, offset);
  RC_ASSERT(text == expected);
}

RC_GTEST_PROP(WebSocketFrame, ReadsWhatItWrites, (std::uint32_t seed)) {
  MaskingKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(seed >> 8 * i);
  const auto size = *rc::gen::element<std::size_t>(0, 1, 124, 125, 126, 127, 65535, 65536, 70000);
  const std::string payload(size, 'x');
  std::string masked = payload;
  mask(masked, key, 0);
  const std::string seen = "1!" + std::to_string(size) + " " + payload + ";";
  const auto step = *rc::gen::inRange<std::size_t>(1, 5000);
  RC_ASSERT(read(std::string(FrameHead(Opcode::text, size, true, &key).bytes()) + masked, From::client,
                 step) == seen);
  RC_ASSERT(read(std::string(FrameHead(Opcode::text, size).bytes()) + payload, From::server, step) == seen);
}

}  // namespace
}  // namespace quire::net
