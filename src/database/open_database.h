#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "database/shard.h"

namespace quire::database {

// One database's shard: opened when somebody uses it, held open while somebody does, closed by whoever finds
// it idle. Opening and closing happen on the thread that asks, while others who ask wait. Thread-safe; held
// by shared_ptr, since what use() hands out refers to it.
class OpenDatabase : public std::enable_shared_from_this<OpenDatabase> {
 public:
  struct Parts {
    std::string name;  // for messages
    // Opens the shard. Called by one thread at a time.
    std::function<Result<std::unique_ptr<Shard>>()> open;
    // Whether the disk has room for the shard to be opened again, which a full one has made fail.
    std::function<bool(Shard&)> has_room;
    // Called when an untouched database comes into use, before anybody has it; must not call back.
    std::function<void()> touched;
    const Clock& clock;
  };
  explicit OpenDatabase(Parts parts) : parts_(std::move(parts)) {}

  // Of one that failed for want of space: it can be read until there is room. Errors: not_found (it was
  // removed), unavailable (it failed, and somebody still holds it), and those of opening.
  Result<std::shared_ptr<Shard>> use();

  // The shard, opened if need be, without counting as a use. Not closed until release().
  Result<Shard*> hold();
  void release();
  // Runs with the shard where it is open, and holds it meanwhile.
  void with_open(const std::function<void(Shard&)>& step);

  // Care begins and ends while it is held. Where all was done that was due, and nobody used it meanwhile,
  // the database is untouched again and `untouched` is called, before anybody can come to use it.
  void begin_care();
  void end_care(bool done, const std::function<void()>& untouched);

  // True where it was closed: nobody has it, it has nothing under way, and it was last used before
  // `unused_since`; or it has failed, and is worth opening again.
  bool close_if_idle(SteadyTime unused_since);
  // Nobody gets it any more; waits until nobody has it, then closes it for good.
  void retire();

  bool is_open() const;
  // Not open, nor on the way to or from it.
  bool is_closed() const;
  // It was used since care was taken of it the last time.
  bool touched() const;
  bool failed() const;
  // When it was last used; nothing where it is closed or somebody has it.
  std::optional<SteadyTime> unused_since() const;

 private:
  enum class State : std::uint8_t { closed, busy, open };

  void let_go();
  // Waits until it is open, opening it if need be.
  Status open_up(std::unique_lock<std::mutex>& lock);
  std::shared_ptr<Shard> pin_locked();
  Status open_locked(std::unique_lock<std::mutex>& lock);
  void close_locked(std::unique_lock<std::mutex>& lock);
  // It failed, and is to be opened again.
  bool failed_locked() const;

  const Parts parts_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::closed;   // guarded by mutex_
  std::unique_ptr<Shard> shard_;  // guarded by mutex_, but while busy
  std::weak_ptr<Shard> pin_;      // guarded by mutex_: what users share
  int pins_ = 0;                  // guarded by mutex_: such pointers that live
  int holds_ = 0;                 // guarded by mutex_
  bool touched_ = false;          // guarded by mutex_: used since the last care began
  bool retiring_ = false;         // guarded by mutex_
  SteadyTime last_used_{};        // guarded by mutex_
};

}  // namespace quire::database
