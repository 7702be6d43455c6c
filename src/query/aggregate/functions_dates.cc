// Dates, by the calendar of UTC or at an offset from it. Null or missing in, null out.
#include <array>
#include <chrono>
#include <cstdio>

#include "document/extended_json.h"
#include "query/aggregate/functions.h"

namespace quire::query {

namespace {
namespace chrono = std::chrono;
using Ms = chrono::milliseconds;
using Time = chrono::sys_time<Ms>;

// The calendar has years of 15 bits.
constexpr std::int64_t kFirstMs = -62'167'219'200'000;  // year 0
constexpr std::int64_t kLastMs = 253'402'300'799'999;   // year 9999

struct Calendar {
  explicit Calendar(Time at)
      : days(chrono::floor<chrono::days>(at)), date(days), weekday(days), clock(at - days) {}
  chrono::sys_days days;
  chrono::year_month_day date;
  chrono::weekday weekday;
  chrono::hh_mm_ss<Ms> clock;

  int year() const { return static_cast<int>(date.year()); }
  int month() const { return static_cast<int>(static_cast<unsigned>(date.month())); }
  int day() const { return static_cast<int>(static_cast<unsigned>(date.day())); }
  int day_of_year() const {
    return static_cast<int>((days - chrono::sys_days(date.year() / chrono::January / 1)).count()) + 1;
  }
};

// "UTC", "GMT", "Z", "+02", "+0200", "-02:30", in minutes.
bool read_offset(std::string_view text, int& minutes) {
  minutes = 0;
  if (text == "UTC" || text == "GMT" || text == "Z") return true;
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return false;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c == ':' && digits.size() == 2) continue;
    if (c < '0' || c > '9') return false;
    digits.push_back(c);
  }
  if (digits.size() != 2 && digits.size() != 4) return false;
  minutes = ((digits[0] - '0') * 10 + digits[1] - '0') * 60;
  if (digits.size() == 4) minutes += (digits[2] - '0') * 10 + digits[3] - '0';
  if (text[0] == '-') minutes = -minutes;
  return minutes > -24 * 60 && minutes < 24 * 60;
}

enum class Read : std::uint8_t { nothing, failed, date };

// The time of `date` as the clock at its offset shows it.
Read read_time(Evaluation& on, const Call& call, const Value* date, const Value* zone, Time& out,
               int& offset) {
  offset = 0;
  if (is_nothing(date)) return Read::nothing;
  std::int64_t ms = 0;
  if (!read_date(*date, ms)) {
    call.fail(on, "takes a date, not " + described(date));
    return Read::failed;
  }
  if (zone != nullptr) {
    if (zone->is_null()) return Read::nothing;
    if (!zone->is_string() || !read_offset(zone->to_string(), offset)) {
      call.fail(on, "takes UTC or an offset such as +02:00 as its timezone");
      return Read::failed;
    }
  }
  if (ms < kFirstMs || ms > kLastMs) {
    call.fail(on, "takes dates of the years 0 to 9999");
    return Read::failed;
  }
  out = Time(Ms(ms) + chrono::minutes(offset));
  return Read::date;
}

int year(const Calendar& at) { return at.year(); }
int month(const Calendar& at) { return at.month(); }
int day_of_month(const Calendar& at) { return at.day(); }
int day_of_week(const Calendar& at) { return static_cast<int>(at.weekday.c_encoding()) + 1; }
int day_of_year(const Calendar& at) { return at.day_of_year(); }
int hour(const Calendar& at) { return static_cast<int>(at.clock.hours().count()); }
int minute(const Calendar& at) { return static_cast<int>(at.clock.minutes().count()); }
int second(const Calendar& at) { return static_cast<int>(at.clock.seconds().count()); }
int millisecond(const Calendar& at) { return static_cast<int>(at.clock.subseconds().count()); }

template <int (*part)(const Calendar&)>
const Value* part_of(Evaluation& on, const Call& call, Arguments arguments) {
  Time at;
  int offset = 0;
  const Read read = read_time(on, call, arguments[0], nullptr, at, offset);
  if (read == Read::failed) return nullptr;
  return read == Read::nothing ? on.null() : on.integer(part(Calendar(at)));
}

// Appends what one letter of a format stands for; false for letters that stand for nothing.
bool append_formatted(char letter, const Calendar& at, int offset, std::string& out) {
  char text[24];
  const auto put = [&](const char* format, int number) {
    out.append(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, format, number)));
    return true;
  };
  switch (letter) {
    case 'Y': return put("%04d", at.year());
    case 'm': return put("%02d", at.month());
    case 'd': return put("%02d", at.day());
    case 'H': return put("%02d", hour(at));
    case 'M': return put("%02d", minute(at));
    case 'S': return put("%02d", second(at));
    case 'L': return put("%03d", millisecond(at));
    case 'j': return put("%03d", at.day_of_year());
    case 'w': return put("%d", day_of_week(at));
    case 'u': return put("%d", static_cast<int>(at.weekday.iso_encoding()));
    case 'z':
      out += offset < 0 ? '-' : '+';
      put("%02d", std::abs(offset) / 60);
      return put("%02d", std::abs(offset) % 60);
    case 'Z': return put("%d", offset);
    case '%': out += '%'; return true;
    default: return false;
  }
}

const Value* to_text(Evaluation& on, const Call& call, Arguments arguments) {
  Time at;
  int offset = 0;
  const Read read = read_time(on, call, arguments[0], arguments[2], at, offset);
  if (read == Read::failed) return nullptr;
  if (read == Read::nothing) return arguments[3] != nullptr ? arguments[3] : on.null();
  std::string format = offset == 0 ? "%Y-%m-%dT%H:%M:%S.%LZ" : "%Y-%m-%dT%H:%M:%S.%L";
  if (arguments[1] != nullptr) {
    if (arguments[1]->is_null()) return on.null();
    if (!arguments[1]->is_string()) return call.fail(on, "takes a format that is a string");
    format = arguments[1]->to_string();
  }
  const Calendar calendar(at);
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
    } else if (++i == format.size() || !append_formatted(format[i], calendar, offset, out)) {
      return call.fail(on, "knows %Y %m %d %H %M %S %L %j %w %u %z %Z %% in a format");
    }
  }
  return on.string(out);
}

std::int64_t floor_to(std::int64_t value, std::int64_t size) {
  const std::int64_t rest = value % size;
  return value - (rest < 0 ? rest + size : rest);
}

// Bins of any size are counted from here, as their users know it: 2000-01-01.
constexpr chrono::sys_days kFirstBin = chrono::year(2000) / chrono::January / 1;

Time truncate_months(const Calendar& at, std::int64_t months) {
  const std::int64_t since = floor_to((at.year() - 2000) * 12 + at.month() - 1, months);
  const std::int64_t year = floor_to(since, 12) / 12;
  const auto first = chrono::year(static_cast<int>(2000 + year)) /
                     chrono::month(static_cast<unsigned>(since - year * 12 + 1)) / 1;
  return chrono::sys_days(first);
}

Time truncate_span(Time at, Time from, Ms size) {
  return from + Ms(floor_to((at - from).count(), size.count()));
}

struct Unit {
  std::string_view name;
  std::int64_t months;
  std::int64_t ms;
};
constexpr Unit kUnits[] = {
    {"year", 12, 0},          {"quarter", 3, 0},      {"month", 1, 0},
    {"week", 0, 604'800'000}, {"day", 0, 86'400'000}, {"hour", 0, 3'600'000},
    {"minute", 0, 60'000},    {"second", 0, 1000},    {"millisecond", 0, 1},
};

const Value* truncate(Evaluation& on, const Call& call, Arguments arguments) {
  Time at;
  int offset = 0;
  const Read read = read_time(on, call, arguments[0], arguments[3], at, offset);
  if (read == Read::failed) return nullptr;
  if (read == Read::nothing || is_nothing(arguments[1])) return on.null();
  const std::string name = arguments[1]->is_string() ? arguments[1]->to_string() : "";
  const Unit* unit = nullptr;
  for (const Unit& one : kUnits) unit = one.name == name ? &one : unit;
  if (unit == nullptr) return call.fail(on, "takes a unit from year to millisecond");
  std::int64_t size = 1;
  if (arguments[2] != nullptr && (!read_whole(arguments[2], size) || size < 1 || size > 100'000))
    return call.fail(on, "takes a binSize from 1 to 100000");
  Time truncated;
  if (unit->months > 0) {
    truncated = truncate_months(Calendar(at), unit->months * size);
  } else {
    Time from = kFirstBin;
    if (name == "week") from += chrono::days(1);  // weeks begin on Sundays
    truncated = truncate_span(at, from, Ms(unit->ms * size));
  }
  const Ms result = truncated.time_since_epoch() - chrono::minutes(offset);
  return on.keep(document::make_date(on.arena(), result.count()));
}

constexpr std::array kDateFunctions = {
    Function{"$year", 1, 1, part_of<year>},
    Function{"$month", 1, 1, part_of<month>},
    Function{"$dayOfMonth", 1, 1, part_of<day_of_month>},
    Function{"$dayOfWeek", 1, 1, part_of<day_of_week>},
    Function{"$dayOfYear", 1, 1, part_of<day_of_year>},
    Function{"$hour", 1, 1, part_of<hour>},
    Function{"$minute", 1, 1, part_of<minute>},
    Function{"$second", 1, 1, part_of<second>},
    Function{"$millisecond", 1, 1, part_of<millisecond>},
    Function{"$dateToString", 1, 4, to_text, {"date", "format", "timezone", "onNull"}},
    Function{"$dateTrunc", 2, 4, truncate, {"date", "unit", "binSize", "timezone"}},
};
}  // namespace

std::span<const Function> date_functions() { return kDateFunctions; }

}  // namespace quire::query
