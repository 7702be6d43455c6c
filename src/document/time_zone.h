#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quire::document {

// A time zone: an offset from UTC that is always the same, or a place's, which changes with the year. Times
// are in milliseconds.
class TimeZone {
 public:
  // UTC.
  TimeZone() = default;
  // "UTC", "GMT", "Z", "+02", "+0200", "-02:30", or a name of the time zone database, as "Europe/Zurich".
  // nullopt: none of these.
  static std::optional<TimeZone> parse(std::string_view text);

  bool is_utc() const { return place_.empty() && offset_ms_ == 0; }
  // What its clocks are ahead of UTC, at a time of UTC.
  std::int64_t offset_ms(std::int64_t at_ms) const;
  // And at the time that they show. Of two such times the earlier one counts.
  std::int64_t offset_of_local_ms(std::int64_t shown_ms) const;

 private:
  std::string place_;  // empty: offset_ms_ says it
  std::int64_t offset_ms_ = 0;
};

}  // namespace quire::document
