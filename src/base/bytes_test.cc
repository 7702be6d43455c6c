#include "base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>

namespace quire {
namespace {

std::string varint(std::uint64_t value) {
  std::string out;
  put_varint(out, value);
  return out;
}

std::string byte_string(std::initializer_list<int> bytes) {
  std::string out;
  for (const int byte : bytes) out.push_back(static_cast<char>(byte));
  return out;
}

TEST(Bytes, FixedWidthNumbersAreBigEndian) {
  std::string out;
  put_u8(out, 0xFE);
  put_u32(out, 0x01020304);
  put_u64(out, 0x1122334455667788);
  EXPECT_EQ(to_hex(out), "fe010203041122334455667788");
  ByteReader in(out);
  EXPECT_EQ(in.u8(), 0xFE);
  EXPECT_EQ(in.u32(), 0x01020304U);
  EXPECT_EQ(in.u64(), 0x1122334455667788U);
  EXPECT_TRUE(in.done());
}

TEST(Bytes, ByteOrderIsNumberOrder) {
  EXPECT_TRUE(rc::check([](std::uint64_t a, std::uint64_t b) {
    std::string x;
    std::string y;
    put_u64(x, a);
    put_u64(y, b);
    RC_ASSERT((a < b) == (x < y));
  }));
}

TEST(Varint, TakesAsManyBytesAsTheValueNeeds) {
  EXPECT_EQ(to_hex(varint(0)), "00");
  EXPECT_EQ(to_hex(varint(127)), "7f");
  EXPECT_EQ(to_hex(varint(128)), "8001");
  EXPECT_EQ(to_hex(varint(300)), "ac02");
  EXPECT_EQ(to_hex(varint(std::numeric_limits<std::uint64_t>::max())), "ffffffffffffffffff01");
}

TEST(Varint, EveryValueComesBack) {
  EXPECT_TRUE(rc::check([](std::uint64_t value) {
    const auto shift = *rc::gen::inRange(0, 64);
    value >>= shift;
    const std::string bytes = varint(value);
    ByteReader in(bytes);
    RC_ASSERT(in.varint() == value);
    RC_ASSERT(in.done());
  }));
}

TEST(Varint, RefusesWhatItNeverWrites) {
  const std::string hostile[] = {
      "",
      byte_string({0x80}),                                                              // goes on, ends
      byte_string({0x80, 0x00}),                                                        // 0 in two bytes
      byte_string({0xFF, 0x80, 0x00}),                                                  // 127 in three
      byte_string({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}),        // bit 65
      byte_string({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0x00}),  // an eleventh byte
      byte_string({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}),
      std::string(1000, '\xFF'),
  };
  for (const std::string& bytes : hostile) {
    ByteReader in(bytes);
    EXPECT_EQ(in.varint(), 0U) << to_hex(bytes);
    EXPECT_FALSE(in.ok()) << to_hex(bytes);
  }
}

// One value has one encoding: whatever is read as a varint is what put_varint() writes.
TEST(Varint, EncodingIsCanonical) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    ByteReader in(bytes);
    const std::uint64_t value = in.varint();
    if (!in.ok()) return;
    RC_ASSERT(bytes.substr(0, bytes.size() - in.rest().size()) == varint(value));
  }));
}

TEST(ByteReader, StaysBadAfterAReadPastTheEnd) {
  const std::string three = "abc";
  ByteReader in(three);
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0) << "a byte was left, but the reader is bad";
  EXPECT_EQ(in.bytes(0), "");
  EXPECT_FALSE(in.ok());
  EXPECT_FALSE(in.done());
}

TEST(ByteReader, ALengthPastTheEndReadsNothing) {
  for (const std::uint64_t length : {std::uint64_t{4}, std::numeric_limits<std::uint64_t>::max()}) {
    std::string record = varint(length);
    record += "abc";
    ByteReader in(record);
    EXPECT_EQ(in.string(), "");
    EXPECT_FALSE(in.ok());
  }
}

TEST(ByteReader, IsNotDoneWhileBytesAreLeft) {
  ByteReader in("ab");
  in.u8();
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.done());
  EXPECT_EQ(in.rest(), "b");
}

TEST(ByteReader, StringsOfAnyBytesComeBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& strings) {
    std::string record;
    for (const auto& string : strings) put_string(record, string);
    ByteReader in(record);
    for (const auto& string : strings) RC_ASSERT(in.string() == string);
    RC_ASSERT(in.done());
  }));
}

TEST(ByteReader, NoPrefixOfARecordReadsAsTheWhole) {
  std::string record;
  put_u32(record, 7);
  put_string(record, "name");
  put_varint(record, 100'000);
  put_u64(record, 9);
  for (std::size_t length = 0; length < record.size(); ++length) {
    ByteReader in(std::string_view(record).substr(0, length));
    in.u32();
    in.string();
    in.varint();
    in.u64();
    EXPECT_FALSE(in.ok()) << length;
  }
}

TEST(Hex, EveryByteComesBackAndOnlyLowercaseIsRead) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) { RC_ASSERT(from_hex(to_hex(bytes)) == bytes); }));
  EXPECT_EQ(from_hex(""), "");
  for (const char* text : {"0", "000", "0A", "0g", "g0", " 0", "0x", "\x80\x80"}) {
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
  }
}

TEST(Base64, WritesTheExamplesOfTheRfc) {
  const std::pair<const char*, const char*> examples[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  EXPECT_EQ(to_base64("\xFB\xFF\xBF"), "+/+/");
}

TEST(Base64, RefusesEverythingThatItDoesNotWrite) {
  const std::string_view hostile[] = {
      "Z",
      "Zg",
      "Zg=",
      "Zg===",
      "Z===",
      "====",
      "=",
      "Zm9v=",
      "Zm9v====",
      "Zh==",
      "Zm9=",
      "Zg==Zg==",
      "Zg= =",
      " Zg==",
      "Zg== ",
      "Zg==\n",
      "Zm\n9v",
      "Zm9v\r\n",
      "-_-_",
      "Zm9v!",
      "Zm 9v",
      "Z=9v",
      "=Zm9",
      "Zm9vYg",
      "\x80\x80\x80\x80",
      std::string_view("Zm9v\0", 5),
      std::string_view("\0", 1),
      std::string_view("Zg=\0", 4),
  };
  for (const std::string_view text : hostile) EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

TEST(Base64, WhatIsReadIsWhatWouldBeWritten) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) { RC_ASSERT(from_base64(to_base64(bytes)) == bytes); }));
  EXPECT_TRUE(rc::check([] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ABYZabyz0189+/=-_ \n")));
    const auto bytes = from_base64(text);
    if (bytes) RC_ASSERT(to_base64(*bytes) == text);
  }));
}

// Decodes by the definition, not by the table: the shortest form of a code point that is no surrogate.
bool is_utf8_by_definition(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto first = static_cast<unsigned char>(bytes[i]);
    const std::size_t length = first < 0x80       ? 1
                               : first >> 5 == 6  ? 2
                               : first >> 4 == 14 ? 3
                               : first >> 3 == 30 ? 4
                                                  : 0;
    if (length == 0 || i + length > bytes.size()) return false;
    std::uint32_t point = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + k]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3F);
    }
    constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kSmallest[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

TEST(Utf8, EverySequenceOfUpToThreeBytesIsJudgedAsUnicodeDefines) {
  std::string text;
  for (int a = 0; a < 256; ++a) {
    ASSERT_EQ(valid_utf8(byte_string({a})), is_utf8_by_definition(byte_string({a}))) << a;
    for (int b = 0; b < 256; ++b) {
      ASSERT_EQ(valid_utf8(byte_string({a, b})), is_utf8_by_definition(byte_string({a, b}))) << a << ' ' << b;
      if (a < 0xC0) continue;
      for (int c = 0x70; c < 0xD0; ++c) {
        text.assign({static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)});
        ASSERT_EQ(valid_utf8(text), is_utf8_by_definition(text)) << a << ' ' << b << ' ' << c;
      }
    }
  }
}

TEST(Utf8, EveryLeadingPairOfFourBytesIsJudgedAsUnicodeDefines) {
  for (int a = 0xEF; a < 256; ++a) {
    for (int b = 0x70; b < 0xD0; ++b) {
      for (const int c : {0x7F, 0x80, 0xBF, 0xC0}) {
        for (const int d : {0x7F, 0x80, 0xBF, 0xC0}) {
          const std::string text = byte_string({a, b, c, d});
          ASSERT_EQ(valid_utf8(text), is_utf8_by_definition(text)) << to_hex(text);
        }
      }
    }
  }
}

// The walk over eight ASCII bytes at a time must not step over a bad byte, wherever that stands.
TEST(Utf8, FindsABadByteAtEveryPlace) {
  for (std::size_t length = 1; length < 40; ++length) {
    const std::string plain(length, 'a');
    EXPECT_TRUE(valid_utf8(plain));
    for (std::size_t at = 0; at < length; ++at) {
      std::string text = plain;
      text[at] = '\xFF';
      EXPECT_FALSE(valid_utf8(text)) << length << ' ' << at;
      text[at] = '\xC3';
      EXPECT_FALSE(valid_utf8(text)) << length << ' ' << at;
    }
  }
}

TEST(Utf8, TextCutInsideACharacterIsRefused) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  const std::size_t whole[] = {0, 1, 3, 6, 10, 11};
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const bool expected = std::find(std::begin(whole), std::end(whole), length) != std::end(whole);
    EXPECT_EQ(valid_utf8(std::string_view(text).substr(0, length)), expected) << length;
  }
}

}  // namespace
}  // namespace quire
