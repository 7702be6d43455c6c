#include "net/chunked.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "net/tuning.h"

namespace quire::net {
namespace {

struct Decoded {
  std::string data;
  std::size_t used = 0;
  bool done = false;
  std::optional<ErrorCode> error;
};

Decoded decode(std::string_view bytes, const std::vector<std::size_t>& steps = {}) {
  ChunkedDecoder decoder;
  Decoded decoded;
  for (std::size_t i = 0; decoded.used < bytes.size() && !decoder.done(); ++i) {
    const std::size_t step = steps.empty() ? bytes.size() : 1 + steps[i % steps.size()] % 9;
    const auto piece = decoder.decode(bytes.substr(decoded.used, step));
    if (!piece) {
      decoded.error = piece.error().code();
      return decoded;
    }
    decoded.data += piece->data;
    decoded.used += piece->used;
  }
  decoded.done = decoder.done();
  return decoded;
}

TEST(Chunked, LeavesWhatFollows) {
  const Decoded decoded = decode("3\r\nabc\r\n00A;x=y\r\n0123456789\r\n0\r\nX-A: b\r\n\r\nGET /");
  EXPECT_EQ(decoded.data, "abc0123456789");
  EXPECT_TRUE(decoded.done);
  EXPECT_EQ(decoded.used, 42U);
}

TEST(Chunked, BoundsExtensions) {
  const std::string longest = ";" + std::string(kChunkExtensionBytes - 1, 'x');
  EXPECT_TRUE(decode("0" + longest + "\r\n\r\n").done);
  EXPECT_EQ(decode("0" + longest + "x\r\n\r\n").error, ErrorCode::too_large);
  std::string many;
  for (std::size_t i = 0; i <= kChunkExtensionsBytes / kChunkExtensionBytes; ++i)
    many += "1" + longest + "\r\nx\r\n";
  EXPECT_EQ(decode(many).error, ErrorCode::too_large);
}

TEST(Chunked, BoundsTrailers) {
  EXPECT_TRUE(decode("0\r\nX: " + std::string(kTrailerBytes - 7, 'x') + "\r\n\r\n").done);
  EXPECT_EQ(decode("0\r\nX: " + std::string(kTrailerBytes - 6, 'x') + "\r\n\r\n").error,
            ErrorCode::too_large);
}

TEST(Chunked, SaysWhatAChunkOwes) {
  ChunkedDecoder decoder;
  EXPECT_EQ(decoder.decode("FFFFFFFFFFFFFFFF\r")->used, 17U);
  EXPECT_EQ(decoder.owed(), 0U);
  EXPECT_EQ(decoder.decode("\n")->used, 1U);
  EXPECT_EQ(decoder.owed(), UINT64_MAX);
}

RC_GTEST_PROP(Chunked, GivesTheSameHoweverItArrives,
              (const std::vector<std::string>& chunks, const std::vector<std::size_t>& steps)) {
  std::string bytes;
  std::string data;
  for (const std::string& chunk : chunks) {
    if (chunk.empty()) continue;
    char size[20];
    bytes +=
        std::string(size, static_cast<std::size_t>(snprintf(size, sizeof size, "%zx\r\n", chunk.size())));
    bytes += chunk + "\r\n";
    data += chunk;
  }
  bytes += "0\r\n\r\n";
  const Decoded decoded = decode(bytes + "rest", steps);
  RC_ASSERT(decoded.done);
  RC_ASSERT(decoded.data == data);
  RC_ASSERT(decoded.used == bytes.size());
}

}  // namespace
}  // namespace quire::net
