#include "workload.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "database/keys.h"
#include "record.h"
#include "writer.h"

namespace quire::crash {

using database::Sequence;

namespace {

constexpr std::size_t kSeenInLine = 64;

// Wakes the follower when the history has grown.
class Bell final : public database::ChangeListener {
 public:
  void changed(Sequence sequence) override {
    const std::lock_guard lock(mutex_);
    told_ = std::max(told_, sequence);
    rung_.notify_all();
  }
  void closed() override {}

  // Returns what was told last, after it went past `known` or a little while.
  Sequence wait(Sequence known) {
    std::unique_lock lock(mutex_);
    rung_.wait_for(lock, std::chrono::milliseconds(10), [&] { return told_ > known; });
    return told_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  Sequence told_ = 0;
};

// Reads the history as a change stream does: from a position of its own, which it writes down with all that
// it saw.
class Follower {
 public:
  Follower(Stage& stage, Sequence seen) : stage_(stage), seen_(seen) {}

  void run() {
    const auto bell = std::make_shared<Bell>();
    stage_.shard.listeners().add(bell);
    while (!stage_.over() && take(bell->wait(seen_))) {
    }
    stage_.shard.listeners().remove(bell);
  }

 private:
  // False where it cannot go on.
  bool take(Sequence told) {
    const auto cursor = stage_.shard.history({.since = seen_});
    std::vector<std::string> fields;
    while (true) {
      const auto entry = cursor->next();
      if (!entry) {
        if (!stage_.reads_may_fail)
          stage_.complain("the history cannot be read: " + entry.error().to_string());
        return false;
      }
      if (!*entry) break;
      const auto& [sequence, change] = **entry;
      if (sequence != seen_ + 1 && stage_.shard.history_edge() + 1 < sequence)
        stage_.complain("the history goes from " + std::to_string(seen_) + " to " + std::to_string(sequence));
      seen_ = sequence;
      fields.push_back(field_of({sequence, change.collection, change.operation, change.revision.to_string(),
                                 std::string(change.id)}));
      if (fields.size() == kSeenInLine) flush(fields);
    }
    flush(fields);
    seen_ = std::max(seen_, cursor->position());
    if (seen_ < told) {
      stage_.complain("told of " + std::to_string(told) + ", the history ends at " + std::to_string(seen_));
      return false;
    }
    return true;
  }

  void flush(std::vector<std::string>& fields) {
    if (!fields.empty()) stage_.log.add("seen", fields);
    fields.clear();
  }

  Stage& stage_;
  Sequence seen_;
};

// A machine that is busy lets timers wait; what depends on them is judged with this in mind.
void watch_lateness(Stage& stage) {
  std::int64_t worst_ms = 20;
  while (!stage.over()) {
    const auto before = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto slept = std::chrono::steady_clock::now() - before;
    const auto late_ms = std::chrono::duration_cast<std::chrono::milliseconds>(slept).count() - 5;
    if (late_ms <= worst_ms) continue;
    worst_ms = late_ms;
    stage.log.add("late", {std::to_string(late_ms)});
  }
}

// Takes what retention lets go, as a scheduler would, all the time.
void maintain(Stage& stage) {
  while (!stage.over()) {
    const auto done = stage.shard.maintain({});
    const bool well = stage.shard.health() && stage.shard.store().health();
    if (!done && well && !stage.reads_may_fail)
      stage.complain("a shard that is well was not maintained: " + done.error().to_string());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// The indexes that every shard of the tests has from its beginning.
void make_indexes(Stage& stage) {
  const auto stored = stored_indexes(stage.shard);
  if (!stored) return;
  for (const char* definition : {"k", "unique u"}) {
    const bool there = std::any_of(stored->begin(), stored->end(),
                                   [&](const auto& index) { return index.second.definition == definition; });
    if (there) continue;
    const auto made = stage.shard.create_index(database::kDefaultCollection, "member", definition);
    if (!made && !stage.shard.health()) stage.sick = true;
  }
}

}  // namespace

Result<std::vector<std::pair<std::uint32_t, database::IndexRecord>>> stored_indexes(database::Shard& shard) {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, shard.store().get(storage::Family::meta, database::keys::kState, buffer));
  if (!found) return Error(ErrorCode::corrupt, "the shard has no state record");
  QUIRE_TRY(const auto state, database::decode_state(buffer.view()));
  std::vector<std::pair<std::uint32_t, database::IndexRecord>> indexes;
  for (std::uint32_t id = 1; id < state.next_index; ++id) {
    const std::string key = database::keys::index_definition(id);
    QUIRE_TRY(const bool stands, shard.store().get(storage::Family::meta, key, buffer));
    if (!stands) continue;
    QUIRE_TRY(auto record, database::decode_index(buffer.view()));
    indexes.emplace_back(id, std::move(record));
  }
  return indexes;
}

void run_workload(Stage& stage, std::uint64_t seed, unsigned writers, Sequence seen) {
  make_indexes(stage);
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < writers; ++thread) {
    threads.emplace_back([&stage, thread, seed] { Writer(stage, thread, seed).run(); });
  }
  threads.emplace_back([&stage, writers, seed] { run_pipelined(stage, writers, seed); });
  threads.emplace_back([&stage, seen] { Follower(stage, seen).run(); });
  threads.emplace_back([&stage] { watch_lateness(stage); });
  if (stage.care) threads.emplace_back([&stage] { maintain(stage); });
  for (auto& thread : threads) thread.join();
}

}  // namespace quire::crash
