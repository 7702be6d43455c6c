#include "server/signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace quire::server {

namespace {

sigset_t stopping() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

sigset_t taken() {
  sigset_t set = stopping();
  sigaddset(&set, SIGHUP);
  return set;
}

int poll_time(std::optional<std::chrono::milliseconds> timeout) {
  if (!timeout) return -1;
  // A longer wait ends early, and its caller waits again.
  return static_cast<int>(std::clamp<std::int64_t>(timeout->count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace

Result<Signals> Signals::take() {
  const sigset_t set = taken();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  const int wakes = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signals >= 0 && wakes >= 0) return Signals(signals, wakes);
  return Error(ErrorCode::io, "cannot wait for signals: " + std::generic_category().message(errno));
}

Signals::Signals(Signals&& other) noexcept
    : signals_(std::exchange(other.signals_, -1)), wakes_(std::exchange(other.wakes_, -1)) {}

Signals::~Signals() {
  if (signals_ < 0) return;
  const sigset_t set = taken();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::close(signals_);
  ::close(wakes_);
}

Signals::Event Signals::wait(std::optional<std::chrono::milliseconds> timeout) {
  for (;;) {
    std::array<pollfd, 2> files = {pollfd{signals_, POLLIN, 0}, pollfd{wakes_, POLLIN, 0}};
    const int ready = ::poll(files.data(), files.size(), poll_time(timeout));
    if (ready == 0) return Event::timeout;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) == sizeof info) {
      return info.ssi_signo == SIGHUP ? Event::reload : Event::stop;
    }
    std::uint64_t count = 0;
    if (::read(wakes_, &count, sizeof count) == sizeof count) return Event::woken;
  }
}

void Signals::wake() const {
  const std::uint64_t one = 1;
  // It can only fail where it is awake already.
  [[maybe_unused]] const ssize_t written = ::write(wakes_, &one, sizeof one);
}

void Signals::let_through() const {
  const sigset_t set = stopping();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace quire::server
