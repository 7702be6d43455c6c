#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"

namespace quire {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

std::string_view name(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view text);

// One key=value of a line. The key is a word of ours; the value may come from anywhere.
struct LogField {
  LogField(std::string_view field, std::string_view text) : key(field), value(text) {}
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) LogField(std::string_view field, Number number)
      : key(field), value(std::to_string(number)) {}
  LogField(std::string_view field, std::same_as<bool> auto flag)
      : key(field), value(flag ? "true" : "false") {}
  LogField(std::string_view field, const Secret& secret) = delete;

  std::string_view key;
  std::string value;
};
using LogFields = std::initializer_list<LogField>;

// Where lines for whoever runs the program go. The message is a constant sentence; what varies stands in the
// fields: ids, names, counts, durations, never the content of documents. Every method may be called from
// every thread.
class Log {
 public:
  virtual ~Log() = default;
  // False where write() would drop a line of this level: for callers whose fields are dear to make.
  virtual bool takes(LogLevel level) const = 0;
  virtual void write(LogLevel level, std::string_view message, LogFields fields) = 0;

  void debug(std::string_view message, LogFields fields = {}) { write(LogLevel::debug, message, fields); }
  void info(std::string_view message, LogFields fields = {}) { write(LogLevel::info, message, fields); }
  void warning(std::string_view message, LogFields fields = {}) { write(LogLevel::warning, message, fields); }
  void error(std::string_view message, LogFields fields = {}) { write(LogLevel::error, message, fields); }
};

// Lines from `minimum` up to the standard error output, each flushed:
//   2026-03-01T12:00:00.000Z warning shard closed after an error shard=12 cause="io: no space left"
// The clock outlives the log.
std::unique_ptr<Log> make_stderr_log(LogLevel minimum, const Clock& clock);

// Takes nothing.
std::unique_ptr<Log> make_silent_log();

// The message and fields as they stand in a line. It is one line whatever they hold: a value that is empty or
// has spaces, quotes, "=" or control characters stands in quotes, with \n, \", \\ and \xNN for what must not
// stand there itself.
std::string format_log_line(std::string_view message, LogFields fields);

}  // namespace quire
