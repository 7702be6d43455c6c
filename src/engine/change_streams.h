#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/clock.h"
#include "base/executor.h"
#include "database/task_gate.h"
#include "document/filter.h"
#include "engine/change_event.h"
#include "engine/decide.h"
#include "engine/feeds.h"

namespace quire::engine {

// A change, printed once for all who watch. Immutable.
struct ChangeEvent {
  Position position;       // to resume behind it
  std::uint64_t time = 0;  // clusterTime
  std::string collection;
  std::string id;    // empty where the change is of the collection itself
  std::string body;  // of the document, for those who may see only some
  std::string json;  // print_change_event()
};
using ChangeEventPointer = std::shared_ptr<const ChangeEvent>;

// Who watches. Called by one thread at a time; must not block.
class ChangeWatcher {
 public:
  virtual ~ChangeWatcher() = default;
  // False: not taken, because too much waits already.
  virtual bool take(const ChangeEventPointer& event) = 0;
  // Calls `then` once when there is room again; within this call too.
  virtual void on_room(std::function<void()> then) = 0;
  // The last call. `position` is behind the last event that was taken or left out. Errors: exhausted (slower
  // than the changes come; can be resumed), history_lost, those of decide(), not_found (the database is
  // gone), unavailable.
  virtual void ended(const Error& error, const Position& position) = 0;
};

struct WatchOptions {
  std::string collection{};  // empty: all; one that is not there yet may come
  FullDocument full_document = FullDocument::always;
  std::optional<document::Filter> match{};   // of events, as they are printed
  std::optional<Position> since{};           // behind this one
  std::optional<std::uint64_t> from_time{};  // else from this time on, as clocks of entries say it
  // Else from now.
};

class ChangeHub;

// One watch under way. Kept by who watches; its end is stop().
class ChangeStream {
 public:
  virtual ~ChangeStream() = default;
  // Events come from here on. Called once.
  virtual void start() = 0;
  // Looks whether the watcher still may, and takes what comes; to be called now and then.
  virtual void check(SteadyTime now) = 0;
  // No call of the watcher begins after this returned, but ended() is not called either.
  virtual void stop() = 0;
};

// Watching changes as events. A watcher that is behind reads the history by itself, as fast as it takes
// events; then it is one of many to whom a hub gives each change, which is read and printed once. One that
// does not keep up with the hub reads by itself again, so that nothing waits for it but what it may hold; one
// that has room for nothing during kWatcherStallMs is ended.
//
// Thread-safe. What it is given outlives it; every stream is stopped before it ends. Its end waits for the
// executor.
class ChangeStreams {
 public:
  ChangeStreams(Feeds& feeds, const Authority& authority, Executor& executor)
      : feeds_(feeds), authority_(authority), executor_(executor) {}
  ~ChangeStreams();
  ChangeStreams(const ChangeStreams&) = delete;
  ChangeStreams& operator=(const ChangeStreams&) = delete;

  // Reads the place to begin at, and so may block for the disk; the events come on the executor. Errors:
  // those of Feeds::read().
  Result<std::shared_ptr<ChangeStream>> watch(const Caller& caller, const DatabaseAddress& address,
                                              WatchOptions options, std::shared_ptr<ChangeWatcher> watcher);

 private:
  friend class ChangeHub;
  friend class LocalChangeStream;
  using Key = std::tuple<std::string, std::string, FullDocument>;  // owner, name

  // The hub of a database; where there is none a new one, which is to be started.
  struct Found {
    std::shared_ptr<ChangeHub> hub;
    bool made = false;
  };
  Found hub_of(const Key& key, const Position& position);
  void forget(const Key& key, const ChangeHub* hub);
  Result<Position> position_at(const DatabaseAddress& address, const std::string& collection,
                               std::uint64_t time);
  Result<FeedPage> first_change(const DatabaseAddress& address, const std::string& collection, Position since,
                                Sequence until);

  Feeds& feeds_;
  const Authority& authority_;
  Executor& executor_;
  database::TaskGate tasks_;
  std::mutex mutex_;
  std::condition_variable hub_ended_;
  std::map<Key, std::shared_ptr<ChangeHub>> hubs_;  // guarded by mutex_
  std::size_t running_hubs_ = 0;  // guarded by mutex_; also those that others took the place of
};

}  // namespace quire::engine
