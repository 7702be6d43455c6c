#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/bytes.h"

namespace quire {

namespace {

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

class StderrLog final : public Log {
 public:
  StderrLog(LogLevel minimum, const Clock& clock)
      : minimum_(minimum),
        clock_(clock),
        logger_("quire", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                                                                      spdlog::pattern_time_type::utc));
    logger_.set_level(spdlog_level(minimum));
  }

  bool takes(LogLevel level) const override { return level >= minimum_; }

  void write(LogLevel level, std::string_view message, LogFields fields) override {
    if (!takes(level)) return;
    const spdlog::log_clock::time_point now{std::chrono::milliseconds(clock_.wall_ms())};
    logger_.log(now, spdlog::source_loc{}, spdlog_level(level), format_log_line(message, fields));
  }

 private:
  LogLevel minimum_;
  const Clock& clock_;
  spdlog::logger logger_;
};

class SilentLog final : public Log {
 public:
  bool takes(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view, LogFields) override {}
};

bool is_control(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

// C1 controls and the line and paragraph separators, which some terminals and viewers obey: U+0080 to U+009F,
// U+2028, U+2029. `at` points at well-formed UTF-8.
bool is_unicode_control(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.size() >= 2 && rest[0] == '\xC2' && static_cast<unsigned char>(rest[1]) < 0xA0) return true;
  return rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9");
}

void append_byte_escape(std::string& out, char byte) {
  out.append("\\x").append(to_hex(std::string_view(&byte, 1)));
}

// Appends the text with everything escaped that could end the line, or the quotes it stands in.
void append_escaped(std::string& out, std::string_view text, bool quoted) {
  const bool unicode = valid_utf8(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out.append("\\n");
    } else if (is_control(byte) || (byte >= 0x80 && !unicode)) {
      append_byte_escape(out, c);
    } else if (byte >= 0xC0 && is_unicode_control(text, i)) {
      const std::size_t length = byte < 0xE0 ? 2 : 3;
      for (std::size_t k = 0; k < length; ++k) append_byte_escape(out, text[i + k]);
      i += length - 1;
    } else {
      if (quoted && (c == '"' || c == '\\')) out.push_back('\\');
      out.push_back(c);
    }
  }
}

bool is_plain(std::string_view value) {
  if (value.empty() || !valid_utf8(value)) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (is_control(static_cast<unsigned char>(c)) || c == ' ' || c == '"' || c == '=' || c == '\\')
      return false;
    if (is_unicode_control(value, i)) return false;
  }
  return true;
}

}  // namespace

std::string_view name(LogLevel level) { return kNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (text == name(level)) return level;
  }
  return std::nullopt;
}

std::string format_log_line(std::string_view message, LogFields fields) {
  std::string line;
  append_escaped(line, message, false);
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    if (is_plain(field.value)) {
      line.append(field.value);
      continue;
    }
    line.push_back('"');
    append_escaped(line, field.value, true);
    line.push_back('"');
  }
  return line;
}

std::unique_ptr<Log> make_stderr_log(LogLevel minimum, const Clock& clock) {
  return std::make_unique<StderrLog>(minimum, clock);
}

std::unique_ptr<Log> make_silent_log() { return std::make_unique<SilentLog>(); }

}  // namespace quire
