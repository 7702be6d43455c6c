#include "cli/interrupt.h"

#include <signal.h>

#include <atomic>

namespace quire::cli {

namespace {
// A signal handler reaches nothing but what is global.
std::atomic<bool> noted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int) { noted.store(true, std::memory_order_relaxed); }
}  // namespace

void take_interrupts() {
  struct sigaction action = {};
  action.sa_handler = note;
  // Without SA_RESTART, so that a read that waits comes back; once, so that a second signal ends the process.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return noted.load(std::memory_order_relaxed); }

}  // namespace quire::cli
