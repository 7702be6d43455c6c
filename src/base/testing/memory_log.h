#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"

namespace quire {

// Keeps every line, as "level message key=value", for a test to look at. Callable from every thread.
class MemoryLog final : public Log {
 public:
  bool takes(LogLevel) const override { return true; }
  void write(LogLevel level, std::string_view message, LogFields fields) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(name(level)) + " " + format_log_line(message, fields));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;  // guarded by mutex_
};

}  // namespace quire
