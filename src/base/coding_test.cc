#include "base/coding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <string>

namespace quire {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string in = text;
  std::string out(deflateBound(&stream, in.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

constexpr std::uint64_t kMany = 1 << 30;

// What both codings promise.
class Coding : public ::testing::TestWithParam<std::string> {
 protected:
  std::string pack(const std::string& text) const {
    return GetParam() == "gzip" ? gzip(text) : pack_zstd(text);
  }
  // Fed by pieces of `cut` bytes, taken out by pieces of `room`.
  Result<std::string> unpack(std::string_view packed, std::uint64_t most, std::size_t cut,
                             std::size_t room = 1000) const {
    const auto unpacker = Unpacker::make(GetParam(), most);
    std::string out;
    std::string piece(room, '\0');
    for (std::size_t at = 0; at < packed.size(); at += cut) {
      std::string_view fed = packed.substr(at, cut);
      while (true) {
        QUIRE_TRY(const std::size_t count, unpacker->unpack(fed, piece));
        if (count == 0) break;
        out.append(piece, 0, count);
      }
      EXPECT_TRUE(fed.empty());
    }
    QUIRE_TRY_STATUS(unpacker->finish());
    return out;
  }
};

INSTANTIATE_TEST_SUITE_P(Each, Coding, ::testing::Values("gzip", "zstd"),
                         [](const auto& each) { return each.param; });

TEST_P(Coding, WherePiecesAreCutDoesNotMatter) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * i);
  for (const std::string& one : {std::string(), std::string("a"), std::string(16 << 10, 'x'), text}) {
    const std::string packed = pack(one);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, packed.size()}) {
      for (const std::size_t room : {std::size_t{1}, std::size_t{4096}}) {
        const auto unpacked = unpack(packed, kMany, cut, room);
        ASSERT_TRUE(unpacked) << unpacked.error().to_string();
        ASSERT_EQ(*unpacked, one);
      }
    }
  }
}

TEST_P(Coding, ABombIsRefusedAtItsBound) {
  const std::string packed = pack(std::string(64 << 20, '\0'));
  ASSERT_LT(packed.size(), 100'000U);
  const auto unpacker = Unpacker::make(GetParam(), 1'000'000);
  std::uint64_t came = 0;
  const auto status = unpacker->feed(packed, [&](std::string_view piece) {
    came += piece.size();
    return ok();
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::too_large);
  EXPECT_LE(came, 1'000'000U);
  EXPECT_TRUE(unpack(pack(std::string(1000, 'x')), 1000, 1)) << "what is just within the bound";
}

TEST_P(Coding, WhatIsCutOrGoesOnIsRefused) {
  const std::string packed = pack("a text that is long enough to have something changed in it");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(unpack(packed.substr(0, size), kMany, packed.size())) << size;
  }
  for (const std::string& wrong :
       {packed + "x", packed + packed, std::string("plain"), std::string(100, '\0')}) {
    for (const std::size_t cut : {std::size_t{3}, wrong.size()}) {
      const auto unpacked = unpack(wrong, kMany, cut);
      ASSERT_FALSE(unpacked) << wrong.size();
      EXPECT_EQ(unpacked.error().code(), ErrorCode::invalid);
    }
  }
}

RC_GTEST_PROP(Unpacker, TakesAnyBytesWithoutHarm, (const std::string& bytes)) {
  for (const char* coding : {"gzip", "zstd"}) {
    const auto text = unpack(coding, bytes, 1000);
    const bool bounded = !text || text->size() <= 1000U;
    RC_ASSERT(bounded);
  }
}

TEST(Unpacker, AChangedChecksumOfGzipIsRefused) {
  std::string packed = gzip("a text");
  packed[packed.size() - 5] ^= 1;
  EXPECT_FALSE(unpack("gzip", packed, kMany));
}

TEST(Unpacker, AWindowOverTheBoundIsRefused) {
  // The head of a zstd frame with a window of 1 GiB.
  const std::string head("\x28\xB5\x2F\xFD\x00\xA0\x01\x00\x00", 9);
  EXPECT_FALSE(unpack("zstd", head, kMany));
}

TEST(Unpacker, KnowsACodingByItsNameWhateverItsCase) {
  EXPECT_NE(Unpacker::make("GZip", 1), nullptr);
  EXPECT_EQ(Unpacker::make("br", 1), nullptr);
  EXPECT_EQ(Unpacker::make("", 1), nullptr);
}

TEST(Unpacker, AnErrorOfTheSinkEndsIt) {
  const auto status = Unpacker::make("gzip", kMany)->feed(gzip("text"), [](std::string_view) {
    return Error(ErrorCode::io, "full");
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::io);
}

}  // namespace
}  // namespace quire
