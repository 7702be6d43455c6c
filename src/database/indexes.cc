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
  auto it = store.iterate(storage::Family::meta, {.upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    if (it->key().size() != 5) return Error(ErrorCode::corrupt, "an index's key has another length");
    OpenIndex index{.id = load_u32(it->key().data() + 1), .record = {}, .hook = nullptr};
    QUIRE_TRY(index.record, decode_index(it->value()));
    auto hook = make(index.record);
    if (!hook) {
      missing_maker_ =
          Error(ErrorCode::read_only,
                "writes are refused, because they would leave an index behind: " + hook.error().message());
      continue;
    }
    index.hook = *hook;
    indexes.push_back(std::move(index));
  }
  replace(std::move(indexes));
  return it->status();
}

Indexes::List Indexes::list() const {
  const std::shared_lock lock(mutex_);
  return list_;
}

std::uint64_t Indexes::version() const {
  const std::shared_lock lock(mutex_);
  return version_;
}

void Indexes::replace(std::vector<OpenIndex> indexes) {
  const std::unique_lock lock(mutex_);
  list_ = std::make_shared<const std::vector<OpenIndex>>(std::move(indexes));
  ++version_;
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
