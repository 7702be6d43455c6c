#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>

#include "database/shard.h"
#include "event_log.h"
#include "request.h"

namespace quire::crash {

// Which durability the writes of a run ask for.
enum class Mix : std::uint8_t {
  disk,
  mixed,
  lazy,  // os and memory alone: only the shard's own timer syncs
};

// What the threads of one run share.
struct Stage {
  database::Shard& shard;
  EventLog& log;
  std::string label;  // of the run: begins the name of each of its requests
  Mix mix = Mix::mixed;
  std::uint64_t most_requests = 0;
  SteadyTime end;
  bool reads_may_fail = false;  // faults that also hit reads are asked for
  bool care = false;            // the shard is maintained while it is written to

  std::atomic<std::uint64_t> requests{0};
  std::atomic<bool> stop{false};
  std::atomic<bool> sick{false};  // the shard takes no more writes

  bool over() const {
    return stop || sick || requests >= most_requests || std::chrono::steady_clock::now() >= end;
  }
  // A contract was broken, as seen from within the run.
  void complain(const std::string& what) { log.add("broken", {what}); }
  void write_down(const Request& request) {
    ++requests;
    log.add("ask", to_fields(request));
  }
  // Writes the answer down, and looks whether the shard has failed.
  void note(const std::string& request, const Result<database::WriteResult>& result);
};

using Dice = std::mt19937_64;
inline std::uint64_t roll(Dice& dice, std::uint64_t end) { return dice() % end; }
inline bool chance(Dice& dice, unsigned percent) { return roll(dice, 100) < percent; }
// Documents that everybody writes to: s0 to s3.
inline constexpr std::uint64_t kShared = 4;

database::Durability pick_durability(Dice& dice, Mix mix);

}  // namespace quire::crash
