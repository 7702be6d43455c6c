#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "document/arena.h"
#include "document/value.h"
#include "engine/change_streams.h"

// The two halves of a watch: a stream, which is a watcher's own, and a hub, which streams share.
namespace quire::engine {

// An event on its way to streams, parsed where one of them filters.
class SharedEvent {
 public:
  // Nullopt: the row is no event. Errors: corrupt.
  static Result<std::optional<SharedEvent>> make(const FeedRow& row, std::uint64_t incarnation,
                                                 std::string_view database, FullDocument full_document,
                                                 document::Arena& scratch);

  const ChangeEventPointer& event() const { return event_; }
  bool matches(const document::Filter& filter);

 private:
  ChangeEventPointer event_;
  std::unique_ptr<document::Arena> arena_;
  std::optional<document::Value> value_;
};

class LocalChangeStream final : public ChangeStream, public std::enable_shared_from_this<LocalChangeStream> {
 public:
  LocalChangeStream(ChangeStreams& streams, const Caller& caller, const DatabaseAddress& address,
                    WatchOptions options, const Position& position, std::shared_ptr<ChangeWatcher> watcher);

  void start() override;
  void check(SteadyTime now) override;
  void stop() override;

  // Of the hub. What the watcher may see of these, if it is behind them.
  struct Right {
    std::string collection;  // its own: an event goes before its page does
    Decision decision;
    std::optional<Error> ended{};  // the watch itself is no longer allowed
  };
  void deliver(SharedEvent& event, std::vector<Right>& rights);
  // All up to here was delivered.
  void passed(const Position& position);
  void end(const Error& error);
  // The hub cannot go on, but this one perhaps can.
  void read_on();

 private:
  enum class State : std::uint8_t { reading, waiting, live, ended };

  DatabaseAddress address() const { return {.name = name_, .owner = owner_}; }
  void post_run();
  void wait_for_room();
  void run();
  // What the loop of run() does next: read on, or nothing.
  bool read_page();
  bool take_page(const FeedPage& page);
  bool join();  // true where nothing is left to read
  void leave();
  bool wanted(SharedEvent& event, const Right& right) const;
  // Null: the event is of a collection that is not watched.
  const Right* right_to(const ChangeEvent& event, std::vector<Right>& rights) const;

  ChangeStreams& streams_;
  const Caller caller_;
  const std::string name_;
  const std::string owner_;
  const WatchOptions options_;
  const std::shared_ptr<ChangeWatcher> watcher_;

  std::mutex mutex_;
  State state_ = State::reading;             // guarded by mutex_
  Position position_;                        // guarded by mutex_
  std::shared_ptr<ChangeHub> hub_;           // guarded by mutex_; of a live one
  std::optional<SteadyTime> stalled_since_;  // guarded by mutex_; of one that waits, from the first look on
};

class ChangeHub final : public std::enable_shared_from_this<ChangeHub> {
 public:
  ChangeHub(ChangeStreams& streams, ChangeStreams::Key key, const Position& position);

  void start();
  // False where the hub is ahead of `position`, or has ended.
  bool join(const std::shared_ptr<LocalChangeStream>& stream, const Position& position);
  void leave(const std::shared_ptr<LocalChangeStream>& stream);
  void stop() { limits_.cancellation.cancel(); }
  bool ended();

 private:
  bool take(const FeedPage& page);
  void end(const Error& error);
  DatabaseAddress address() const { return {.name = std::get<1>(key_), .owner = std::get<0>(key_)}; }

  ChangeStreams& streams_;
  const ChangeStreams::Key key_;
  const Position begin_;
  CallLimits limits_;
  document::Arena scratch_;

  std::mutex mutex_;
  Position position_;                                           // guarded by mutex_
  std::vector<std::shared_ptr<LocalChangeStream>> streams_of_;  // guarded by mutex_
  bool ended_ = false;                                          // guarded by mutex_
};

}  // namespace quire::engine
