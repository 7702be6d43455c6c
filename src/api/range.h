#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire::api {

// What a Range field asks for of so many bytes.
struct Range {
  enum class Kind : std::uint8_t {
    whole,          // no range, several, or one that is to be ignored
    part,           // [offset, offset + length)
    unsatisfiable,  // none of it is there: 416
  };
  Kind kind = Kind::whole;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// RFC 9110, section 14: what is malformed, of another unit or more than one range is ignored.
Range parse_range(std::string_view field, std::uint64_t size);

// Whether a condition's field, as If-None-Match, names this tag, or any.
bool names_tag(std::string_view field, std::string_view tag);

}  // namespace quire::api
