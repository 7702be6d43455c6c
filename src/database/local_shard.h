#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "database/blob_store.h"
#include "database/checkpoint_store.h"
#include "database/committer.h"
#include "database/index_builder.h"
#include "database/maintenance.h"
#include "database/preparer.h"
#include "database/shard.h"
#include "database/write_call.h"

namespace quire::database {

// The shard of shard.h over one store, put together from its parts. They are destroyed from the last to the
// first: the committer waits for its queue while everything below it is still there.
class LocalShard final : public Shard {
 public:
  LocalShard(std::unique_ptr<storage::Store> store, const Environment& environment,
             const ShardSettings& settings);
  ~LocalShard() override;
  Status start();

  Result<StoredDocument> get(CollectionId collection, std::string_view id,
                             const GetOptions& options) override;
  Result<std::optional<StoredDocument>> head(CollectionId collection, std::string_view id) override;
  Status read_heads_ahead(CollectionId collection, std::span<const std::string_view> ids) override {
    return heads_.read_ahead(collection, ids);
  }
  Result<std::string> tree(CollectionId collection, std::string_view id) override;
  Result<std::unique_ptr<DocumentView>> document(CollectionId collection, std::string_view id) override;
  Status list(CollectionId collection, const ListOptions& options, const CallLimits& limits,
              const Visitor& visit) override;
  Result<std::unique_ptr<ReadView>> view() override;
  Result<WriteResult> write(std::vector<Edit> edits, const WriteOptions& options,
                            const CallLimits& limits) override;
  void write_async(std::vector<Edit> edits, const WriteOptions& options, const CallLimits& limits,
                   std::function<void(Result<WriteResult>)> done) override;
  Result<std::vector<AnsweredItem>> answered(std::string_view request_id) override;
  Status settle() override;
  Status sync_seen() override;

  const Collections& collections() const override { return collections_; }
  Result<CollectionInfo> create_collection(std::string_view name, const CollectionSettings& settings,
                                           const Fence& fence) override;
  Status drop_collection(std::string_view name, const Fence& fence) override;

  Status set_rule(CollectionId collection, std::string_view kind, std::string_view definition,
                  const Fence& fence) override;
  Status drop_rule(CollectionId collection, const Fence& fence) override;
  std::optional<OpenRule> rule(CollectionId collection) const override { return rules_.find(collection); }

  Position position() const override;
  Sequence history_edge() const override { return edge_.load(std::memory_order_acquire); }
  std::unique_ptr<HistoryCursor> history(const HistoryOptions& options) override;
  ChangeListeners& listeners() override { return listeners_; }
  std::uint64_t purges() const override { return committer_->purges(); }

  Result<std::uint32_t> create_index(CollectionId collection, std::string_view kind,
                                     std::string_view definition, const Fence& fence) override;
  Status drop_index(std::uint32_t index, const Fence& fence) override;
  std::vector<IndexInfo> indexes() const override;
  Status wait_for_index(std::uint32_t index, const CallLimits& limits) override;
  Result<std::uint64_t> estimate_entries(std::uint32_t index, const EntryRange& range) override;
  Status scan_index(std::uint32_t index, std::string_view begin, std::string_view end,
                    const std::function<bool(std::string_view, std::string_view)>& visit) override;

  BlobStore& blobs() override { return *blobs_; }
  CheckpointStore& checkpoints() override { return *checkpoints_; }
  Result<std::optional<WallMs>> maintain(const CallLimits& limits) override;
  Status compact(const CallLimits& limits) override;
  storage::Store& store() override { return *store_; }
  Status health() const override { return committer_->health(); }
  bool busy() const override { return builder_->busy(); }
  bool expires() const override;
  void set_settings(const ShardSettings& settings) override;
  Status begin_incarnation() override;

 private:
  Result<StateRecord> load_state();
  Result<StateRecord> make_first_records();
  WriteCall::Parts write_parts() {
    return {*preparer_, *committer_, *store_, environment_.clock, ids_, environment_.executor};
  }
  static void erase_index(storage::Batch& batch, std::uint32_t index);
  Result<bool> has_ids_below(const std::string& prefix) const;
  Maintenance::Parts maintenance_parts();
  template <class Read>
  auto with_head(CollectionId collection, std::string_view id, const Read& read)
      -> decltype(read(std::declval<const RecordRef&>()));
  Result<StoredDocument> revision(CollectionId collection, std::string_view id,
                                  const document::Revision& wanted, const RecordRef& head);

  const Environment environment_;
  const std::uint64_t number_;  // of this opening, in the cache
  std::unique_ptr<storage::Store> store_;
  HeadReader heads_;
  Collections collections_;
  Indexes indexes_;
  Rules rules_;
  ChangeListeners listeners_;
  document::ObjectIdMaker ids_;
  std::atomic<bool> keep_history_;
  std::atomic<Sequence> edge_{0};
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<CheckpointStore> checkpoints_;
  std::unique_ptr<Preparer> preparer_;
  std::unique_ptr<IndexBuilder> builder_;
  std::mutex maintenance_mutex_;  // held through a round of care
  mutable std::mutex settings_mutex_;
  ShardSettings settings_;  // guarded by settings_mutex_
};

}  // namespace quire::database
