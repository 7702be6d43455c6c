// An ObjectId is 12 bytes: four of seconds since 1970, five that are random for the maker, three of a counter
// that begins at random. Seconds and counter are one number that only rises: a clock that steps back leaves
// the seconds as they were, and more than 2^24 ids in a second borrow from the next.
#include "document/id.h"

#include <algorithm>

#include "base/bytes.h"

namespace quire::document {

namespace {
constexpr std::uint64_t kCounterMask = 0xFFFFFF;
constexpr std::size_t kObjectIdDigits = 24;
}  // namespace

Status check_id(std::string_view id) {
  if (id.empty()) return Error(ErrorCode::invalid, "an id must not be empty").at("_id");
  if (id.size() > kIdBytes) {
    return Error(ErrorCode::too_large, "an id has at most " + std::to_string(kIdBytes) +
                                           " bytes, this one has " + std::to_string(id.size()))
        .at("_id")
        .over(kIdBytes);
  }
  if (id.find('\0') != std::string_view::npos) {
    return Error(ErrorCode::invalid, "an id must not hold the character U+0000").at("_id");
  }
  if (!valid_utf8(id)) return Error(ErrorCode::invalid, "an id must be valid UTF-8").at("_id");
  return ok();
}

bool is_object_id(std::string_view id) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return id.size() == kObjectIdDigits && std::all_of(id.begin(), id.end(), is_hex);
}

ObjectIdMaker::ObjectIdMaker(const Clock& clock, Random& random)
    : clock_(clock), random_(random.next_u64() >> 24), last_(random.next_u64() & kCounterMask) {}

std::string ObjectIdMaker::next() {
  const auto seconds = static_cast<std::uint64_t>(std::max<WallMs>(clock_.wall_ms(), 0)) / 1000;
  const std::uint64_t floor = (seconds & 0xFFFFFFFF) << 24;
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    // In a new second the counter goes on from where it was, so that two makers do not meet at zero.
    next = last + 1;
    if (next < floor) next = floor | (next & kCounterMask);
  } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));

  std::string bytes;
  put_u32(bytes, static_cast<std::uint32_t>(next >> 24));
  for (int shift = 32; shift >= 0; shift -= 8) put_u8(bytes, static_cast<std::uint8_t>(random_ >> shift));
  for (int shift = 16; shift >= 0; shift -= 8) put_u8(bytes, static_cast<std::uint8_t>(next >> shift));
  return to_hex(bytes);
}

}  // namespace quire::document
