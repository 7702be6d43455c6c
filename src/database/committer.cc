#include "database/committer.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "database/keys.h"
#include "database/tombstone.h"
#include "database/tuning.h"

// A change was prepared against what was visible at sequence `seen`. Whether its document has moved since is
// told by a table of slots, each the last sequence that was given to a document that falls in it: a slot not
// past `seen` proves that it has not. A slot that is past it may be another document's, so the head is read
// again; in the round itself, the documents that it changed are looked through.
//
// Two changes of one document in one round: the second one goes back to its caller, to be prepared on the
// first.

namespace quire::database {

using storage::Family;
using Outcome = CommitUnit::Outcome;

namespace {
std::uint64_t next_time(StateRecord& state, WallMs now) {
  const std::uint64_t wall = static_cast<std::uint64_t>(std::max<WallMs>(now, 0)) << 16;
  return state.time = std::max(wall, state.time + 1);
}

Error refused(const Status& health) {
  if (health.error().code() == ErrorCode::exhausted) return health.error();
  return Error(ErrorCode::read_only, "the database takes no writes: " + health.error().message());
}
}  // namespace

Sequence CommitJob::record(const HistoryEntry& entry) {
  std::string value;
  encode(entry, value);
  set_time(value, ++state.sequence, next_time(state, now_));
  batch.put(Family::history, keys::history(state.sequence), value);
  return state.sequence;
}

Result<bool> CommitJob::has_moved(CollectionId collection, std::string_view id, std::uint64_t slot,
                                  Sequence seen, Sequence base) const {
  if (recent_.empty() || recent_[slot % recent_.size()] <= seen) return false;
  QUIRE_TRY(const RecordRef record, heads_.read(collection, id));
  if (!record) return true;
  QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
  return head.sequence != base;
}

void CommitJob::rewrite_head(CollectionId collection, std::string_view id, std::string_view before,
                             std::string record) {
  std::string old;
  std::string tombstone;
  const bool was_apart = to_tombstone(before, old);
  const bool apart = to_tombstone(record, tombstone);
  if (apart) {
    batch.put(Family::tombstones, keys::tombstone(collection, id), tombstone);
    if (!was_apart) batch.erase(Family::documents, keys::head(collection, id));
  } else {
    batch.put(Family::documents, keys::head(collection, id), record);
    if (was_apart) batch.erase(Family::tombstones, keys::tombstone(collection, id));
  }
  rewrites_.push_back({collection, std::string(id), std::move(record)});
}

// What a round has put together so far.
struct Committer::Applied {
  Sequence first = 0;  // the first sequence of the round
  WallMs now = 0;
  std::uint64_t purges = 0;
  std::map<CollectionId, Counts> counts;
  std::unordered_set<std::string> unique_keys;
  std::unordered_set<std::string> freed;  // entries of unique indexes that go with the round
  std::unordered_set<std::string> requests;
  struct Head {
    CollectionId collection;
    std::string_view id;      // in the change
    std::string_view record;  // in the change
  };
  std::vector<Head> heads;

  // Asked where the slot of a change was taken in this round: seldom, so that a walk will do.
  bool has(const PreparedChange& change) const {
    return std::any_of(heads.begin(), heads.end(), [&](const Head& head) {
      return head.id == change.result.id && head.collection == change.collection;
    });
  }
};

Committer::Committer(const Parts& parts, const StateRecord& state, std::uint64_t purges)
    : parts_(parts),
      batch_(parts.store.make_batch()),
      state_(state),
      committed_(state.sequence),
      durable_(state.sequence),
      lent_(state.sequence),
      purges_(purges),
      published_(state) {}

Committer::~Committer() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return !leading_ && queue_.empty(); });
  if (sync_timer_ && parts_.executor.cancel(*sync_timer_)) {
    sync_timer_.reset();
    --syncing_;
  }
  idle_.wait(lock, [this] { return syncing_ == 0; });
  const bool owes = durable_.load() < committed_.load() && health_.has_value();
  lock.unlock();
  if (owes) (void)parts_.store.sync();  // nobody was promised more; a failure shows at the next open
}

StateRecord Committer::state() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

Status Committer::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

// --- the queue

bool Committer::enqueue(const std::shared_ptr<CommitUnit>& unit) {
  const std::lock_guard lock(mutex_);
  unit->outcomes.assign(unit->changes.size(), Outcome::failed);
  unit->errors.assign(unit->changes.size(), std::nullopt);
  if (!health_) {
    unit->status = refused(health_);
  } else if (!parts_.indexes.missing_maker() && !unit->job) {
    unit->status = parts_.indexes.missing_maker();
  } else if (!parts_.rules.missing_maker() && !unit->job) {
    unit->status = parts_.rules.missing_maker();
  } else if (queue_.size() >= tuning::kQueueUnits) {
    unit->status =
        Error(ErrorCode::exhausted, "too many writes are waiting; try again later").over(tuning::kQueueUnits);
  }
  if (!unit->status) {
    unit->state = CommitUnit::State::finished;
    return false;
  }
  queue_.push_back(unit);
  const bool nobody_leads = !std::exchange(leading_, true);
  const bool waits = !unit->finished;
  if (nobody_leads && !waits) post_lead();
  return waits && (nobody_leads || (posted_lead_ && !posted_lead_->test_and_set()));
}

// As long as the flag is not set somebody leads, for which the destructor waits; the task of a flag that is
// set may run later than that.
void Committer::post_lead() {
  posted_lead_ = std::make_shared<std::atomic_flag>();
  parts_.executor.post([this, posted = posted_lead_] {
    if (!posted->test_and_set()) lead();
  });
}

void Committer::run(const std::shared_ptr<CommitUnit>& unit) {
  if (enqueue(unit)) unit->state = CommitUnit::State::leads;
  for (;;) {
    unit->state.wait(CommitUnit::State::queued);
    if (unit->state == CommitUnit::State::finished) return;
    unit->state = CommitUnit::State::queued;  // the round may end before this unit
    lead();
  }
}

void Committer::submit(std::shared_ptr<CommitUnit> unit) {
  enqueue(unit);
  if (unit->state == CommitUnit::State::finished && !unit->status) unit->finished();
}

Status Committer::run_job(std::function<Status(CommitJob&)> job, bool to_disk) {
  auto unit = std::make_shared<CommitUnit>();
  unit->job = std::move(job);
  unit->to_disk = to_disk;
  run(unit);
  return unit->status;
}

// One round, then on to whoever is next. On entry nobody else leads.
void Committer::lead() {
  Round round = take_round();
  commit(round);
  for (const auto& unit : round) {
    if (unit->finished) {
      unit->finished();
    } else {
      unit->state = CommitUnit::State::finished;
      unit->state.notify_one();
    }
  }
  std::shared_ptr<CommitUnit> next;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      leading_ = false;
      idle_.notify_all();
      return;
    }
    const auto waits =
        std::find_if(queue_.begin(), queue_.end(), [](const auto& unit) { return !unit->finished; });
    if (waits == queue_.end()) return post_lead();
    next = *waits;
  }
  next->state = CommitUnit::State::leads;
  next->state.notify_one();
}

Committer::Round Committer::take_round() {
  const std::lock_guard lock(mutex_);
  Round round;
  std::size_t changes = 0;
  std::size_t bytes = 0;
  while (!queue_.empty()) {
    const CommitUnit& unit = *queue_.front();
    const bool alone = unit.job != nullptr;
    if (!round.empty() && (alone || unit.to_disk != round.front()->to_disk)) break;
    changes += unit.changes.size();
    for (const PreparedChange& change : unit.changes) bytes += change.size();
    if (!round.empty() && (changes > tuning::kRoundChanges || bytes > tuning::kRoundBytes)) break;
    round.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (alone) break;
  }
  return round;
}

// --- a round

void Committer::commit(Round& round) {
  batch_->clear();
  if (Status health = this->health(); !health) {
    fail(round, refused(health));
  } else if (round.front()->job) {
    commit_job(*round.front());
  } else {
    commit_changes(round);
  }
}

void Committer::commit_changes(Round& round) {
  if (recent_.empty()) recent_.resize(tuning::kRecentSlots);
  const StateRecord before = state_;
  Applied applied;
  applied.first = state_.sequence + 1;
  applied.now = parts_.clock.wall_ms();
  for (const auto& unit : round) judge(*unit, applied);
  if (batch_->empty()) return;
  const bool to_disk = round.front()->to_disk;
  if (Status written = write(applied, to_disk); !written) {
    state_ = before;
    fail(round, written.error());
    return;
  }
  for (const auto& [collection, counts] : applied.counts) parts_.collections.set_counts(collection, counts);
  publish(to_disk);
}

// Decides what becomes of each change of a unit, and applies those that can be.
void Committer::judge(CommitUnit& unit, Applied& applied) {
  if (!unit.fence.holds()) {
    unit.errors.assign(unit.changes.size(), fence_moved());
    return;
  }
  if (unit.collections && *unit.collections != parts_.collections.version()) {
    unit.status = collections_moved();
    return;
  }
  if (!unit.atomic) {
    for (std::size_t i = 0; i < unit.changes.size(); ++i) {
      unit.outcomes[i] = check(unit, i, applied);
      if (unit.outcomes[i] == Outcome::committed) apply(unit, i, applied);
    }
    return;
  }
  // What one change of the unit gives up another one may take, whatever their order.
  for (const PreparedChange& change : unit.changes)
    applied.freed.insert(change.freed.begin(), change.freed.end());
  bool all = true;
  for (std::size_t i = 0; i < unit.changes.size(); ++i) {
    unit.outcomes[i] = check(unit, i, applied);
    all = all && unit.outcomes[i] == Outcome::committed;
  }
  for (std::size_t i = 0; i < unit.changes.size(); ++i) {
    if (!all) {
      for (const auto& key : unit.changes[i].freed) applied.freed.erase(key);
    }
    if (all) {
      apply(unit, i, applied);
    } else if (unit.outcomes[i] == Outcome::committed) {
      unit.outcomes[i] = Outcome::waiting;
      for (const auto& key : unit.changes[i].unique_keys) applied.unique_keys.erase(key.prefix);
    }
  }
}

Outcome Committer::check(CommitUnit& unit, std::size_t index, Applied& applied) {
  PreparedChange& change = unit.changes[index];
  const auto failed = [&](Error error) {
    unit.errors[index] = std::move(error);
    return Outcome::failed;
  };
  if (!unit.request_id.empty()) {
    // Two tries in one round: the second one waits for the first one's answer.
    const std::string key = keys::request(unit.request_id, unit.items[index].number);
    if (applied.requests.contains(key)) return Outcome::moved;
    Result<bool> answered = answered_before(unit, index);
    if (!answered) return failed(answered.error());
    if (*answered) return Outcome::committed;
    applied.requests.insert(key);
  }
  if (change.nothing && !change.pinned) return Outcome::committed;
  if (!parts_.collections.settings(change.collection)) {
    return failed(Error(ErrorCode::not_found, "the collection was dropped").at("collection"));
  }
  if (change.collections_version != parts_.collections.version() && change.collection == kDefaultCollection) {
    return Outcome::moved;
  }
  if (!change.nothing && change.indexes_version != parts_.indexes.version()) return Outcome::moved;
  if (!change.nothing && change.rules_version != parts_.rules.version()) return Outcome::moved;
  const Sequence last = recent_[change.slot % recent_.size()];
  if (last >= applied.first && applied.has(change)) return Outcome::moved;
  if (last > change.seen) {
    Result<RecordRef> record = parts_.heads.read(change.collection, change.result.id);
    if (!record) return failed(record.error());
    Sequence base = 0;
    if (*record) {
      Result<HeadRecord> head = decode_head(record->view());
      if (!head) return failed(head.error());
      base = head->sequence;
    }
    if (base != change.base) return Outcome::moved;
  }
  if (change.nothing) return Outcome::committed;
  if (Status unique = check_unique(change, applied); !unique) return failed(unique.error());
  if (Status blobs = check_blobs(change); !blobs) return failed(blobs.error());
  for (const auto& key : change.unique_keys) applied.unique_keys.insert(key.prefix);
  return Outcome::committed;
}

Status Committer::check_unique(const PreparedChange& change, const Applied& applied) {
  for (const PreparedChange::UniqueKey& key : change.unique_keys) {
    QUIRE_TRY(const bool taken, is_taken(change, key.prefix, applied));
    if (!taken) continue;
    const auto index = parts_.indexes.find(key.index);
    const std::string name = index ? index->hook->name() : std::string();
    return Error(ErrorCode::conflict, "another document has the same value under the unique index" +
                                          (name.empty() ? name : " '" + name + "'") + ", so '" +
                                          change.result.id + "' was not written")
        .at("unique");
  }
  return ok();
}

// By a document of this round, or by one that is there and does not give it up in this round.
Result<bool> Committer::is_taken(const PreparedChange& change, const std::string& prefix,
                                 const Applied& applied) {
  if (applied.unique_keys.contains(prefix)) return true;
  auto it = parts_.store.iterate(Family::index, {.upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    if (it->key().substr(prefix.size()) == change.result.id) continue;
    if (!applied.freed.contains(std::string(it->key()))) return true;
  }
  QUIRE_TRY_STATUS(it->status());
  return false;
}

Status Committer::check_blobs(const PreparedChange& change) {
  storage::ReadBuffer buffer;
  for (const std::string& digest : change.blobs) {
    QUIRE_TRY(const bool found, parts_.store.get(Family::blobs, keys::blob(digest), buffer));
    if (!found) {
      return Error(ErrorCode::precondition, "an attachment's bytes are not here; send them first")
          .at("attachments");
    }
  }
  return ok();
}

Result<bool> Committer::answered_before(CommitUnit& unit, std::size_t index) {
  const CommitUnit::RequestItem& item = unit.items[index];
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found,
            parts_.store.get(Family::meta, keys::request(unit.request_id, item.number), buffer));
  if (!found) return false;
  QUIRE_TRY(RequestRecord record, decode_request(buffer.view()));
  if (record.fingerprint != item.fingerprint) {
    return request_id_reused();
  }
  unit.changes[index].result = std::move(record.result);
  unit.changes[index].nothing = true;
  unit.changes[index].pinned = false;
  return true;
}

void Committer::apply(CommitUnit& unit, std::size_t index, Applied& applied) {
  PreparedChange& change = unit.changes[index];
  if (change.nothing) {
    // What was looked at and left as it was is part of the answer that a retry gets.
    if (change.pinned) remember_answer(unit, index, applied);
    return;
  }
  storage::Batch& batch = *batch_;
  const Sequence sequence = ++state_.sequence;
  const std::uint64_t time = next_time(state_, applied.now);
  change.result.sequence = sequence;
  if (!unit.atomic) applied.freed.insert(change.freed.begin(), change.freed.end());
  for (const auto& multikey : change.multikey) multikey->store(true, std::memory_order_release);
  recent_[change.slot % recent_.size()] = sequence;

  set_time(change.history_record, sequence, time);
  if (!change.head_record.empty()) set_sequence(change.head_record, sequence);
  if (change.head_record.empty()) {
    // No document names the entry, so that it is nobody's last change: the trimmer takes it with the others.
    mark(sequence, {.by = sequence, .time = time});
  } else if (change.tombstone.empty()) {
    batch.put(Family::documents, change.head_key, change.head_record);
  } else {
    set_tombstone_sequence(change.tombstone, sequence);
    batch.put(Family::tombstones, change.head_key, change.tombstone);
  }
  batch.put(Family::history, keys::history(sequence), change.history_record);
  Sequence gone = 0;
  if (change.base != 0 && change.keep_history) {
    mark(change.base, {.by = sequence, .time = time, .bytes = change.kept_bytes, .hash = change.superseded});
  } else if (change.base != 0) {
    batch.erase(Family::history, keys::history(change.base));
    gone = change.base;
  }
  for (const auto& put : change.puts) batch.put(put.family, put.key, put.value);
  for (const auto& erase : change.erases) batch.erase(erase.family, erase.key);
  applied.purges += change.purge ? 1 : 0;
  remember_answer(unit, index, applied);
  auto [counts, fresh] = applied.counts.try_emplace(change.collection);
  if (fresh) counts->second = parts_.collections.find(change.collection)->counts;
  counts->second.documents += static_cast<std::uint64_t>(change.documents);
  counts->second.deleted += static_cast<std::uint64_t>(change.deleted);
  counts->second.bytes += static_cast<std::uint64_t>(change.bytes);
  counts->second.edge = std::max(counts->second.edge, gone);
  state_.garbage_bytes += change.garbage_bytes;
  state_.kept_bytes += change.kept_bytes;
  applied.heads.push_back({change.collection, change.result.id, change.head_record});
}

void Committer::mark(Sequence sequence, const SupersededRecord& superseded) {
  std::string value;
  encode(superseded, value);
  batch_->put(Family::history, keys::superseded(sequence), value);
}

void Committer::remember_answer(const CommitUnit& unit, std::size_t index, const Applied& applied) {
  if (unit.request_id.empty()) return;
  const CommitUnit::RequestItem& item = unit.items[index];
  std::string value;
  encode(RequestRecord{item.fingerprint, unit.changes[index].result}, value);
  batch_->put(Family::meta, keys::request(unit.request_id, item.number), value);
  for (const std::uint32_t number : item.also)
    batch_->put(Family::meta, keys::request(unit.request_id, number), value);
  batch_->put(Family::meta, keys::request_expiry(applied.now + tuning::kRequestIdMs, unit.request_id), {});
}

Status Committer::write(Applied& applied, bool to_disk) {
  std::string value;
  for (const auto& [collection, counts] : applied.counts) {
    raise_edge(parts_.edge, counts.edge);
    value.clear();
    encode(counts, value);
    batch_->put(Family::meta, keys::counts(collection), value);
  }
  value.clear();
  encode(state_, value);
  batch_->put(Family::meta, keys::kState, value);
  if (applied.purges != 0) {
    value.clear();
    encode(PurgesRecord{purges_ + applied.purges}, value);
    batch_->put(Family::meta, keys::kPurges, value);
  }

  std::vector<DocumentCache::Key> cached;
  cached.reserve(applied.heads.size());
  for (const auto& head : applied.heads) {
    cached.push_back(parts_.heads.cache_key(head.collection, head.id));
    parts_.cache.begin_write(cached.back());
  }
  if (!to_disk) lent_.store(state_.sequence);
  Status written = parts_.store.write(*batch_, to_disk ? storage::Sync::disk : storage::Sync::none);
  for (std::size_t i = 0; i < cached.size(); ++i) {
    parts_.cache.end_write(cached[i], written ? applied.heads[i].record : std::string_view{});
  }
  if (written) purges_ += applied.purges;
  return written;
}

void Committer::commit_job(CommitUnit& unit) {
  const StateRecord before = state_;
  CommitJob job(*batch_, state_, parts_.clock.wall_ms(), recent_, parts_.heads);
  unit.status = unit.job(job);
  if (!unit.status) {
    state_ = before;
    return;
  }
  Applied applied;
  for (const CommitJob::Rewrite& rewrite : job.rewrites_) {
    applied.heads.push_back({rewrite.collection, rewrite.id, rewrite.record});
  }
  unit.status = write(applied, unit.to_disk);
  if (!unit.status) {
    state_ = before;
    Round round;
    fail(round, unit.status.error());
    return;
  }
  for (const auto& step : job.after_) step();
  publish(unit.to_disk);
}

void Committer::fail(Round& round, const Error& error) {
  stop(error);
  for (const auto& unit : round) {
    unit->status = error;
    std::fill(unit->outcomes.begin(), unit->outcomes.end(), Outcome::failed);
  }
}

// What a full disk made fail may be there; what comes later is not.
void Committer::stop(const Error& error) {
  const Status store = parts_.store.health();
  const bool full = !store && store.error().code() == ErrorCode::exhausted;
  const std::lock_guard lock(mutex_);
  if (health_) health_ = full ? store : Status(error);
}

// --- who sees it

void Committer::publish(bool to_disk) {
  committed_.store(state_.sequence, std::memory_order_release);
  {
    const std::lock_guard lock(mutex_);
    published_ = state_;
  }
  if (to_disk) {
    durable_.store(state_.sequence, std::memory_order_release);
    parts_.listeners.changed(state_.sequence);
  } else if (state_.sequence != durable_.load(std::memory_order_acquire)) {
    schedule_sync();  // a job that gave out no sequence has promised nobody anything
  }
}

void Committer::schedule_sync() {
  const std::lock_guard lock(mutex_);
  if (sync_timer_) return;
  ++syncing_;
  sync_timer_ =
      parts_.executor.post_after(std::chrono::milliseconds(tuning::kSyncIntervalMs), [this] { sync_now(); });
}

void Committer::sync_now() {
  {
    const std::lock_guard lock(mutex_);
    sync_timer_.reset();
  }
  (void)sync();  // the health tells of a failure
  const std::lock_guard lock(mutex_);
  --syncing_;
  idle_.notify_all();
}

Status Committer::sync_seen() {
  if (!owes_sync()) return ok();
  if (Status health = this->health(); !health) return refused(health);
  return sync();
}

Status Committer::sync() {
  const Sequence reached = committed_.load(std::memory_order_acquire);
  Status synced = parts_.store.sync();
  if (!synced) {
    stop(synced.error());
    return synced;
  }
  Sequence durable = durable_.load();
  while (durable < reached && !durable_.compare_exchange_weak(durable, reached)) {
  }
  parts_.listeners.changed(durable_.load());
  return ok();
}

}  // namespace quire::database
