#pragma once

#include <cstdint>
#include <string_view>

namespace quire::net {

// Whether bytes that arrive bit by bit are UTF-8 (RFC 3629: nothing overlong, no surrogates, nothing past
// U+10FFFF). Says no at the first byte that no good text has there.
class Utf8Checker {
 public:
  // False: it is not UTF-8, and stays so.
  bool take(std::string_view bytes);
  // Whether it may end here: not within a character.
  bool whole() const { return left_ == 0; }
  void reset() { *this = {}; }

 private:
  bool take_lead(std::uint8_t byte);
  bool take_continuation(std::uint8_t byte);

  std::uint8_t left_ = 0;  // bytes of this character that are still to come
  // What the next of them may be: after some leading bytes it is less than all of 0x80 to 0xBF.
  std::uint8_t least_ = 0x80;
  std::uint8_t most_ = 0xBF;
  bool bad_ = false;
};

}  // namespace quire::net
