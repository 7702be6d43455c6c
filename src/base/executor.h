#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace quire {

using Task = std::function<void()>;

// Where work that is not its caller's runs. Every method may be called from every thread. A task lets no
// exception out: one that does ends the process.
class Executor {
 public:
  using TimerId = std::uint64_t;

  virtual ~Executor() = default;
  // Runs the task soon, on another thread or later on this one; never inside the call.
  virtual void post(Task task) = 0;
  // Runs the task once, not before the delay is over; a negative delay is none. Never answers 0.
  virtual TimerId post_after(std::chrono::milliseconds delay, Task task) = 0;
  // The task will not start after this returns true; false: it has started, is done, or was cancelled.
  virtual bool cancel(TimerId timer) = 0;
};

// The processors that this process may run on, at least one: a container or taskset may leave it fewer than
// the machine has.
unsigned usable_cores();

// The calling thread gives way to all others of the machine from now on, and for good: for work that takes a
// processor for long and must not be felt by who is served meanwhile.
void give_way();

// Threads of its own. Whoever owns it ends it before what its tasks use, and never within one of its tasks:
// by its destructor, which joins; or, where what its tasks use may itself still post to it, by join(), and
// destroys it when that has ended.
class ThreadPool : public Executor {
 public:
  // Runs what was posted, and what that posts, drops timers that are not yet due, and ends the threads. What
  // is posted from then on never runs, and is let go by the destructor; of a timer that was dropped cancel()
  // answers true, as of one that had still been to come. Called by one thread; once more does nothing.
  virtual void join() = 0;
};

// A pool of at least one thread.
std::unique_ptr<ThreadPool> make_thread_pool(unsigned threads);

}  // namespace quire
