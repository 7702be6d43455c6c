#include "database/shard.h"

#include "database/dropped.h"
#include "database/keys.h"
#include "database/local_shard.h"
#include "database/maintenance.h"
#include "database/records.h"

namespace quire::database {

using storage::Family;

// --- opening

Result<std::unique_ptr<Shard>> Shard::open(std::unique_ptr<storage::Store> store,
                                           const Environment& environment, const ShardSettings& settings) {
  auto shard = std::make_unique<LocalShard>(std::move(store), environment, settings);
  QUIRE_TRY_STATUS(shard->start());
  return std::unique_ptr<Shard>(std::move(shard));
}

LocalShard::LocalShard(std::unique_ptr<storage::Store> store, const Environment& environment,
                       const ShardSettings& settings)
    : environment_(environment),
      number_(environment.documents.new_shard()),
      store_(std::move(store)),
      heads_(*store_, environment.documents, number_),
      ids_(environment.clock, environment.random),
      keep_history_(settings.history_ms > 0),
      settings_(settings) {}

LocalShard::~LocalShard() {
  listeners_.closed();
  builder_.reset();
  preparer_.reset();
  checkpoints_.reset();
  committer_.reset();
  blobs_.reset();
  environment_.documents.forget_shard(number_);
}

Status LocalShard::start() {
  collections_.set_revision_limit(settings_.revision_limit);
  QUIRE_TRY(const StateRecord state, load_state());
  QUIRE_TRY_STATUS(collections_.load(*store_));
  QUIRE_TRY_STATUS(indexes_.load(*store_, environment_.index_kinds));
  QUIRE_TRY_STATUS(rules_.load(*store_, collections_, environment_.rule_kinds));
  QUIRE_TRY_STATUS(indexes_.renew(*store_));
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool trimmed, store_->get(Family::meta, keys::kTrim, buffer));
  if (trimmed) {
    QUIRE_TRY(const TrimRecord trim, decode_trim(buffer.view()));
    edge_ = trim.edge;
  }
  for (const CollectionInfo& collection : collections_.list()) raise_edge(edge_, collection.counts.edge);
  QUIRE_TRY(const DroppedCollections dropped, dropped_collections(*store_));
  for (const auto& [id, record] : dropped) raise_edge(edge_, record.edge);
  PurgesRecord purges;
  QUIRE_TRY(const bool purged, store_->get(Family::meta, keys::kPurges, buffer));
  if (purged) {
    QUIRE_TRY(purges, decode_purges(buffer.view()));
  }
  blobs_ = make_blob_store(*store_, environment_.clock);
  committer_ = std::make_unique<Committer>(
      Committer::Parts{*store_, heads_, environment_.documents, collections_, indexes_, rules_, listeners_,
                       environment_.clock, environment_.executor, edge_},
      state, purges.count);
  checkpoints_ = std::make_unique<CheckpointStore>(*store_, *committer_, environment_.clock);
  QUIRE_TRY_STATUS(checkpoints_->load());
  preparer_ = std::make_unique<Preparer>(*store_, heads_, collections_, indexes_, rules_,
                                         committer_->committed(), keep_history_);
  builder_ = std::make_unique<IndexBuilder>(
      IndexBuilder::Parts{*store_, *committer_, collections_, indexes_, environment_.executor});
  builder_->wake();
  return ok();
}

Result<StateRecord> LocalShard::load_state() {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, store_->get(Family::meta, keys::kState, buffer));
  auto last = store_->iterate(Family::history);
  last->seek_for_prev(keys::history(~Sequence{0}));
  const Sequence newest = last->valid() && last->key().front() == 'H' ? keys::sequence_of(last->key()) : 0;
  QUIRE_TRY_STATUS(last->status());
  if (!found) {
    if (newest != 0) return Error(ErrorCode::corrupt, "the shard has a history but no state record");
    return make_first_records();
  }
  QUIRE_TRY(const StateRecord state, decode_state(buffer.view()));
  if (newest > state.sequence)
    return Error(ErrorCode::corrupt, "the history goes past the shard's last sequence");
  return state;
}

Result<StateRecord> LocalShard::make_first_records() {
  const StateRecord state{.incarnation = draw_incarnation(environment_.random, 1)};
  auto batch = store_->make_batch();
  std::string value;
  encode(state, value);
  batch->put(Family::meta, keys::kState, value);
  value.clear();
  encode(CollectionRecord{.name = std::string(kDefaultCollectionName), .settings = {}}, value);
  batch->put(Family::meta, keys::collection(kDefaultCollection), value);
  QUIRE_TRY_STATUS(store_->write(*batch, storage::Sync::disk));
  return state;
}

// --- history

Position LocalShard::position() const { return {committer_->state().incarnation, committer_->durable()}; }

std::unique_ptr<HistoryCursor> LocalShard::history(const HistoryOptions& options) {
  return std::make_unique<HistoryCursor>(*store_, options, committer_->durable());
}

Status LocalShard::begin_incarnation() {
  return committer_->run_job([this](CommitJob& job) {
    job.state.incarnation = draw_incarnation(environment_.random, life_of(job.state.incarnation) + 1);
    return ok();
  });
}

// --- care

Result<std::optional<WallMs>> LocalShard::maintain(const CallLimits& limits) {
  const std::lock_guard lock(maintenance_mutex_);
  ShardSettings settings;
  {
    const std::lock_guard inner(settings_mutex_);
    settings = settings_;
  }
  return Maintenance(maintenance_parts(), settings, limits).run();
}

Maintenance::Parts LocalShard::maintenance_parts() {
  const auto write_edits = [this](std::vector<Edit> edits) { return write(std::move(edits), {}, {}); };
  return {*store_,  heads_,      *committer_,        collections_, *blobs_,
          indexes_, write_edits, environment_.clock, edge_};
}

Status LocalShard::compact(const CallLimits& limits) {
  const std::lock_guard lock(maintenance_mutex_);
  ShardSettings settings;
  {
    const std::lock_guard inner(settings_mutex_);
    settings = settings_;
  }
  return Maintenance(maintenance_parts(), settings, limits).compact();
}

void LocalShard::set_settings(const ShardSettings& settings) {
  const std::lock_guard lock(settings_mutex_);
  settings_ = settings;
  keep_history_ = settings.history_ms > 0;
  collections_.set_revision_limit(settings.revision_limit);
}

}  // namespace quire::database
