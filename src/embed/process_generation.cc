#include <pthread.h>

#include <atomic>

#include "embed/core.h"

QUIRE_NAMESPACE_BEGIN

namespace {

// One for the process, because fork() is: it is written by the child's only thread, before fork() returns.
std::atomic<unsigned> generation = 0;
const int kRegistered = pthread_atfork(
    nullptr, nullptr, +[] { generation.fetch_add(1, std::memory_order_relaxed); });

}  // namespace

unsigned process_generation() {
  (void)kRegistered;
  return generation.load(std::memory_order_relaxed);
}

Error forked() {
  return {ErrorCode::unavailable,
          "this was opened before fork(), and works on in the parent only; open it here again"};
}

QUIRE_NAMESPACE_END
