#include <algorithm>

#include "database/keys.h"
#include "database/local_shard.h"
#include "database/records.h"
#include "database/tuning.h"

// The indexes of a LocalShard, as they are seen from below.
namespace quire::database {

using storage::Family;

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

}  // namespace quire::database
