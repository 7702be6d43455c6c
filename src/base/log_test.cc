#include "base/log.h"

#include <gtest/gtest.h>

#include <thread>
#include <type_traits>
#include <vector>

#include "base/testing/manual_clock.h"
#include "base/testing/memory_log.h"

namespace quire {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(Printable<std::string>);
static_assert(!Printable<Secret>);
static_assert(!std::is_constructible_v<LogField, std::string_view, const Secret&>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_copy_constructible_v<Secret>);

std::string captured(LogLevel minimum, const Clock& clock, void (*write)(Log&)) {
  ::testing::internal::CaptureStderr();
  write(*make_stderr_log(minimum, clock));
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, ALineHasTimeLevelMessageAndFields) {
  const ManualClock clock(1'772'366'400'123);
  const std::string out = captured(LogLevel::debug, clock, [](Log& log) {
    log.debug("one");
    log.info("database opened", {{"database", "main"}, {"shard", 12}, {"created", true}});
    log.warning("{} is no place to format");
    log.error("shard closed after an error", {{"cause", "io: no space left"}});
  });
  EXPECT_EQ(out,
            "2026-03-01T12:00:00.123Z debug one\n"
            "2026-03-01T12:00:00.123Z info database opened database=main shard=12 created=true\n"
            "2026-03-01T12:00:00.123Z warning {} is no place to format\n"
            "2026-03-01T12:00:00.123Z error shard closed after an error cause=\"io: no space left\"\n");
}

TEST(Log, DropsWhatIsBelowTheMinimum) {
  const ManualClock clock;
  const std::string out = captured(LogLevel::warning, clock, [](Log& log) {
    EXPECT_FALSE(log.takes(LogLevel::info));
    EXPECT_TRUE(log.takes(LogLevel::warning));
    log.debug("a");
    log.info("b");
    log.warning("c");
    log.error("d");
  });
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  const auto silent = make_silent_log();
  EXPECT_FALSE(silent->takes(LogLevel::error));
}

TEST(Log, WhateverAValueHoldsTheLineStaysOneLine) {
  EXPECT_EQ(format_log_line("m", {{"k", ""}}), R"(m k="")");
  EXPECT_EQ(format_log_line("m", {{"k", "a\nb\r\tc"}}), R"(m k="a\nb\x0d\x09c")");
  EXPECT_EQ(format_log_line("m", {{"k", "a\" level=error"}}), R"(m k="a\" level=error")");
  EXPECT_EQ(format_log_line("m", {{"k", "back\\slash"}}), R"(m k="back\\slash")");
  EXPECT_EQ(format_log_line("m", {{"k", "\x1B[31mred\x7F"}}), R"(m k="\x1b[31mred\x7f")");
  EXPECT_EQ(format_log_line("m", {{"k", std::string_view("\0", 1)}}), R"(m k="\x00")");
  EXPECT_EQ(format_log_line("m", {{"k", "caf\xC3\xA9"}}), "m k=caf\xC3\xA9");
  EXPECT_EQ(format_log_line("m", {{"k", "caf\xE9"}}), R"(m k="caf\xe9")");
  EXPECT_EQ(format_log_line("m", {{"k",
                                   "a\xC2\x9B"
                                   "31m"}}),
            R"(m k="a\xc2\x9b31m")");
  EXPECT_EQ(format_log_line("m", {{"k", "a\xE2\x80\xA8z"}}), R"(m k="a\xe2\x80\xa8z")");
  EXPECT_EQ(format_log_line("two\nlines", {}), R"(two\nlines)");
}

TEST(Log, NumbersKeepTheirRange) {
  EXPECT_EQ(format_log_line("m", {{"least", std::numeric_limits<std::int64_t>::min()},
                                  {"most", std::numeric_limits<std::uint64_t>::max()}}),
            "m least=-9223372036854775808 most=18446744073709551615");
}

TEST(Log, LinesOfManyThreadsDoNotMix) {
  const ManualClock clock;
  const std::string out = captured(LogLevel::info, clock, [](Log& log) {
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&log] {
        for (int k = 0; k < 100; ++k) log.info("the same line", {{"key", "value"}});
      });
    }
    for (auto& writer : writers) writer.join();
  });
  const std::string line = "2026-01-01T00:00:00.000Z info the same line key=value\n";
  ASSERT_EQ(out.size(), line.size() * 400);
  for (std::size_t at = 0; at < out.size(); at += line.size()) ASSERT_EQ(out.substr(at, line.size()), line);
}

TEST(LogLevel, NamesReadBack) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    EXPECT_EQ(parse_log_level(name(level)), level);
  }
  EXPECT_EQ(parse_log_level("Info"), std::nullopt);
  EXPECT_EQ(parse_log_level(""), std::nullopt);
}

TEST(MemoryLog, KeepsLines) {
  MemoryLog log;
  log.info("opened", {{"shard", 1}});
  EXPECT_EQ(log.lines(), std::vector<std::string>{"info opened shard=1"});
}

TEST(Secret, ComparesWholeTexts) {
  const Secret secret("correct horse");
  EXPECT_TRUE(secret.equals("correct horse"));
  EXPECT_FALSE(secret.equals("correct hors"));
  EXPECT_FALSE(secret.equals("correct horsE"));
  EXPECT_FALSE(secret.equals(""));
  EXPECT_TRUE(Secret().equals(""));
  EXPECT_EQ(secret.reveal(), "correct horse");
}

// A short string stands inside the object itself, so that the bytes of a moved one can be looked at.
TEST(Secret, AMovedSecretLeavesNoBytesBehind) {
  alignas(Secret) unsigned char memory[sizeof(Secret)] = {};
  const auto holds = [&] {
    return std::string_view(reinterpret_cast<const char*>(memory), sizeof memory).find("pass") !=
           std::string_view::npos;
  };
  auto* secret = new (memory) Secret("password");
  EXPECT_TRUE(holds());
  Secret moved = std::move(*secret);
  EXPECT_FALSE(holds());
  EXPECT_EQ(moved.reveal(), "password");
  *secret = std::move(moved);
  EXPECT_TRUE(holds());
  *secret = Secret("x");
  EXPECT_FALSE(holds());
  *secret = Secret("password");
  secret->~Secret();
  EXPECT_FALSE(holds());
}

}  // namespace
}  // namespace quire
