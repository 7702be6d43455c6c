#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/result.h"

namespace quire::server {

// SIGINT, SIGTERM and SIGHUP as something to wait for. Made before the process has any other thread, since
// threads take over what is blocked; one object at a time.
class Signals {
 public:
  enum class Event : std::uint8_t { stop, reload, woken, timeout };

  // Errors: io.
  static Result<Signals> take();
  // The signals do again what they did before.
  ~Signals();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;

  // The next event; `timeout` none: however long it takes. For one thread.
  Event wait(std::optional<std::chrono::milliseconds> timeout);
  // Has wait() answer `woken`. Callable from every thread.
  void wake() const;
  // From here on a signal that stops ends the process at once.
  void let_through() const;

 private:
  Signals(int signals, int wakes) : signals_(signals), wakes_(wakes) {}

  int signals_;  // a descriptor each; -1: moved away
  int wakes_;
};

}  // namespace quire::server
