// Dates, by the calendar of UTC or of a time zone. Null or missing in, null out.
#include <array>
#include <chrono>
#include <cstdio>

#include "document/extended_json.h"
#include "document/time_zone.h"
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

enum class Read : std::uint8_t { nothing, failed, date };

// A date, and what the clocks of its zone show then.
struct LocalTime {
  std::int64_t ms = 0;
  document::TimeZone zone;
  std::int64_t offset_ms = 0;

  Time shown() const { return Time(Ms(ms + offset_ms)); }
  int offset_minutes() const { return static_cast<int>(offset_ms / 60'000); }
};

Read read_time(Evaluation& on, const Call& call, const Value* date, const Value* zone, LocalTime& out) {
  if (is_nothing(date)) return Read::nothing;
  if (!read_date(*date, out.ms)) {
    call.fail(on, "takes a date, not " + described(date));
    return Read::failed;
  }
  if (zone != nullptr) {
    if (zone->is_null()) return Read::nothing;
    const auto known = zone->is_string() ? document::TimeZone::parse(zone->to_string()) : std::nullopt;
    if (!known) {
      call.fail(on, "takes as its timezone UTC, an offset such as +02:00, or a name such as Europe/Zurich");
      return Read::failed;
    }
    out.zone = *known;
  }
  if (out.ms < kFirstMs || out.ms > kLastMs) {
    call.fail(on, "takes dates of the years 0 to 9999");
    return Read::failed;
  }
  out.offset_ms = out.zone.offset_ms(out.ms);
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
  LocalTime at;
  const Read read = read_time(on, call, arguments[0], arguments[1], at);
  if (read == Read::failed) return nullptr;
  return read == Read::nothing ? on.null() : on.integer(part(Calendar(at.shown())));
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
  LocalTime at;
  const Read read = read_time(on, call, arguments[0], arguments[2], at);
  if (read == Read::failed) return nullptr;
  if (read == Read::nothing) return arguments[3] != nullptr ? arguments[3] : on.null();
  std::string format = at.zone.is_utc() ? "%Y-%m-%dT%H:%M:%S.%LZ" : "%Y-%m-%dT%H:%M:%S.%L";
  if (arguments[1] != nullptr) {
    if (arguments[1]->is_null()) return on.null();
    if (!arguments[1]->is_string()) return call.fail(on, "takes a format that is a string");
    format = arguments[1]->to_string();
  }
  const Calendar calendar(at.shown());
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
    } else if (++i == format.size() || !append_formatted(format[i], calendar, at.offset_minutes(), out)) {
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

constexpr std::int64_t kDayMs = 86'400'000;

struct Unit {
  std::string_view name;
  std::int64_t months;
  std::int64_t ms;
};
constexpr Unit kUnits[] = {
    {"year", 12, 0},         {"quarter", 3, 0},   {"month", 1, 0},
    {"week", 0, 7 * kDayMs}, {"day", 0, kDayMs},  {"hour", 0, 3'600'000},
    {"minute", 0, 60'000},   {"second", 0, 1000}, {"millisecond", 0, 1},
};

// Hours and less are of one length; days and more are those that the zone's calendar shows.
std::int64_t begin_of_bin(const LocalTime& at, const Unit& unit, std::int64_t size) {
  Time from = kFirstBin;
  if (unit.name == "week") from += chrono::days(1);  // weeks begin on Sundays
  const Ms length(unit.ms * size);
  if (unit.months == 0 && unit.ms < kDayMs) {
    from -= Ms(at.zone.offset_of_local_ms(from.time_since_epoch().count()));
    return truncate_span(Time(Ms(at.ms)), from, length).time_since_epoch().count();
  }
  const Time begin = unit.months > 0 ? truncate_months(Calendar(at.shown()), unit.months * size)
                                     : truncate_span(at.shown(), from, length);
  const std::int64_t shown = begin.time_since_epoch().count();
  return shown - at.zone.offset_of_local_ms(shown);
}

const Value* truncate(Evaluation& on, const Call& call, Arguments arguments) {
  LocalTime at;
  const Read read = read_time(on, call, arguments[0], arguments[3], at);
  if (read == Read::failed) return nullptr;
  if (read == Read::nothing || is_nothing(arguments[1])) return on.null();
  const std::string name = arguments[1]->is_string() ? arguments[1]->to_string() : "";
  const Unit* unit = nullptr;
  for (const Unit& one : kUnits) unit = one.name == name ? &one : unit;
  if (unit == nullptr) return call.fail(on, "takes a unit from year to millisecond");
  std::int64_t size = 1;
  if (arguments[2] != nullptr && (!read_whole(arguments[2], size) || size < 1 || size > 100'000))
    return call.fail(on, "takes a binSize from 1 to 100000");
  return on.keep(document::make_date(on.arena(), begin_of_bin(at, *unit, size)));
}

constexpr std::array kDateFunctions = {
    Function{"$year", 1, 2, part_of<year>, {"date", "timezone"}, Function::Form::either},
    Function{"$month", 1, 2, part_of<month>, {"date", "timezone"}, Function::Form::either},
    Function{"$dayOfMonth", 1, 2, part_of<day_of_month>, {"date", "timezone"}, Function::Form::either},
    Function{"$dayOfWeek", 1, 2, part_of<day_of_week>, {"date", "timezone"}, Function::Form::either},
    Function{"$dayOfYear", 1, 2, part_of<day_of_year>, {"date", "timezone"}, Function::Form::either},
    Function{"$hour", 1, 2, part_of<hour>, {"date", "timezone"}, Function::Form::either},
    Function{"$minute", 1, 2, part_of<minute>, {"date", "timezone"}, Function::Form::either},
    Function{"$second", 1, 2, part_of<second>, {"date", "timezone"}, Function::Form::either},
    Function{"$millisecond", 1, 2, part_of<millisecond>, {"date", "timezone"}, Function::Form::either},
    Function{"$dateToString", 1, 4, to_text, {"date", "format", "timezone", "onNull"}},
    Function{"$dateTrunc", 2, 4, truncate, {"date", "unit", "binSize", "timezone"}},
};
}  // namespace

std::span<const Function> date_functions() { return kDateFunctions; }

}  // namespace quire::query
