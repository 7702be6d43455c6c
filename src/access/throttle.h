#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace quire::access {

// Makes whoever guesses passwords wait: after five that were wrong, for one name or from one address, the
// next one is looked at after a second, then two, up to a quarter of an hour. What is refused counts for
// nothing, so nobody is kept out for good. Names that are nobody's are treated as others. Callable from every
// thread; its memory is bounded.
class Throttle {
 public:
  explicit Throttle(const Clock& clock) : clock_(clock) {}

  // An attempt begins: nullopt, and it must be ended by one of the three below; or how long to wait first.
  std::optional<std::chrono::milliseconds> begin(std::string_view name, std::string_view address);
  void failed(std::string_view name, std::string_view address);
  // The name's failures are forgotten; the address's are not, or one's own account would pay for guesses at
  // others.
  void succeeded(std::string_view name, std::string_view address);
  // Nothing was found out.
  void given_up(std::string_view name, std::string_view address);

  std::size_t size() const;

 private:
  struct Entry {
    std::uint32_t failures = 0;
    std::uint32_t under_way = 0;
    SteadyTime open_at{};    // nothing is looked at before
    SteadyTime forget_at{};  // where nothing more happens
  };
  using Key = std::uint64_t;

  static Key key(char kind, std::string_view text);
  std::optional<std::chrono::milliseconds> wait_locked(Key key, std::uint32_t at_once, SteadyTime now);
  void enter_locked(Key key, SteadyTime now);
  void fail_locked(Key key, SteadyTime now);
  void end_locked(Key key, bool forget);
  void move_locked(Key key, Entry& entry, SteadyTime forget_at);
  void erase_locked(std::unordered_map<Key, Entry>::iterator at);
  void make_room_locked(SteadyTime now);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, Entry> entries_;          // guarded by mutex_
  std::set<std::pair<SteadyTime, Key>> by_forget_;  // guarded by mutex_: of every entry
};

}  // namespace quire::access
