#include "server/values.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace quire::server {
namespace {

using std::chrono::milliseconds;

TEST(Values, BytesHaveUnitsOrNone) {
  EXPECT_EQ(*parse_bytes("0"), 0U);
  EXPECT_EQ(*parse_bytes("65536"), 65'536U);
  EXPECT_EQ(*parse_bytes("8KiB"), 8'192U);
  EXPECT_EQ(*parse_bytes("256 MiB"), 256U << 20);
  EXPECT_EQ(*parse_bytes("1GiB"), 1U << 30);
  for (const char* text : {"", "KiB", "8kb", "8 KiB ", "-1", "1.5MiB", "99999999999GiB", "8  KiB", "0x10"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
}

TEST(Values, TimesHaveUnits) {
  EXPECT_EQ(*parse_time("500ms"), milliseconds(500));
  EXPECT_EQ(*parse_time("10s"), milliseconds(10'000));
  EXPECT_EQ(*parse_time("5m"), milliseconds(300'000));
  EXPECT_EQ(*parse_time("24h"), milliseconds(86'400'000));
  for (const char* text : {"", "10", "s", "1d", "-1s", "1.5s", "99999999999999999h", "9999999999h"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

RC_GTEST_PROP(Values, WhatIsPrintedIsReadAgain, (std::uint32_t number)) {
  RC_ASSERT(*parse_bytes(print_bytes(number)) == number);
  RC_ASSERT(*parse_time(print_time(milliseconds(number))) == milliseconds(number));
}

TEST(Values, ListenersOfAllKinds) {
  EXPECT_EQ(*parse_listener("127.0.0.1:8800"), (Listener{{}, "127.0.0.1", 8800}));
  EXPECT_EQ(*parse_listener("[::1]:0"), (Listener{{}, "::1", 0}));
  EXPECT_EQ(*parse_listener("kv=0.0.0.0:8081"), (Listener{api::Surface::kv, "0.0.0.0", 8081}));
  EXPECT_EQ(*parse_listener("localhost:1"), (Listener{{}, "127.0.0.1", 1}));
  for (const char* text : {"", ":", "8800", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "::1:8800", "[127.0.0.1]:80", "example.org:80", "sql=127.0.0.1:1",
                           "rest=127.0.0.1:1", "kv=kv=127.0.0.1:1", "127.1:80", "[::1:80", "*:80"}) {
    const auto parsed = parse_listener(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::invalid) << text;
  }
}

TEST(Values, LoopbackIsLoopbackHoweverItIsWritten) {
  for (const char* text : {"127.0.0.1:1", "127.200.3.4:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1", "localhost:1"}) {
    EXPECT_TRUE(parse_listener(text)->is_loopback()) << text;
  }
  for (const char* text :
       {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "128.0.0.1:1", "[fe80::1]:1", "[::ffff:127.0.0.1]:1"}) {
    EXPECT_FALSE(parse_listener(text)->is_loopback()) << text;
  }
}

TEST(Values, AuthoritiesHaveBracketsWhereTheyMust) {
  EXPECT_EQ(parse_listener("[::1]:0")->authority(8800), "[::1]:8800");
  EXPECT_EQ(parse_listener("127.0.0.1:0")->authority(8800), "127.0.0.1:8800");
}

}  // namespace
}  // namespace quire::server
