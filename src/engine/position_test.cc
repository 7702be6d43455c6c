#include "engine/position.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace quire::engine {
namespace {

RC_GTEST_PROP(PositionText, WhatIsPrintedIsParsedBack, ()) {
  const Position position{.incarnation = *rc::gen::inRange<std::uint64_t>(1, ~std::uint64_t{0}),
                          .sequence = *rc::gen::inRange<std::uint64_t>(1, ~std::uint64_t{0})};
  RC_ASSERT(parse_position(to_string(position)).value() == position);
}

TEST(PositionText, ZeroIsTheBeginningOfEveryIncarnation) {
  EXPECT_EQ(to_string(Position{.incarnation = 7, .sequence = 0}), "0");
  EXPECT_EQ(parse_position("0").value(), Position{});
}

TEST(PositionText, ABareSequenceIsOfTheFirstIncarnation) {
  EXPECT_EQ(parse_position("12").value(), (Position{.incarnation = 1, .sequence = 12}));
}

TEST(PositionText, NothingElseIsAPosition) {
  for (const char* text : {"", "-", "1-", "-1", "0-1", "01-1", "1-01", "1-0", "+1", " 1", "1 ", "1-1-1", "x",
                           "18446744073709551616", "1-18446744073709551616", "-0"}) {
    const auto parsed = parse_position(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::invalid);
    EXPECT_EQ(parsed.error().field(), "since");
  }
}

}  // namespace
}  // namespace quire::engine
