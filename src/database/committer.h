#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/executor.h"
#include "database/collections.h"
#include "database/head_reader.h"
#include "database/history.h"
#include "database/indexes.h"
#include "database/prepared_change.h"
#include "database/rules.h"
#include "storage/store.h"

namespace quire::database {

// What a job may do between two rounds, alone: nothing is being committed meanwhile, and what it puts in the
// batch is applied, with the state, as one.
class CommitJob {
 public:
  storage::Batch& batch;
  StateRecord& state;

  // Takes a sequence and a time, and adds the entry to the history.
  Sequence record(const HistoryEntry& entry);
  // Replaces a document's head without a change of its own (a trimmed tombstone); `before` is what it was.
  void rewrite_head(CollectionId collection, std::string_view id, std::string_view before,
                    std::string record);
  // Whether a document has changed since a state of the shard that reached `seen`, in which its head said
  // `base`. `slot` is slot_of() it.
  Result<bool> has_moved(CollectionId collection, std::string_view id, std::uint64_t slot, Sequence seen,
                         Sequence base) const;
  // Runs after the batch is applied, before anybody else commits.
  void after(std::function<void()> step) { after_.push_back(std::move(step)); }

 private:
  friend class Committer;
  CommitJob(storage::Batch& into, StateRecord& at, WallMs now, const std::vector<Sequence>& recent,
            const HeadReader& heads)
      : batch(into), state(at), now_(now), recent_(recent), heads_(heads) {}

  struct Rewrite {
    CollectionId collection;
    std::string id;
    std::string record;
  };
  WallMs now_;
  const std::vector<Sequence>& recent_;
  const HeadReader& heads_;
  std::vector<Rewrite> rewrites_;
  std::vector<std::function<void()>> after_;
};

// What a caller hands to the committer, and what became of it. The caller reads the lower half after it
// finished.
struct CommitUnit {
  std::vector<PreparedChange> changes;
  bool atomic = false;
  bool to_disk = true;
  Fence fence;                               // of changes
  std::optional<std::uint64_t> collections;  // as in WriteOptions
  std::string request_id;                    // with one item a change
  struct RequestItem {
    std::uint32_t number = 0;
    std::string fingerprint;
    std::vector<std::uint32_t> also{};  // further numbers that get the same answer
  };
  std::vector<RequestItem> items;
  std::function<Status(CommitJob&)> job;  // instead of changes
  std::function<void()> finished;         // called once on the committing thread; empty: somebody waits

  enum class Outcome : std::uint8_t {
    committed,  // the change's result holds the sequence; also what an earlier try with the request id was
                // answered
    moved,      // prepare it again
    failed,     // see error
    waiting,    // of an atomic unit whose other changes failed or moved
  };
  std::vector<Outcome> outcomes;
  std::vector<std::optional<Error>> errors;
  Status status = ok();  // of the whole: not ok where nothing was even tried

  // Between the committer and whoever waits.
  enum class State : int { queued, leads, finished };  // as wide as a futex
  std::atomic<State> state{State::queued};
};

// Takes the changes that have queued up and commits them together: one look at each, one batch, one fsync.
// There is no thread of its own: a caller that finds nobody committing leads a round, with what others queued
// meanwhile, and hands on; where nobody waits, the executor leads. Nobody waits for the executor, all of
// whose threads may be waiting here. Thread-safe.
//
// Order: sequences are given in the order of the queue; readers and followers see a round only after it was
// applied, followers only after it was synced.
class Committer {
 public:
  struct Parts {
    storage::Store& store;
    const HeadReader& heads;
    DocumentCache& cache;
    Collections& collections;
    Indexes& indexes;
    Rules& rules;
    ChangeListeners& listeners;
    const Clock& clock;
    Executor& executor;
    std::atomic<Sequence>& edge;  // of the history; raised before what lies below it goes
  };
  Committer(const Parts& parts, const StateRecord& state, std::uint64_t purges);
  // Waits until the queue is empty; then syncs what is not on disk.
  ~Committer();

  // Returns when the unit has finished.
  void run(const std::shared_ptr<CommitUnit>& unit);
  // Returns at once; unit->finished is called.
  void submit(std::shared_ptr<CommitUnit> unit);
  Status run_job(std::function<Status(CommitJob&)> job, bool to_disk = true);

  const std::atomic<Sequence>& committed() const { return committed_; }
  Sequence durable() const { return durable_.load(std::memory_order_acquire); }
  // Readers may see what a crash of the machine would take back.
  bool owes_sync() const { return lent_.load() > durable_.load(); }
  // What readers have seen by now is on disk when this returns. Errors: io, read_only.
  Status sync_seen();
  StateRecord state() const;
  // How many purges there have been.
  std::uint64_t purges() const { return purges_.load(std::memory_order_acquire); }
  // Why writes are refused, or ok.
  Status health() const;

 private:
  using Round = std::vector<std::shared_ptr<CommitUnit>>;
  struct Applied;

  // Whether the caller has to lead.
  bool enqueue(const std::shared_ptr<CommitUnit>& unit);
  void post_lead();  // under the lock
  void lead();
  Round take_round();
  void commit(Round& round);
  void commit_changes(Round& round);
  void commit_job(CommitUnit& unit);
  void judge(CommitUnit& unit, Applied& applied);
  CommitUnit::Outcome check(CommitUnit& unit, std::size_t index, Applied& applied);
  Status check_unique(const PreparedChange& change, const Applied& applied);
  Result<bool> is_taken(const PreparedChange& change, const std::string& prefix, const Applied& applied);
  Status check_blobs(const PreparedChange& change);
  Result<bool> answered_before(CommitUnit& unit, std::size_t index);
  void apply(CommitUnit& unit, std::size_t index, Applied& applied);
  void mark(Sequence sequence, const SupersededRecord& superseded);
  void remember_answer(const CommitUnit& unit, std::size_t index, const Applied& applied);
  Status write(Applied& applied, bool to_disk);
  void fail(Round& round, const Error& error);
  void stop(const Error& error);
  void publish(bool to_disk);
  void schedule_sync();
  void sync_now();
  Status sync();

  Parts parts_;
  std::unique_ptr<storage::Batch> batch_;  // of whoever leads
  StateRecord state_;                      // of whoever leads
  std::vector<Sequence> recent_;           // of whoever leads: the last sequence of a slot
  std::atomic<Sequence> committed_;
  std::atomic<Sequence> durable_;
  std::atomic<Sequence> lent_;         // the last one that readers may have seen before its sync
  std::atomic<std::uint64_t> purges_;  // written by whoever leads

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<std::shared_ptr<CommitUnit>> queue_;  // guarded by mutex_
  bool leading_ = false;                           // guarded by mutex_
  // Of the last round that the executor was asked to lead; whoever sets it leads. Guarded by mutex_.
  std::shared_ptr<std::atomic_flag> posted_lead_;
  StateRecord published_;                        // guarded by mutex_: state_ after the last round
  Status health_ = ok();                         // guarded by mutex_
  std::optional<Executor::TimerId> sync_timer_;  // guarded by mutex_
  int syncing_ = 0;                              // guarded by mutex_
};

}  // namespace quire::database
