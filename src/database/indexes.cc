#include "database/indexes.h"

#include <algorithm>
#include <mutex>

#include "base/bytes.h"
#include "database/keys.h"

namespace quire::database {

Result<std::shared_ptr<const IndexHook>> Indexes::make(const IndexRecord& record) const {
  for (const IndexHookFactory* factory : kinds_) {
    if (factory->kind() != record.kind) continue;
    QUIRE_TRY(std::shared_ptr<const IndexHook> hook, factory->make(record.definition));
    return hook;
  }
  return Error(ErrorCode::invalid, "nothing here makes indexes of the kind '" + record.kind + "'").at("kind");
}

Status Indexes::load(storage::Store& store, const std::vector<const IndexHookFactory*>& kinds) {
  kinds_ = kinds;
  std::vector<OpenIndex> indexes;
  const std::string prefix = "X";
  storage::ReadBuffer buffer;
  auto it = store.iterate(storage::Family::meta, {.upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    if (it->key().size() != 5) return Error(ErrorCode::corrupt, "an index's key has another length");
    OpenIndex index;
    index.id = load_u32(it->key().data() + 1);
    QUIRE_TRY(index.record, decode_index(it->value()));
    auto hook = make(index.record);
    if (!hook) {
      missing_maker_ =
          Error(ErrorCode::read_only,
                "writes are refused, because they would leave an index behind: " + hook.error().message());
      continue;
    }
    index.hook = *hook;
    QUIRE_TRY(const bool has_state, store.get(storage::Family::meta, keys::index_state(index.id), buffer));
    if (has_state) {
      QUIRE_TRY(index.state, decode_index_state(buffer.view()));
    }
    QUIRE_TRY(*index.multikey, store.get(storage::Family::meta, keys::index_multikey(index.id), buffer));
    indexes.push_back(std::move(index));
  }
  replace(std::move(indexes));
  return it->status();
}

Status Indexes::renew(storage::Store& store) {
  std::vector<OpenIndex> indexes = *list();
  auto batch = store.make_batch();
  for (OpenIndex& index : indexes) {
    if (index.failed() || index.state.format == index.hook->format()) continue;
    const std::string prefix = keys::index_entries(index.id);
    batch->erase_range(storage::Family::index, prefix, keys::after_prefix(prefix));
    index.state = {.state = IndexState::building,
                   .format = index.hook->format(),
                   .reached = {},
                   .done = 0,
                   .total = index.state.total,
                   .failure = {}};
    std::string value;
    encode(index.state, value);
    batch->put(storage::Family::meta, keys::index_state(index.id), value);
  }
  if (batch->empty()) return ok();
  QUIRE_TRY_STATUS(store.write(*batch, storage::Sync::none));
  replace(std::move(indexes));
  return ok();
}

Indexes::List Indexes::list() const {
  const std::shared_lock lock(mutex_);
  return list_;
}

std::uint64_t Indexes::version() const {
  const std::shared_lock lock(mutex_);
  return version_;
}

std::optional<OpenIndex> Indexes::find(std::uint32_t id) const {
  const List indexes = list();
  const auto found =
      std::find_if(indexes->begin(), indexes->end(), [&](const OpenIndex& index) { return index.id == id; });
  return found == indexes->end() ? std::nullopt : std::optional(*found);
}

void Indexes::replace(std::vector<OpenIndex> indexes, bool matters) {
  const std::unique_lock lock(mutex_);
  list_ = std::make_shared<const std::vector<OpenIndex>>(std::move(indexes));
  if (matters) ++version_;
}

void Indexes::set_state(std::uint32_t id, const IndexStateRecord& state) {
  std::vector<OpenIndex> indexes = *list();
  for (OpenIndex& index : indexes) {
    if (index.id == id) index.state = state;
  }
  replace(std::move(indexes));
}

void Indexes::set_progress(std::uint32_t id, const IndexStateRecord& state) {
  std::vector<OpenIndex> indexes = *list();
  for (OpenIndex& index : indexes) {
    if (index.id == id) index.state = state;
  }
  replace(std::move(indexes), false);
}

void Indexes::add(OpenIndex index) {
  std::vector<OpenIndex> indexes = *list();
  indexes.push_back(std::move(index));
  replace(std::move(indexes));
}

void Indexes::remove(std::uint32_t id) {
  std::vector<OpenIndex> indexes = *list();
  std::erase_if(indexes, [&](const OpenIndex& index) { return index.id == id; });
  replace(std::move(indexes));
}

void Indexes::remove_collection(CollectionId collection) {
  std::vector<OpenIndex> indexes = *list();
  const auto removed =
      std::erase_if(indexes, [&](const OpenIndex& index) { return index.record.collection == collection; });
  if (removed != 0) replace(std::move(indexes));
}

}  // namespace quire::database
