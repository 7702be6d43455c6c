#include "document/time_zone.h"

#include <gtest/gtest.h>

#include "document/extended_json.h"

namespace quire::document {
namespace {

std::int64_t offset_minutes(std::string_view zone, std::string_view at) {
  const auto known = TimeZone::parse(zone);
  EXPECT_TRUE(known) << zone;
  return known->offset_ms(parse_iso_date(at).value()) / 60'000;
}

std::int64_t offset_of_local_minutes(std::string_view zone, std::string_view shown) {
  return TimeZone::parse(zone).value().offset_of_local_ms(parse_iso_date(shown).value()) / 60'000;
}

TEST(TimeZone, IsAnOffset) {
  EXPECT_EQ(offset_minutes("UTC", "2024-07-01T00:00:00Z"), 0);
  EXPECT_EQ(offset_minutes("+02", "2024-07-01T00:00:00Z"), 120);
  EXPECT_EQ(offset_minutes("-0230", "2024-07-01T00:00:00Z"), -150);
  EXPECT_EQ(offset_minutes("+05:45", "2024-07-01T00:00:00Z"), 345);
  EXPECT_TRUE(TimeZone::parse("Z")->is_utc());
  EXPECT_FALSE(TimeZone::parse("+01")->is_utc());
}

TEST(TimeZone, IsAPlaceWhoseClocksChange) {
  EXPECT_EQ(offset_minutes("Europe/Zurich", "2024-01-01T00:00:00Z"), 60);
  EXPECT_EQ(offset_minutes("Europe/Zurich", "2024-07-01T00:00:00Z"), 120);
  EXPECT_EQ(offset_minutes("Europe/Zurich", "2024-03-31T00:59:59Z"), 60);
  EXPECT_EQ(offset_minutes("Europe/Zurich", "2024-03-31T01:00:00Z"), 120);
  EXPECT_EQ(offset_minutes("America/New_York", "2024-01-01T00:00:00Z"), -300);
  EXPECT_FALSE(TimeZone::parse("Europe/London")->is_utc());
}

TEST(TimeZone, KnowsTheOffsetOfATimeThatItsClocksShow) {
  EXPECT_EQ(offset_of_local_minutes("Europe/Zurich", "2024-07-01T00:00:00Z"), 120);
  EXPECT_EQ(offset_of_local_minutes("Europe/Zurich", "2024-03-31T03:30:00Z"), 120);
  EXPECT_EQ(offset_of_local_minutes("Europe/Zurich", "2024-03-31T01:30:00Z"), 60);
  // Shown twice: the first time before the clocks go back.
  EXPECT_EQ(offset_of_local_minutes("Europe/Zurich", "2024-10-27T02:30:00Z"), 120);
  EXPECT_EQ(offset_of_local_minutes("Europe/Zurich", "2024-10-27T03:30:00Z"), 60);
}

TEST(TimeZone, IsNothingElse) {
  for (const char* text : {"", "x", "+2", "+24:00", "+1:00", "Mars/Olympus", "GMT+3", "Europe/Zürich"})
    EXPECT_EQ(TimeZone::parse(text), std::nullopt) << text;
  EXPECT_EQ(TimeZone::parse(std::string(1000, 'x')), std::nullopt);
}

}  // namespace
}  // namespace quire::document
