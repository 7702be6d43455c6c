#include "database/shard.h"

#include "base/bytes.h"
#include "database/head_walk.h"
#include "database/keys.h"
#include "database/local_read_view.h"
#include "database/local_shard.h"
#include "database/maintenance.h"
#include "database/records.h"
#include "database/stored_tree.h"
#include "database/tuning.h"

namespace quire::database {

using document::Revision;
using storage::Family;

namespace {
constexpr std::pair<Operation, std::string_view> kOperations[] = {
    {Operation::insert, "insert"},
    {Operation::update, "update"},
    {Operation::replace, "replace"},
    {Operation::remove, "remove"},
    {Operation::conflict, "conflict"},
    {Operation::create_collection, "create_collection"},
    {Operation::drop_collection, "drop_collection"},
    {Operation::purge, "purge"}};
}  // namespace

std::string_view name(Operation operation) {
  for (const auto& [known, word] : kOperations) {
    if (known == operation) return word;
  }
  return "unknown";
}

std::optional<Operation> operation_of(std::string_view name) {
  for (const auto& [operation, word] : kOperations) {
    if (word == name) return operation;
  }
  return std::nullopt;
}

std::string_view name(Durability durability) {
  switch (durability) {
    case Durability::memory: return "memory";
    case Durability::os: return "os";
    case Durability::disk: return "disk";
  }
  return "disk";
}

Error missing_stub(std::string_view id, std::string_view name) {
  return Error(ErrorCode::precondition,
               "the attachment '" + std::string(name) + "' of '" + std::string(id) +
                   "' is a stub, and the revision it refers to has none of that name")
      .at("missing_stub");
}

bool is_missing_stub(const Error& error) {
  return error.code() == ErrorCode::precondition && error.field() == "missing_stub";
}

Error fence_moved() {
  return Error(ErrorCode::locked, "the database was reserved by another while the change was prepared")
      .at("database");
}

Error collections_moved() {
  return Error(ErrorCode::conflict, "collections were made or dropped meanwhile").at("collections");
}

bool is_collections_moved(const Error& error) {
  return error.code() == ErrorCode::conflict && error.field() == "collections";
}

Error not_in_memory() { return Error(ErrorCode::unavailable, "this is not in memory").at("memory"); }

bool needs_disk(const Error& error) {
  return error.code() == ErrorCode::unavailable && error.field() == "memory";
}

namespace {

Error missing(std::string_view id) {
  return Error(ErrorCode::not_found, "there is no document '" + std::string(id) + "'").at("missing");
}

}  // namespace

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
  const StateRecord state;
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

// --- documents

// Reads what stands beside a head. It is another record, read later: where the document moved meanwhile the
// two may not belong together, and both are read again.
template <class Read>
auto LocalShard::with_head(CollectionId collection, std::string_view id, const Read& read)
    -> decltype(read(std::declval<const RecordRef&>())) {
  QUIRE_TRY(RecordRef head, heads_.read(collection, id));
  while (true) {
    auto beside = read(head);
    QUIRE_TRY(RecordRef now, heads_.read(collection, id));
    if (now.view() == head.view()) return beside;
    head = std::move(now);
  }
}

Result<StoredDocument> LocalShard::get(CollectionId collection, std::string_view id,
                                       const GetOptions& options) {
  if (options.revision) {
    if (options.memory_only) return not_in_memory();
    return with_head(collection, id, [&](const RecordRef& head) {
      return head ? revision(collection, id, *options.revision, head) : missing(id);
    });
  }
  QUIRE_TRY(RecordRef record, options.memory_only
                                  ? heads_.read_cached(collection, id, HeadReader::Misses::sure)
                                  : heads_.read(collection, id));
  if (!record) return missing(id);
  QUIRE_TRY(StoredDocument document, from_head(std::move(record)));
  if (document.deleted) {
    return Error(ErrorCode::not_found, "the document '" + std::string(id) + "' is deleted").at("deleted");
  }
  return document;
}

Result<StoredDocument> LocalShard::revision(CollectionId collection, std::string_view id,
                                            const Revision& wanted, const RecordRef& head) {
  QUIRE_TRY(StoredDocument document, from_head(head));
  if (document.revision == wanted) return document;
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, store_->get(Family::documents, keys::revision(collection, id, wanted), buffer));
  if (!found) {
    return Error(ErrorCode::not_found,
                 "revision " + wanted.to_string() + " of '" + std::string(id) + "' is not here")
        .at("missing");
  }
  StoredDocument older;
  older.record = RecordRef::copy(buffer.view());
  QUIRE_TRY(const RevisionRecord text, decode_revision(older.record.view()));
  older.revision = wanted;
  older.deleted = text.deleted;
  older.body = text.body;
  older.attachments = text.attachments;
  return older;
}

Result<std::optional<StoredDocument>> LocalShard::head(CollectionId collection, std::string_view id) {
  QUIRE_TRY(RecordRef record, heads_.read(collection, id));
  if (!record) return std::optional<StoredDocument>{};
  QUIRE_TRY(StoredDocument document, from_head(std::move(record)));
  return std::optional(std::move(document));
}

Result<std::string> LocalShard::tree(CollectionId collection, std::string_view id) {
  return with_head(collection, id, [&](const RecordRef& record) -> Result<std::string> {
    std::string encoded;
    if (!record) return encoded;
    QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
    if (head.chunked == 0) return std::string(head.tree);
    QUIRE_TRY(const document::RevisionTree tree, load_tree(*store_, collection, id, head));
    tree.encode(encoded);
    return encoded;
  });
}

Result<std::unique_ptr<DocumentView>> LocalShard::document(CollectionId collection, std::string_view id) {
  return DocumentView::open(*store_, heads_, collection, id);
}

Status LocalShard::list(CollectionId collection, const ListOptions& options, const CallLimits& limits,
                        const Visitor& visit) {
  HeadWalk walk(*store_, collection, options);
  for (std::uint32_t visited = 0; walk.valid(); ++visited, walk.next()) {
    if (visited % tuning::kLimitsEvery == 0) QUIRE_TRY_STATUS(limits.check(environment_.clock));
    QUIRE_TRY(const std::string_view record, walk.record());
    QUIRE_TRY(const StoredDocument document, from_head(record));
    if (!options.include_deleted && document.deleted) continue;
    if (!visit(walk.id(), document)) return ok();
  }
  return walk.status();
}

Result<std::unique_ptr<ReadView>> LocalShard::view() {
  auto view = std::make_unique<LocalReadView>(*store_, heads_, collections_, indexes_);
  QUIRE_TRY_STATUS(view->begin());
  return std::unique_ptr<ReadView>(std::move(view));
}

Result<WriteResult> LocalShard::write(std::vector<Edit> edits, const WriteOptions& options,
                                      const CallLimits& limits) {
  return std::make_shared<WriteCall>(write_parts(), std::move(edits), options, limits)->run();
}

void LocalShard::write_async(std::vector<Edit> edits, const WriteOptions& options, const CallLimits& limits,
                             std::function<void(Result<WriteResult>)> done) {
  std::make_shared<WriteCall>(write_parts(), std::move(edits), options, limits)->start(std::move(done));
}

Result<std::vector<AnsweredItem>> LocalShard::answered(std::string_view request_id) {
  std::vector<AnsweredItem> answers;
  const std::string prefix = keys::requests(request_id);
  auto it = store_->iterate(Family::meta, {.upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    if (it->key().size() != prefix.size() + 4)
      return Error(ErrorCode::corrupt, "an answered request has a malformed key");
    QUIRE_TRY(RequestRecord record, decode_request(it->value()));
    answers.push_back({.item = load_u32(it->key().data() + prefix.size()),
                       .fingerprint = std::move(record.fingerprint),
                       .result = std::move(record.result)});
  }
  QUIRE_TRY_STATUS(it->status());
  return answers;
}

Status LocalShard::settle() {
  // Rounds are committed one after the other, and whoever comes later sees the fence as it is now.
  return committer_->run_job([](CommitJob&) { return ok(); }, false);
}

Status LocalShard::sync_seen() { return committer_->sync_seen(); }

// --- collections

// Whether documents of the default collection, deleted or not, have ids that begin so.
Result<bool> LocalShard::has_ids_below(const std::string& prefix) const {
  const std::pair<Family, std::string> places[] = {
      {Family::documents, keys::head(kDefaultCollection, prefix)},
      {Family::tombstones, keys::tombstone(kDefaultCollection, prefix)}};
  for (const auto& [family, first] : places) {
    auto it = store_->iterate(family, {.upper_bound = keys::after_prefix(first)});
    it->seek(first);
    if (it->valid()) return true;
    QUIRE_TRY_STATUS(it->status());
  }
  return false;
}

Result<CollectionInfo> LocalShard::create_collection(std::string_view name,
                                                     const CollectionSettings& settings, const Fence& fence) {
  QUIRE_TRY_STATUS(check_collection_name(name));
  CollectionInfo made;
  QUIRE_TRY_STATUS(committer_->run_job([&](CommitJob& job) -> Status {
    if (!fence.holds()) return fence_moved();
    if (collections_.find(name)) {
      return Error(ErrorCode::exists, "the collection '" + std::string(name) + "' exists already")
          .at("collection");
    }
    QUIRE_TRY(const bool used, has_ids_below(std::string(name) + ":"));
    if (used) {
      return Error(ErrorCode::conflict,
                   "documents of _default have ids that begin with '" + std::string(name) + ":'")
          .at("collection");
    }
    made = {.id = job.state.next_collection++, .name = std::string(name), .settings = settings, .counts = {}};
    std::string value;
    encode(CollectionRecord{.name = made.name, .settings = settings}, value);
    job.batch.put(Family::meta, keys::collection(made.id), value);
    HistoryEntry entry;
    entry.operation = Operation::create_collection;
    entry.collection = made.id;
    entry.id = made.name;
    job.record(entry);
    job.after([&] {
      collections_.add(made);
      made = *collections_.find(made.id);
    });
    return ok();
  }));
  return made;
}

Status LocalShard::drop_collection(std::string_view name, const Fence& fence) {
  if (name == kDefaultCollectionName)
    return Error(ErrorCode::invalid, "_default cannot be dropped").at("collection");
  return committer_->run_job([&](CommitJob& job) -> Status {
    if (!fence.holds()) return fence_moved();
    const auto info = collections_.find(name);
    if (!info) {
      return Error(ErrorCode::not_found, "there is no collection '" + std::string(name) + "'")
          .at("collection");
    }
    for (const char letter : {'D', 'R', 'A'}) {
      job.batch.erase_range(Family::documents, keys::range_begin(letter, info->id),
                            keys::range_end(letter, info->id));
    }
    job.batch.erase_range(Family::tombstones, keys::range_begin('T', info->id),
                          keys::range_end('T', info->id));
    for (const OpenIndex& index : *indexes_.list()) {
      if (index.record.collection != info->id) continue;
      erase_index(job.batch, index.id);
    }
    job.batch.erase(Family::meta, keys::collection(info->id));
    job.batch.erase(Family::meta, keys::counts(info->id));
    job.batch.erase(Family::meta, keys::rule(info->id));
    HistoryEntry entry;
    entry.operation = Operation::drop_collection;
    entry.collection = info->id;
    entry.id = info->name;
    const Sequence sequence = job.record(entry);
    std::string dropped;
    encode(DroppedRecord{.sequence = sequence, .time = job.state.time}, dropped);
    job.batch.put(Family::meta, keys::dropped(info->id), dropped);
    job.state.garbage_bytes += info->counts.bytes + info->counts.documents * tuning::kHeadBytes;
    job.after([this, id = info->id] {
      collections_.remove(id);
      indexes_.remove_collection(id);
      rules_.remove(id);
    });
    return ok();
  });
}

// --- rules

Status LocalShard::set_rule(CollectionId collection, std::string_view kind, std::string_view definition,
                            const Fence& fence) {
  return committer_->run_job([&](CommitJob& job) -> Status {
    if (!fence.holds()) return fence_moved();
    const auto info = collections_.find(collection);
    if (!info) return Error(ErrorCode::not_found, "there is no such collection").at("collection");
    QUIRE_TRY(OpenRule rule, rules_.make(info->name, {std::string(kind), std::string(definition)}));
    std::string value;
    encode(rule.record, value);
    job.batch.put(Family::meta, keys::rule(collection), value);
    job.after([this, collection, rule = std::move(rule)] { rules_.set(collection, rule); });
    return ok();
  });
}

Status LocalShard::drop_rule(CollectionId collection, const Fence& fence) {
  return committer_->run_job([&](CommitJob& job) -> Status {
    if (!fence.holds()) return fence_moved();
    if (!rules_.find(collection)) return Error(ErrorCode::not_found, "the collection has no rule").at("rule");
    job.batch.erase(Family::meta, keys::rule(collection));
    job.after([this, collection] { rules_.remove(collection); });
    return ok();
  });
}

// --- history

Position LocalShard::position() const { return {committer_->state().incarnation, committer_->durable()}; }

std::unique_ptr<HistoryCursor> LocalShard::history(const HistoryOptions& options) {
  return std::make_unique<HistoryCursor>(*store_, options, committer_->durable());
}

Status LocalShard::begin_incarnation() {
  return committer_->run_job([](CommitJob& job) {
    ++job.state.incarnation;
    return ok();
  });
}

// --- indexes

namespace {

// Whether another index of the collection has the name, or there are too many.
Status check_room(const std::vector<OpenIndex>& indexes, CollectionId collection, const std::string& name) {
  std::size_t count = 0;
  for (const OpenIndex& index : indexes) {
    if (index.record.collection != collection) continue;
    ++count;
    if (!name.empty() && index.hook->name() == name) {
      return Error(ErrorCode::exists, "the index '" + name + "' exists already").at("name");
    }
  }
  if (count < tuning::kIndexesOfCollection) return ok();
  return Error(ErrorCode::exhausted, "a collection has at most 64 indexes")
      .over(tuning::kIndexesOfCollection);
}

}  // namespace

Result<std::uint32_t> LocalShard::create_index(CollectionId collection, std::string_view kind,
                                               std::string_view definition, const Fence& fence) {
  OpenIndex index;
  index.record = {.collection = collection, .kind = std::string(kind), .definition = std::string(definition)};
  QUIRE_TRY(index.hook, indexes_.make(index.record));
  QUIRE_TRY_STATUS(committer_->run_job([&](CommitJob& job) -> Status {
    if (!fence.holds()) return fence_moved();
    const auto info = collections_.find(collection);
    if (!info) return Error(ErrorCode::not_found, "there is no such collection").at("collection");
    QUIRE_TRY_STATUS(check_room(*indexes_.list(), collection, index.hook->name()));
    index.id = job.state.next_index++;
    index.state.state = info->counts.documents == 0 ? IndexState::ready : IndexState::building;
    index.state.format = index.hook->format();
    index.state.total = info->counts.documents;
    std::string value;
    encode(index.record, value);
    job.batch.put(Family::meta, keys::index_definition(index.id), value);
    value.clear();
    encode(index.state, value);
    job.batch.put(Family::meta, keys::index_state(index.id), value);
    job.after([&] { indexes_.add(index); });
    return ok();
  }));
  builder_->wake();
  return index.id;
}

Status LocalShard::drop_index(std::uint32_t index, const Fence& fence) {
  return committer_->run_job([&](CommitJob& job) -> Status {
    if (!fence.holds()) return fence_moved();
    if (!indexes_.find(index)) return Error(ErrorCode::not_found, "there is no such index").at("name");
    erase_index(job.batch, index);
    job.after([this, index] { indexes_.remove(index); });
    return ok();
  });
}

// One tombstone over all entries, whatever their number; compaction gives their space back.
void LocalShard::erase_index(storage::Batch& batch, std::uint32_t index) {
  const std::string prefix = keys::index_entries(index);
  batch.erase_range(Family::index, prefix, keys::after_prefix(prefix));
  batch.erase(Family::meta, keys::index_definition(index));
  batch.erase(Family::meta, keys::index_state(index));
  batch.erase(Family::meta, keys::index_multikey(index));
}

std::vector<IndexInfo> LocalShard::indexes() const {
  std::vector<IndexInfo> all;
  const Indexes::List list = indexes_.list();
  for (const OpenIndex& index : *list) {
    all.push_back({.id = index.id,
                   .collection = index.record.collection,
                   .kind = index.record.kind,
                   .definition = index.record.definition,
                   .hook = index.hook,
                   .state = index.state.state,
                   .done = index.state.done,
                   .total = index.state.total,
                   .failure = index.state.failure,
                   .multikey = index.multikey->load(std::memory_order_acquire)});
  }
  return all;
}

bool LocalShard::expires() const {
  const Indexes::List list = indexes_.list();
  return std::any_of(list->begin(), list->end(),
                     [](const OpenIndex& index) { return !index.failed() && index.hook->due(0); });
}

Status LocalShard::wait_for_index(std::uint32_t index, const CallLimits& limits) {
  return builder_->wait(index, limits, environment_.clock);
}

Result<std::uint64_t> LocalShard::estimate_entries(std::uint32_t index, const EntryRange& range) {
  const std::string prefix = keys::index_entries(index);
  const std::string first = prefix + range.from;
  const std::string end = range.to.empty() ? keys::after_prefix(prefix) : prefix + range.to;
  if (first >= end) return 0;
  auto it = store_->iterate(Family::index, {.upper_bound = end});
  std::uint64_t counted = 0;
  for (it->seek(first); it->valid(); it->next()) {
    if (++counted < tuning::kCountedEntries) continue;
    return std::max(counted, store_->estimate_keys(Family::index, first, end));
  }
  QUIRE_TRY_STATUS(it->status());
  return counted;
}

Status LocalShard::scan_index(std::uint32_t index, std::string_view begin, std::string_view end,
                              const std::function<bool(std::string_view, std::string_view)>& visit) {
  const std::string prefix = keys::index_entries(index);
  const std::string upper = end.empty() ? keys::after_prefix(prefix) : prefix + std::string(end);
  auto it = store_->iterate(Family::index, {.upper_bound = upper});
  for (it->seek(prefix + std::string(begin)); it->valid(); it->next()) {
    const std::string_view entry = it->key().substr(prefix.size());
    QUIRE_TRY(const std::size_t length, decode_index_value(it->value(), entry.size()));
    if (!visit(entry.substr(0, length), entry.substr(length))) return ok();
  }
  return it->status();
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
