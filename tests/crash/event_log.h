#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quire::crash {

// One line of the log of a crash test: what happened, when, and the details.
struct Event {
  std::int64_t time_us = 0;  // of the machine's steady clock, which all its processes share
  std::string kind;
  std::vector<std::string> fields;
};

std::int64_t steady_us();
// As it stands in a log, with its line end. Tabs and line ends in fields become spaces.
std::string line_of(const Event& event);

// What a worker did and was answered, in a file outside the database, so that it outlives whatever happens to
// both. A line is its checksum, its time, its kind and its fields, and is on the disk when add() returns.
// Lines of several threads stand in one order, and a line stands in it before add() returns. Thread-safe.
//
// A log that cannot be written ends the process: nothing that follows could be judged.
class EventLog {
 public:
  // Appends to what is there. Errors: io.
  static Result<std::unique_ptr<EventLog>> open(const std::string& path);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void add(std::string_view kind, const std::vector<std::string>& fields = {});

 private:
  explicit EventLog(int file) : file_(file) {}
  const int file_;
};

// All events in order. The last line before an end of a process may be cut off and is left out; damage
// elsewhere is `corrupt`.
Result<std::vector<Event>> read_events(const std::string& path);

// "a/b/c" split at the slashes, into at most `most` pieces: the last one keeps its own slashes.
std::vector<std::string> split(std::string_view text, char at, std::size_t most = ~std::size_t{0});
// 0 for what is no number.
std::uint64_t to_number(std::string_view text);

}  // namespace quire::crash
