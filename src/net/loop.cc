#include "net/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "net/tuning.h"

namespace quire::net {

namespace {

// The wall clock is only for the Date line.
constexpr std::chrono::milliseconds kWallAge{100};

Error system_error(const char* what) {
  return {ErrorCode::io, std::string(what) + ": " + std::strerror(errno)};
}

Status control(int poll, int operation, int socket, std::uint32_t events, EventSink* sink) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = sink;
  if (epoll_ctl(poll, operation, socket, &event) != 0) return system_error("epoll_ctl");
  return ok();
}

}  // namespace

Result<std::unique_ptr<Loop>> Loop::make(const Clock& clock) {
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) return system_error("epoll_create1");
  const int waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (waker < 0) {
    const Error error = system_error("eventfd");
    ::close(poll);
    return error;
  }
  auto loop = std::unique_ptr<Loop>(new Loop(clock, poll, waker));
  QUIRE_TRY_STATUS(control(poll, EPOLL_CTL_ADD, waker, EPOLLIN, nullptr));
  return loop;
}

Loop::Loop(const Clock& clock, int poll, int waker)
    : clock_(clock), poll_(poll), waker_(waker), now_(clock.steady()), next_tick_(now_), wall_asked_(now_) {
  wall_now_ = clock_.wall_ms();
}

Loop::~Loop() {
  ::close(poll_);
  ::close(waker_);
}

void Loop::run(std::chrono::milliseconds period, const std::function<void()>& on_tick) {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  next_tick_ = clock_.steady() + period;
  while (run_mail()) {
    wait(period);
    if (!ticking_ || now_ < next_tick_) continue;
    next_tick_ = now_ + period;
    on_tick();
  }
}

void Loop::wait(std::chrono::milliseconds period) {
  int timeout = ticking_ ? static_cast<int>(period.count()) : -1;
  if (ticking_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_tick_ - now_).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, timeout));
  }
  if (mail_is_here_) timeout = 0;
  std::array<epoll_event, kEventsInARow> events;
  const int count = epoll_wait(poll_, events.data(), kEventsInARow, timeout);
  look_at_clock();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (auto* sink = static_cast<EventSink*>(event.data.ptr)) {
      sink->on_events(event.events);
      continue;
    }
    std::uint64_t wakes = 0;
    [[maybe_unused]] const auto size = ::read(waker_, &wakes, sizeof wakes);
  }
}

void Loop::look_at_clock() {
  now_ = clock_.steady();
  if (now_ - wall_asked_ < kWallAge) return;
  wall_asked_ = now_;
  wall_now_ = clock_.wall_ms();
}

// False once the loop is to stop.
bool Loop::run_mail() {
  mail_is_here_ = false;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    running_.swap(mail_);
    stopping = stopping_;
  }
  for (Task& task : running_) task();
  const bool more = !running_.empty();
  running_.clear();
  if (stopping) mail_is_here_ = true;  // what wakes us for it may be used up: look once more, without a wait
  return more || !stopping;
}

void Loop::post(Task task) {
  const bool here = is_current();
  const std::lock_guard lock(mutex_);
  const bool first = mail_.empty();
  mail_.push_back(std::move(task));
  if (here) {
    mail_is_here_ = true;
  } else if (first) {
    // Under the lock: the loop may be gone as soon as it has seen the task.
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto size = ::write(waker_, &one, sizeof one);
  }
}

void Loop::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(waker_, &one, sizeof one);
}

Status Loop::add(int socket, EventSink& sink) {
  return control(poll_, EPOLL_CTL_ADD, socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &sink);
}

Status Loop::change(int socket, EventSink& sink) {
  return control(poll_, EPOLL_CTL_MOD, socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &sink);
}

Status Loop::add_listener(int socket, EventSink& sink) {
  return control(poll_, EPOLL_CTL_ADD, socket, EPOLLIN, &sink);
}

void Loop::remove(int socket) { epoll_ctl(poll_, EPOLL_CTL_DEL, socket, nullptr); }

}  // namespace quire::net
