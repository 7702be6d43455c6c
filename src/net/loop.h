#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/result.h"

namespace quire::net {

// What a socket's events go to, on the loop's thread. It may remove its own socket and destroy itself there,
// and no other.
class EventSink {
 public:
  // EPOLLIN, EPOLLOUT, ... of <sys/epoll.h>.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~EventSink() = default;
};

// One thread's loop: events of sockets, tasks from other threads, a tick. A socket is registered once, for
// both directions, and reports changes (edge-triggered): a request costs one receive and one send, and
// nothing else but its share of a wait.
class Loop {
 public:
  // Errors: io.
  static Result<std::unique_ptr<Loop>> make(const Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs on the calling thread, which becomes the loop's, until stop(). `on_tick` is called about every
  // `period` while keep_ticking(true) holds; `before_wait` before each wait.
  void run(std::chrono::milliseconds period, const std::function<void()>& on_tick);
  void stop();  // from any thread; what was posted before is run

  // Runs the task on the loop's thread, later, in order; from any thread. The caller touches nothing of the
  // task's once it is posted. A task of one or two pointers is not allocated.
  void post(Task task);

  // The rest is for the loop's thread.
  bool is_current() const { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }
  // Errors: io.
  Status add(int socket, EventSink& sink);  // both directions, edge-triggered
  // From here on the socket's events go to another, which is told at once how things stand.
  Status change(int socket, EventSink& sink);
  Status add_listener(int socket, EventSink& sink);  // reading, as long as there is something
  void remove(int socket);
  void keep_ticking(bool ticking) { ticking_ = ticking; }
  // As it was when the last wait ended.
  SteadyTime now() const { return now_; }
  WallMs wall_now() const { return wall_now_; }

 private:
  Loop(const Clock& clock, int poll, int waker);
  void wait(std::chrono::milliseconds period);
  bool run_mail();
  void look_at_clock();

  const Clock& clock_;
  const int poll_;
  const int waker_;  // an eventfd
  std::atomic<std::thread::id> thread_{};
  std::mutex mutex_;
  std::vector<Task> mail_;     // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_
  std::vector<Task> running_;  // kept for its memory
  bool mail_is_here_ = false;  // posted by the loop's own thread
  bool ticking_ = false;
  SteadyTime now_;
  SteadyTime next_tick_;
  SteadyTime wall_asked_;
  WallMs wall_now_ = 0;
};

}  // namespace quire::net
