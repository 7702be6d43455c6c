#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/call.h"
#include "base/clock.h"

namespace quire::query {

// What one query may take. Past a bound it ends with the error exhausted, which names the bound and what
// would help.
struct Budget {
  std::uint64_t scanned_documents = 10'000'000;  // looked at, whether they match or not
  bool scan_limited = false;                     // the request's scanLimit says so, not the setting
  std::uint64_t memory_bytes = 64ULL << 20;      // of a sort or a group before it goes to `spill_directory`
  std::uint64_t spilled_bytes = 4ULL << 30;
  std::string spill_directory;  // where the operators may make temporary files; empty: nothing may be spilled
  std::chrono::milliseconds time{
      60'000};  // from the start of the query; a deadline of the call counts besides
};

// What the operators of one running query share; outlives them.
struct Run {
  const Clock& clock;
  CallLimits limits;
  Budget budget;
  std::uint64_t scanned = 0;  // documents looked at
  std::uint64_t fetched = 0;  // of these, by id, behind an index
  std::uint64_t entries = 0;  // of indexes walked over
  std::uint64_t spilled = 0;  // bytes
  SteadyTime started = clock.steady();
};

}  // namespace quire::query
