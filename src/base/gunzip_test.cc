#include "base/gunzip.h"

#include <gtest/gtest.h>
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

Result<std::string> gunzip(std::string_view packed, std::uint64_t most, std::size_t cut) {
  Gunzip unpack(most);
  std::string out;
  const auto sink = [&](std::string_view piece) {
    out.append(piece);
    return ok();
  };
  for (std::size_t at = 0; at < packed.size(); at += cut) {
    QUIRE_TRY_STATUS(unpack.feed(packed.substr(at, cut), sink));
  }
  QUIRE_TRY_STATUS(unpack.finish());
  return out;
}

constexpr std::uint64_t kMany = 1 << 30;

TEST(Gunzip, WherePiecesAreCutDoesNotMatter) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * i);
  for (const std::string& one : {std::string(), std::string("a"), std::string(16 << 10, 'x'), text}) {
    const std::string packed = gzip(one);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, packed.size()}) {
      const auto unpacked = gunzip(packed, kMany, cut);
      ASSERT_TRUE(unpacked) << unpacked.error().to_string();
      EXPECT_EQ(*unpacked, one);
    }
  }
}

TEST(Gunzip, ABombIsRefusedAtItsBound) {
  const std::string packed = gzip(std::string(64 << 20, '\0'));
  ASSERT_LT(packed.size(), 100'000U);
  Gunzip unpack(1'000'000);
  std::uint64_t came = 0;
  const auto status = unpack.feed(packed, [&](std::string_view piece) {
    came += piece.size();
    return ok();
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::too_large);
  EXPECT_LE(came, 1'000'000U);
  EXPECT_TRUE(gunzip(gzip(std::string(1000, 'x')), 1000, 1)) << "what is just within the bound";
}

TEST(Gunzip, WhatIsCutChangedOrGoesOnIsRefused) {
  const std::string packed = gzip("a text that is long enough to have something changed in it");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(gunzip(packed.substr(0, size), kMany, packed.size())) << size;
  }
  std::string other = packed;
  other[packed.size() - 5] ^= 1;  // of the checksum
  for (const std::string& wrong : {packed + "x", other, std::string("plain"), std::string(100, '\0')}) {
    const auto unpacked = gunzip(wrong, kMany, 3);
    ASSERT_FALSE(unpacked);
    EXPECT_EQ(unpacked.error().code(), ErrorCode::invalid);
  }
}

TEST(Gunzip, AnErrorOfTheSinkEndsIt) {
  Gunzip unpack(kMany);
  const auto status =
      unpack.feed(gzip("text"), [](std::string_view) { return Error(ErrorCode::io, "full"); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::io);
}

}  // namespace
}  // namespace quire
