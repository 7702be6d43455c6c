#include "document/time_zone.h"

#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <memory>

namespace quire::document {

namespace {

std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text == "UTC" || text == "GMT" || text == "Z") return 0;
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c == ':' && digits.size() == 2) continue;
    if (c < '0' || c > '9') return std::nullopt;
    digits.push_back(c);
  }
  if (digits.size() != 2 && digits.size() != 4) return std::nullopt;
  std::int64_t minutes = ((digits[0] - '0') * 10 + digits[1] - '0') * 60;
  if (digits.size() == 4) minutes += (digits[2] - '0') * 10 + digits[3] - '0';
  if (minutes >= 24 * 60) return std::nullopt;
  return (text[0] == '-' ? -minutes : minutes) * 60'000;
}

// Opening a zone reads its rules, and a pipeline asks for one and the same again and again.
struct OpenZone {
  std::string place;
  std::unique_ptr<icu::TimeZone> zone;
};

const icu::TimeZone& open_zone(const std::string& place) {
  thread_local OpenZone last;
  if (last.zone == nullptr || last.place != place) {
    last.zone.reset(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(place)));
    last.place = place;
  }
  return *last.zone;
}

// ICU takes much for a zone of its own making that is no place's name.
bool is_place(const std::string& name) {
  UErrorCode status = U_ZERO_ERROR;
  UBool known = 0;
  icu::UnicodeString canonical;
  icu::TimeZone::getCanonicalID(icu::UnicodeString::fromUTF8(name), canonical, known, status);
  return U_SUCCESS(status) && known != 0;
}

}  // namespace

std::optional<TimeZone> TimeZone::parse(std::string_view text) {
  TimeZone zone;
  if (const auto offset = parse_offset(text)) {
    zone.offset_ms_ = *offset;
    return zone;
  }
  constexpr std::size_t kLongestName = 64;
  if (text.empty() || text.size() > kLongestName) return std::nullopt;
  zone.place_ = text;
  thread_local std::string last_known;
  if (zone.place_ == last_known) return zone;
  if (!is_place(zone.place_)) return std::nullopt;
  last_known = zone.place_;
  return zone;
}

std::int64_t TimeZone::offset_ms(std::int64_t at_ms) const {
  if (place_.empty()) return offset_ms_;
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t standard = 0;
  std::int32_t saving = 0;
  open_zone(place_).getOffset(static_cast<UDate>(at_ms), 0, standard, saving, status);
  return std::int64_t{standard} + saving;
}

std::int64_t TimeZone::offset_of_local_ms(std::int64_t shown_ms) const {
  // The offset of a day before is that of the earlier time where the clocks went back in between.
  constexpr std::int64_t kDayMs = 86'400'000;
  const std::int64_t before = offset_ms(shown_ms - kDayMs);
  if (offset_ms(shown_ms - before) == before) return before;
  return offset_ms(shown_ms - offset_ms(shown_ms + kDayMs));
}

}  // namespace quire::document
