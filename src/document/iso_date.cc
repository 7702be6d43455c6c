#include <charconv>
#include <chrono>
#include <cstdio>

#include "document/extended_json.h"

namespace quire::document {

namespace {
namespace chrono = std::chrono;

// Takes exactly `digits` digits; -1 where there are fewer.
int take_digits(std::string_view& rest, std::size_t digits) {
  if (rest.size() < digits ||
      rest.substr(0, digits).find_first_not_of("0123456789") != std::string_view::npos) {
    return -1;
  }
  int value = 0;
  std::from_chars(rest.data(), rest.data() + digits, value);
  rest.remove_prefix(digits);
  return value;
}

bool take(std::string_view& rest, char c) {
  if (rest.empty() || rest[0] != c) return false;
  rest.remove_prefix(1);
  return true;
}

std::optional<int> take_fraction_ms(std::string_view& rest) {
  if (!take(rest, '.')) return 0;
  const std::size_t count = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (count < 1 || count > 3) return std::nullopt;
  const int value = take_digits(rest, count);
  return count == 1 ? value * 100 : count == 2 ? value * 10 : value;
}

// "Z", "+02:00" or "+0200", in minutes.
std::optional<int> take_offset(std::string_view& rest) {
  if (take(rest, 'Z')) return 0;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (!take(rest, negative ? '-' : '+')) return std::nullopt;
  const int hours = take_digits(rest, 2);
  take(rest, ':');
  const int minutes = take_digits(rest, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return (negative ? -1 : 1) * (hours * 60 + minutes);
}
}  // namespace

std::optional<std::int64_t> parse_iso_date(std::string_view text) {
  const int year = take_digits(text, 4);
  if (!take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (!take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (!take(text, 'T')) return std::nullopt;
  const int hour = take_digits(text, 2);
  if (!take(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (!take(text, ':')) return std::nullopt;
  const int second = take_digits(text, 2);
  const auto ms = take_fraction_ms(text);
  const auto offset = take_offset(text);
  if (year < 0 || month < 0 || day < 0 || !ms || !offset || !text.empty()) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  const chrono::year_month_day date{chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const auto time = chrono::sys_days(date) + chrono::hours(hour) + chrono::minutes(minute - *offset) +
                    chrono::seconds(second) + chrono::milliseconds(*ms);
  return time.time_since_epoch().count();
}

std::optional<std::string> iso_date(std::int64_t ms) {
  // 0000-01-01 and 10000-01-01
  if (ms < -62'167'219'200'000 || ms >= 253'402'300'800'000) return std::nullopt;
  const chrono::sys_time<chrono::milliseconds> time{chrono::milliseconds(ms)};
  const auto days = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(days);
  const chrono::hh_mm_ss clock(time - days);
  char text[32];
  const int size =
      std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()));
  std::string iso(text, static_cast<std::size_t>(size));
  if (clock.subseconds().count() != 0) {
    const int fraction =
        std::snprintf(text, sizeof text, ".%03d", static_cast<int>(clock.subseconds().count()));
    iso.append(text, static_cast<std::size_t>(fraction));
  }
  return iso + "Z";
}

}  // namespace quire::document
