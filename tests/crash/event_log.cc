#include "event_log.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "base/hash.h"

namespace quire::crash {

namespace {

// The first event of every process: what stands before it may be the torn end of the one before.
constexpr std::string_view kFirstKind = "process";

std::string checksum(std::string_view text) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", crc32c(text));
  return digits;
}

std::string cleaned(std::string_view field) {
  std::string text(field);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
  return text;
}

std::optional<Event> parse(std::string_view line) {
  if (line.size() < 10 || line[8] != ' ' || checksum(line.substr(9)) != line.substr(0, 8))
    return std::nullopt;
  auto fields = split(line.substr(9), '\t');
  if (fields.size() < 2) return std::nullopt;
  Event event;
  event.time_us = static_cast<std::int64_t>(to_number(fields[0]));
  event.kind = std::move(fields[1]);
  event.fields.assign(std::make_move_iterator(fields.begin() + 2), std::make_move_iterator(fields.end()));
  return event;
}

}  // namespace

std::int64_t steady_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

Result<std::unique_ptr<EventLog>> EventLog::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return Error(ErrorCode::io, "cannot open the log " + path);
  std::unique_ptr<EventLog> log(new EventLog(file));
  const off_t size = ::lseek(file, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n') {
    if (::write(file, "\n", 1) != 1) return Error(ErrorCode::io, "cannot write the log " + path);
  }
  log->add(kFirstKind, {std::to_string(::getpid())});
  return log;
}

EventLog::~EventLog() { ::close(file_); }

std::string line_of(const Event& event) {
  std::string text = std::to_string(event.time_us) + '\t' + event.kind;
  for (const std::string& field : event.fields) text += '\t' + cleaned(field);
  return checksum(text) + ' ' + text + '\n';
}

// One call, whose name no fault injection of a test knows, appends the line and syncs it.
void EventLog::add(std::string_view kind, const std::vector<std::string>& fields) {
  const std::string line = line_of({steady_us(), std::string(kind), fields});
  iovec piece{const_cast<char*>(line.data()), line.size()};
  if (::pwritev2(file_, &piece, 1, 0, RWF_APPEND | RWF_DSYNC) == static_cast<ssize_t>(line.size())) return;
  std::perror("the log of the crash test cannot be written");
  std::_Exit(3);
}

Result<std::vector<Event>> read_events(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error(ErrorCode::io, "cannot read the log " + path);
  std::vector<Event> events;
  std::string line;
  bool damaged = false;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    auto event = parse(line);
    if (damaged && (!event || event->kind != kFirstKind))
      return Error(ErrorCode::corrupt, path + " is damaged before line " + std::to_string(number));
    damaged = !event;
    if (event) events.push_back(std::move(*event));
  }
  return events;
}

std::vector<std::string> split(std::string_view text, char at, std::size_t most) {
  std::vector<std::string> pieces;
  while (pieces.size() + 1 < most) {
    const auto end = text.find(at);
    if (end == std::string_view::npos) break;
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  pieces.emplace_back(text);
  return pieces;
}

std::uint64_t to_number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace quire::crash
