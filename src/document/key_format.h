#pragma once

#include <cstdint>

// The bytes of docs/formats/value-keys.md.
namespace quire::document::key_format {

inline constexpr unsigned char kEnd = 0x00;  // of a string, an array, an object: below every tag

inline constexpr unsigned char kNoElements = 0x08;
inline constexpr unsigned char kNull = 0x10;
inline constexpr unsigned char kFalse = 0x18;
inline constexpr unsigned char kTrue = 0x19;
inline constexpr unsigned char kNan = 0x20;
inline constexpr unsigned char kMinusInfinity = 0x21;
inline constexpr unsigned char kNegative = 0x22;
inline constexpr unsigned char kZero = 0x23;
inline constexpr unsigned char kPositive = 0x24;
inline constexpr unsigned char kInfinity = 0x25;
inline constexpr unsigned char kString = 0x30;
inline constexpr unsigned char kObjectId = 0x38;
inline constexpr unsigned char kDate = 0x40;
inline constexpr unsigned char kBinary = 0x48;
inline constexpr unsigned char kArray = 0x50;
inline constexpr unsigned char kObject = 0x58;

// In a string, this byte and the one that follows stand for one of the two smallest bytes.
inline constexpr unsigned char kEscape = 0x01;
inline constexpr unsigned char kEscapedZero = 0x01;
inline constexpr unsigned char kEscapedOne = 0x02;

// An exponent e of this size is the one byte 0x80 + e; larger ones have a byte that tells how many follow.
inline constexpr std::int64_t kSmallestShort = -112;
inline constexpr std::int64_t kLargestShort = 111;
inline constexpr unsigned char kShortExponent = 0x80;
inline constexpr unsigned char kLongPositive = 0xF0;  // plus the count of bytes less one
inline constexpr unsigned char kLongNegative = 0x0F;  // less the count of bytes less one

}  // namespace quire::document::key_format
