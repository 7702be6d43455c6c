#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/executor.h"
#include "replication/testing/memory_store.h"

namespace quire::replication::testing {

struct MemoryReplicaOptions {
  bool tells_lives_apart = true;
  bool takes_records = true;                       // false: forbidden, as of a source that may only be read
  std::chrono::milliseconds sync_time{0};          // from a write to its answer
  std::function<void(const std::string&)> note{};  // what is asked, for a trace or a count
};

// A MemoryStore as a side of a replication. Answers are tasks of the executor; what was not answered when the
// store crashed never is. The store outlives it. One thread.
class MemoryReplica final : public Source, public Target {
 public:
  MemoryReplica(MemoryStore& store, Executor& executor, MemoryReplicaOptions options = {})
      : store_(store), executor_(executor), options_(std::move(options)) {}

  // No question is answered while it is.
  bool deaf = false;

  // The store lost its unsynced state; nobody gets an answer from before.
  void crashed() { ++*life_; }
  // Something may have become durable.
  void look_at_waits();

  std::string key() const override { return "memory:" + store_.id(); }
  void open(const CallLimits& limits, std::string_view checkpoint, Completion<Opened> done) override;
  void write_checkpoint(const CallLimits& limits, std::string_view checkpoint, const StoredCheckpoint& record,
                        Completion<std::string> done) override;

  bool tells_lives_apart() const override { return options_.tells_lives_apart; }
  void changes(const CallLimits& limits, const SourcePosition& since, const ChangesOptions& options,
               Completion<ChangesPage> done) override;
  void fetch(const CallLimits& limits, const std::vector<WantedRevisions>& wanted, std::uint64_t bytes,
             Completion<FetchedRevisions> done) override;
  void open_attachment(const CallLimits& limits, const TravellingRevision& revision,
                       const AttachmentInfo& attachment,
                       Completion<std::unique_ptr<ByteStream>> done) override;

  void missing(const CallLimits& limits, const std::vector<RevisionsOf>& documents,
               Completion<std::vector<MissingOf>> done) override;
  void write(const CallLimits& limits, std::vector<TravellingRevision> revisions,
             const AttachmentOpener& attachments, Completion<WrittenRevisions> done) override;

 private:
  struct Wait {
    SourcePosition since;
    ChangesOptions options;
    Completion<ChangesPage> done;
    std::uint64_t life;
    bool over = false;
  };
  class Writing;

  void note(const std::string& what) const {
    if (options_.note) options_.note(what);
  }
  // Runs the answer later, unless the store has crashed by then.
  void later(Task task);
  void synced(Task task);

  MemoryStore& store_;
  Executor& executor_;
  const MemoryReplicaOptions options_;
  const std::shared_ptr<std::uint64_t> life_ = std::make_shared<std::uint64_t>(1);
  std::list<std::shared_ptr<Wait>> waits_;
};

// Bytes that are there already.
class StringStream final : public ByteStream {
 public:
  explicit StringStream(std::string bytes) : bytes_(std::move(bytes)) {}
  void read(std::size_t most, Completion<std::string> done) override;

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace quire::replication::testing
