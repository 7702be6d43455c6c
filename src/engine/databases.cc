#include "engine/databases.h"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "engine/tuning.h"

namespace quire::engine {

using database::Shard;

bool is_hidden(std::string_view name, std::string_view owner) {
  return owner.empty() && name.starts_with('_');
}

// Without its name: whoever asked by the id of a database that is not theirs would be told it.
Error no_database() { return Error(ErrorCode::not_found, "there is no such database").at("database"); }

namespace {

// What names a database among all owners: a NUL stands in no name.
std::string key_of(const DatabaseAddress& address) {
  std::string key(address.name);
  if (!address.owner.empty()) key.append(1, '\0').append(address.owner);
  return key;
}

}  // namespace

// The shards that were asked for lately, by name; where there are many, only the first of them. Held by
// shared_ptr, so that a timer that comes late finds it gone.
class Databases::AtHand : public std::enable_shared_from_this<AtHand> {
 public:
  AtHand(Executor& executor, std::size_t most) : executor_(executor), most_(most) {}

  // Null where it is not at hand, or takes no more writes and should be opened again.
  std::shared_ptr<Shard> find(std::string_view key) {
    const std::shared_lock lock(mutex_);
    const auto found = shards_.find(key);
    if (found == shards_.end() || !found->second.shard->health()) return nullptr;
    if (!found->second.used.load(std::memory_order_relaxed))
      found->second.used.store(true, std::memory_order_relaxed);
    return found->second.shard;
  }

  std::optional<DatabaseId> find_id(std::string_view key) {
    const std::shared_lock lock(mutex_);
    const auto found = shards_.find(key);
    if (found == shards_.end()) return std::nullopt;
    return found->second.id;
  }

  void keep(const std::string& key, const DatabaseId& id, const std::shared_ptr<Shard>& shard) {
    const std::unique_lock lock(mutex_);
    if (removing_.count(key) != 0) return;
    if (shards_.size() >= most_ && !shards_.contains(key)) return;
    Entry& entry = shards_.try_emplace(key, id).first->second;
    entry.id = id;
    entry.shard = shard;
    entry.used.store(true, std::memory_order_relaxed);
    if (!std::exchange(ticking_, true)) schedule();
  }

  void drop(std::string_view key) {
    const std::unique_lock lock(mutex_);
    if (const auto found = shards_.find(key); found != shards_.end()) shards_.erase(found);
  }

  bool is_removed(const std::string& key) {
    const std::shared_lock lock(mutex_);
    return removing_.count(key) != 0;
  }
  // False where somebody else is at it.
  bool begin_removal(const std::string& key) {
    const std::unique_lock lock(mutex_);
    shards_.erase(key);
    return removing_.insert(key).second;
  }
  void end_removal(const std::string& key) {
    const std::unique_lock lock(mutex_);
    removing_.erase(key);
  }

 private:
  struct Entry {
    explicit Entry(const DatabaseId& with) : id(with) {}

    DatabaseId id;
    std::shared_ptr<Shard> shard;
    std::atomic<bool> used = true;  // since the last tick
  };

  void schedule() {
    executor_.post_after(std::chrono::milliseconds(tuning::kShardAtHandMs), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->tick();
    });
  }

  void tick() {
    const std::unique_lock lock(mutex_);
    for (auto at = shards_.begin(); at != shards_.end();) {
      at = at->second.used.exchange(false, std::memory_order_relaxed) ? std::next(at) : shards_.erase(at);
    }
    ticking_ = !shards_.empty();
    if (ticking_) schedule();
  }

  Executor& executor_;
  const std::size_t most_;
  std::shared_mutex mutex_;
  std::map<std::string, Entry, std::less<>> shards_;  // guarded by mutex_
  std::set<std::string> removing_;                    // guarded by mutex_
  bool ticking_ = false;                              // guarded by mutex_
};

Databases::Databases(database::Catalog& catalog, Executor& executor)
    : catalog_(catalog),
      at_hand_(std::make_shared<AtHand>(
          executor, static_cast<std::size_t>(static_cast<double>(catalog.most_open_databases()) *
                                             tuning::kAtHandShare))) {}

Result<DatabaseId> Databases::id_of(const DatabaseAddress& address) {
  const auto at_hand =
      address.owner.empty() ? at_hand_->find_id(address.name) : at_hand_->find_id(key_of(address));
  if (at_hand) return *at_hand;
  if (is_hidden(address.name, address.owner)) return no_database();
  auto found = catalog_.find(address.name, address.owner);
  if (found) return DatabaseId(found->id);
  if (found.error().code() == ErrorCode::not_found) return no_database();
  return std::move(found).error();
}

Result<std::shared_ptr<Shard>> Databases::use(const DatabaseAddress& address) {
  if (address.owner.empty()) {
    if (auto shard = at_hand_->find(address.name)) return shard;
  }
  const std::string key = key_of(address);
  if (auto shard = at_hand_->find(key)) return shard;
  if (at_hand_->is_removed(key)) return no_database();
  // A shard that failed is opened again once nobody holds it.
  at_hand_->drop(key);
  QUIRE_TRY(const DatabaseId id, id_of(address));
  auto shard = catalog_.use(std::string(id.text()));
  if (shard) at_hand_->keep(key, id, *shard);
  return shard;
}

Result<std::shared_ptr<Shard>> Databases::use_at_hand(const DatabaseAddress& address) {
  auto shard = address.owner.empty() ? at_hand_->find(address.name) : at_hand_->find(key_of(address));
  if (shard == nullptr) return database::not_in_memory();
  return shard;
}

Status Databases::remove(const DatabaseAddress& address) {
  QUIRE_TRY(const DatabaseId id, id_of(address));
  const std::string key = key_of(address);
  if (!at_hand_->begin_removal(key)) return no_database();
  auto removed = catalog_.remove(std::string(id.text()));
  at_hand_->end_removal(key);
  return removed;
}

Result<database::CollectionInfo> find_collection(const Shard& shard, std::string_view name) {
  auto found = shard.collections().find(name);
  if (found) return *std::move(found);
  return Error(ErrorCode::not_found, "there is no collection '" + std::string(name) + "'").at("collection");
}

}  // namespace quire::engine
