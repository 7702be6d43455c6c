#include "engine/databases.h"

#include <mutex>

namespace quire::engine {

namespace {
Error no_database(const DatabaseAddress& address) {
  return Error(ErrorCode::not_found, "there is no database '" + std::string(address.name) + "'")
      .at("database");
}
}  // namespace

Result<std::string> Databases::look_up(const DatabaseAddress& address) {
  auto found = catalog_.find(address.name, address.owner);
  if (!found) {
    if (found.error().code() == ErrorCode::not_found) return no_database(address);
    return std::move(found).error();
  }
  if (address.owner.empty()) {
    const std::unique_lock lock(mutex_);
    server_ids_[std::string(address.name)] = found->id;
  }
  return std::move(found->id);
}

Result<std::string> Databases::id_of(const DatabaseAddress& address) {
  if (address.owner.empty()) {
    const std::shared_lock lock(mutex_);
    if (const auto known = server_ids_.find(address.name); known != server_ids_.end()) return known->second;
  }
  return look_up(address);
}

void Databases::forget(const DatabaseAddress& address) {
  const std::unique_lock lock(mutex_);
  if (const auto known = server_ids_.find(address.name); known != server_ids_.end()) server_ids_.erase(known);
}

Result<std::shared_ptr<database::Shard>> Databases::use(const DatabaseAddress& address) {
  QUIRE_TRY(const std::string id, id_of(address));
  auto shard = catalog_.use(id);
  if (shard || shard.error().code() != ErrorCode::not_found) return shard;
  // The name may stand for another database by now: removed, and made again.
  forget(address);
  QUIRE_TRY(const std::string fresh, look_up(address));
  return catalog_.use(fresh);
}

Result<database::CollectionInfo> find_collection(const database::Shard& shard, std::string_view name) {
  auto found = shard.collections().find(name);
  if (found) return *std::move(found);
  return Error(ErrorCode::not_found, "there is no collection '" + std::string(name) + "'").at("collection");
}

}  // namespace quire::engine
