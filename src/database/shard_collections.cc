#include "database/dropped.h"
#include "database/keys.h"
#include "database/local_shard.h"
#include "database/records.h"
#include "database/tuning.h"

// The collections of a LocalShard, and what their texts obey.
namespace quire::database {

using storage::Family;

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
    DroppedRecord dropped{.sequence = sequence,
                          .time = job.state.time,
                          .bytes = info->counts.bytes + info->counts.documents * tuning::kHeadBytes,
                          .edge = info->counts.edge,
                          .name = info->name};
    if (!keep_history_ || !info->settings.history) erase_documents_of(job, info->id, dropped);
    put_dropped(job.batch, info->id, dropped);
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

}  // namespace quire::database
