#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace quire::cli {

// A line on stderr that says how far a long command came, how fast, and how long it will take; nothing where
// stderr is not a terminal. Not thread-safe.
class Progress {
 public:
  // `total` in the unit of `done`; 0: unknown.
  Progress(const Clock& clock, std::uint64_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows the state, a few times a second however often it is called.
  void show(std::uint64_t done, std::uint64_t documents);
  // Takes the line away, so that something else can be printed.
  void clear();

 private:
  const Clock& clock_;
  const std::uint64_t total_;
  const SteadyTime start_;
  const bool on_terminal_;
  SteadyTime next_;
  bool shown_ = false;
};

// The line itself, for a terminal: "[=====>    ]  52 %  1,234,000 documents  61,200/s  0:21 left"
std::string progress_line(double part, std::uint64_t documents, std::chrono::duration<double> elapsed);

}  // namespace quire::cli
