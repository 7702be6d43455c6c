#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "replication/backoff.h"
#include "replication/batch_size.h"
#include "replication/checkpoint.h"
#include "replication/guarded_call.h"
#include "replication/progress.h"
#include "replication/replicator.h"
#include "replication/strand.h"

namespace quire::replication {

// A page of changes on its way to the target.
struct Batch {
  std::vector<ChangedDocument> rows;
  SourcePosition next;
  bool at_end = false;
  bool full = false;  // as many rows as were asked for
  std::uint64_t number = 0;
  SteadyTime began;

  // Questions after missing revisions that are not answered yet; all rows have been asked about.
  std::size_t asking = 0;
  std::size_t asked_to = 0;  // rows
  std::vector<WantedRevisions> wanted;
  std::size_t fetched_to = 0;              // of `wanted`: requests were made for
  std::size_t fetching = 0;                // requests under way
  std::deque<TravellingRevision> fetched;  // not yet written
  std::uint64_t fetched_bytes = 0;         // of these
  std::uint64_t bytes = 0;                 // of all

  bool scouted() const { return asking == 0 && asked_to == rows.size(); }
  bool carried() const {
    return scouted() && fetched_to == wanted.size() && fetching == 0 && fetched.empty();
  }
};

// One run of a replicator: a state machine. Everything that happens to it is a task of its strand, and every
// answer that comes from before a failure is dropped there. pump() looks at what there is and begins what may
// begin:
//
//   opening --> running: changes -> missing -> fetch -> write -> (checkpoint) for each batch in order,
//      ^           |     reading ahead by kBatchesAhead batches
//      |           v
//      +------- retrying, after any failure of a side
class ReplicationRun : public std::enable_shared_from_this<ReplicationRun> {
 public:
  ReplicationRun(const ReplicatorParts& parts, std::shared_ptr<Source> source, std::shared_ptr<Target> target,
                 ReplicatorOptions options);

  void start(Completion<Progress> done);
  void cancel();
  // Ends it without a last record: nobody waits for it any more.
  void let_go();
  Progress progress() const;
  void watch(std::chrono::milliseconds every, std::function<void(const Progress&)> watcher);

 private:
  // --- the start: run_open.cc
  void open();
  void opened_target(Result<Opened> answer);
  void opened_source(Result<Opened> answer);
  void begin_from(const std::optional<SourcePosition>& place);

  // --- what is missing: run_scout.cc
  void read_changes();
  void took_changes(Result<ChangesPage> answer);
  void look_for_missing(Batch& batch);
  void took_missing(std::uint64_t batch, std::size_t first, Result<std::vector<MissingOf>> answer);
  Batch* batch_of(std::uint64_t number);

  // --- fetch, write, checkpoint: run_carry.cc
  bool fetch_more();
  void fetch_some(Batch& batch);
  void took_revisions(std::uint64_t batch, std::vector<WantedRevisions> wanted,
                      Result<FetchedRevisions> answer);
  void write_some();
  void took_written(const std::shared_ptr<std::vector<TravellingRevision>>& group, std::uint64_t bytes,
                    Result<WrittenRevisions> answer);
  AttachmentOpener attachments_of(std::shared_ptr<const std::vector<TravellingRevision>> group,
                                  std::shared_ptr<std::weak_ptr<CallGuard>> guard);
  bool record_first(const Batch& batch) const;
  void finish_batches();
  bool checkpoint_due() const;
  void write_checkpoint();
  void took_target_checkpoint(Result<std::string> answer);
  void took_source_checkpoint(Result<std::string> answer);
  void recorded();

  // --- what holds it together: replication_run.cc
  void pump();
  void fail(Error error);
  void retry(const Error& error);
  void reset_history();
  void forget_what_is_under_way();
  void end(RunState state, std::optional<Error> error);
  void note_failure(const DocumentName& name, const document::Revision& revision, Error error);
  void set_state(RunState state);
  void note_behind();
  void look_later_for_checkpoint();
  void tell();
  void tell_now();

  // A call of a side, with a guard against one that never answers. The answer is a task of the strand, and is
  // dropped where the run has failed or ended since.
  template <class T>
  std::shared_ptr<CallGuard> call(std::chrono::milliseconds time, Completion<T> done,
                                  const std::function<void(const CallLimits&, Completion<T>)>& begin);

  const ReplicatorParts parts_;
  const std::shared_ptr<Source> source_;
  const std::shared_ptr<Target> target_;
  const ReplicatorOptions options_;
  const std::shared_ptr<Strand> strand_;
  const std::string name_;  // of the checkpoint
  const bool both_keep_records_;

  // What follows belongs to the strand.
  Completion<Progress> done_;
  bool over_ = false;
  bool cancelling_ = false;
  bool ready_ = false;       // both sides are open
  std::uint64_t epoch_ = 0;  // grows with each failure
  std::vector<std::weak_ptr<CallGuard>> guards_;

  std::string session_;
  std::string source_id_;
  std::string target_id_;
  Opened opened_target_;
  Checkpoint target_record_;
  Checkpoint source_record_;
  std::string target_record_revision_;
  std::string source_record_revision_;
  bool source_takes_records_ = true;

  std::deque<Batch> batches_;
  std::uint64_t last_batch_ = 0;
  SourcePosition read_to_;     // behind the newest batch
  SourcePosition written_to_;  // durable at the target
  SourcePosition recorded_to_;
  SourcePosition recording_to_;  // what the checkpoint under way says; and what is unrecorded before it
  std::uint64_t recording_rows_ = 0;
  std::uint64_t recording_bytes_ = 0;
  bool reading_ = false;
  bool source_at_end_ = false;
  bool writing_ = false;
  bool recording_ = false;
  std::size_t fetching_ = 0;
  std::uint64_t held_bytes_ = 0;
  std::uint64_t unrecorded_rows_ = 0;
  std::uint64_t unrecorded_bytes_ = 0;
  SteadyTime recorded_at_{};
  Executor::TimerId checkpoint_timer_ = 0;

  Backoff backoff_;
  BatchSize size_;
  unsigned resets_in_a_row_ = 0;

  mutable std::mutex mutex_;
  Progress progress_;                       // guarded by mutex_
  std::optional<SteadyTime> behind_since_;  // guarded by mutex_

  std::chrono::milliseconds tell_every_{0};
  std::function<void(const Progress&)> watcher_;
  SteadyTime told_at_{};
  bool tell_timer_ = false;
};

}  // namespace quire::replication
