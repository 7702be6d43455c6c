#include "engine/local_catalog.h"

#include <algorithm>
#include <limits>

#include "database/shard.h"
#include "engine/local_documents.h"

namespace quire::engine {

DatabaseDescription describe_database(database::DatabaseInfo info) {
  return {.id = std::move(info.id),
          .name = std::move(info.name),
          .owner = std::move(info.owner),
          .created_ms = info.created_ms,
          .history_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(info.settings.history_ms, 0)),
          .history_bytes = info.settings.history_bytes,
          .revision_limit = database::revision_limit_of(info.settings),
          .purge_limit = info.settings.purge_limit};
}

namespace {
void apply(const DatabaseSettings& from, database::ShardSettings& to) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (from.history_ms) to.history_ms = static_cast<std::int64_t>(std::min(*from.history_ms, kMost));
  if (from.history_bytes) to.history_bytes = *from.history_bytes;
  if (from.revision_limit) to.revision_limit = *from.revision_limit;
  if (from.purge_limit) to.purge_limit = *from.purge_limit;
}

// 0 would mean the default to those below.
Status check(const DatabaseSettings& settings) {
  if (settings.revision_limit != std::optional<std::uint64_t>(0)) return ok();
  return Error(ErrorCode::invalid, "a database remembers one generation of a document at least")
      .at("revisionLimit");
}
}  // namespace

Status LocalCatalog::admit(const Caller& caller, const CallLimits& limits, Action action,
                           const Target& target) const {
  QUIRE_TRY_STATUS(limits.check(clock_));
  QUIRE_TRY_STATUS(authority_.decide(caller, action, target));
  return ok();
}

Result<std::vector<DatabaseDescription>> LocalCatalog::databases(const Caller& caller,
                                                                 const CallLimits& limits) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::describe, {}));
  std::vector<DatabaseDescription> seen;
  for (auto& info : databases_.catalog().list()) {
    if (is_hidden(info.name, info.owner)) continue;
    const DatabaseAddress address{.name = info.name, .owner = info.owner};
    if (!authority_.decide(caller, Action::describe, {.database = address})) continue;
    const bool compacting = databases_.catalog().compacting(info.id);
    seen.push_back(describe_database(std::move(info)));
    seen.back().compacting = compacting;
  }
  std::sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.owner) < std::tie(b.name, b.owner);
  });
  return seen;
}

std::optional<DatabaseDescription> LocalCatalog::database_of_id(std::string_view id) {
  if (!database::is_database_id(id)) return std::nullopt;
  auto found = databases_.catalog().find_id(std::string(id));
  if (!found || is_hidden(found->name, found->owner)) return std::nullopt;
  return describe_database(*std::move(found));
}

Result<DatabaseDescription> LocalCatalog::create_database(const Caller& caller, const CallLimits& limits,
                                                          const DatabaseAddress& address,
                                                          const DatabaseSettings& settings) {
  if (const auto admitted = admit(caller, limits, Action::administer, {.database = address}); !admitted) {
    if (admitted.error().code() != ErrorCode::locked) return admitted.error();
    // It is the caller's own, and so there; who has it now is not what was asked.
    return Error(ErrorCode::exists, "the database '" + std::string(address.name) + "' exists already")
        .at("database");
  }
  if (is_hidden(address.name, address.owner)) {
    return Error(ErrorCode::invalid, "this name is the server's own").at("database");
  }
  QUIRE_TRY_STATUS(check(settings));
  database::ShardSettings wanted;
  apply(settings, wanted);
  QUIRE_TRY(auto info, databases_.catalog().create(address.name, address.owner, wanted));
  return describe_database(std::move(info));
}

Result<DatabaseDescription> LocalCatalog::change_database(const Caller& caller, const CallLimits& limits,
                                                          const DatabaseAddress& address,
                                                          const DatabaseSettings& settings) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::administer, {.database = address}));
  QUIRE_TRY_STATUS(check(settings));
  QUIRE_TRY(const DatabaseId id, databases_.id_of(address));
  QUIRE_TRY(auto info,
            databases_.catalog().change_settings(
                std::string(id.text()), [&](database::ShardSettings& current) { apply(settings, current); }));
  return describe_database(std::move(info));
}

Status LocalCatalog::remove_database(const Caller& caller, const CallLimits& limits,
                                     const DatabaseAddress& address) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::administer, {.database = address}));
  QUIRE_TRY(const DatabaseId id, databases_.id_of(address));
  QUIRE_TRY_STATUS(databases_.remove(address));
  return authority_.removed(id.text());
}

Result<std::vector<CollectionDescription>> LocalCatalog::describe(const Caller& caller,
                                                                  const CallLimits& limits,
                                                                  const DatabaseAddress& address,
                                                                  database::Shard& shard) {
  std::vector<CollectionDescription> seen;
  for (const auto& collection : shard.collections().list()) {
    const Target target{.database = address, .collection = collection.name};
    if (!authority_.decide(caller, Action::describe, target)) continue;
    const auto readable = authority_.decide(caller, Action::read, target);
    Counts counts;
    if (readable) {
      QUIRE_TRY(counts, count_documents(shard, collection, *readable, limits));
    }
    seen.push_back({.name = collection.name, .settings = collection.settings, .counts = counts});
  }
  return seen;
}

Status LocalCatalog::compact(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::administer, {.database = address}));
  QUIRE_TRY(const DatabaseId id, databases_.id_of(address));
  return databases_.catalog().compact(std::string(id.text()));
}

Result<DatabaseStatistics> LocalCatalog::statistics(const Caller& caller, const CallLimits& limits,
                                                    const DatabaseAddress& address) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::describe, {.database = address}));
  QUIRE_TRY(const auto shard, databases_.use(address));
  DatabaseStatistics figures;
  QUIRE_TRY(auto info, databases_.catalog().find(address.name, address.owner));
  figures.database = describe_database(std::move(info));
  figures.position = shard->position();
  figures.history_edge = shard->history_edge();
  figures.purge_sequence = shard->purges();
  figures.compact_running = databases_.catalog().compacting(figures.database.id);
  QUIRE_TRY(const auto seen, describe(caller, limits, address, *shard));
  for (const auto& collection : seen) {
    figures.counts.documents += collection.counts.documents;
    figures.counts.deleted += collection.counts.deleted;
    figures.counts.bytes += collection.counts.bytes;
  }
  const auto files = shard->store().stats();
  figures.disk_bytes = files.disk_bytes;
  figures.log_bytes = files.log_bytes;
  figures.memory_bytes = files.memory_bytes;
  return figures;
}

Result<std::vector<CollectionDescription>> LocalCatalog::collections(const Caller& caller,
                                                                     const CallLimits& limits,
                                                                     const DatabaseAddress& address) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::describe, {.database = address}));
  QUIRE_TRY(const auto shard, databases_.use(address));
  return describe(caller, limits, address, *shard);
}

Result<CollectionDescription> LocalCatalog::create_collection(const Caller& caller, const CallLimits& limits,
                                                              const CollectionAddress& address,
                                                              const CollectionSettings& settings) {
  const auto fence = authority_.fence(address.database);
  QUIRE_TRY_STATUS(admit(caller, limits, Action::manage,
                         {.database = address.database, .collection = address.collection}));
  QUIRE_TRY(const auto shard, databases_.use(address.database));
  QUIRE_TRY(const auto made, shard->create_collection(address.collection, settings, fence));
  return CollectionDescription{.name = made.name, .settings = made.settings, .counts = made.counts};
}

Status LocalCatalog::drop_collection(const Caller& caller, const CallLimits& limits,
                                     const CollectionAddress& address) {
  const auto fence = authority_.fence(address.database);
  QUIRE_TRY_STATUS(admit(caller, limits, Action::manage,
                         {.database = address.database, .collection = address.collection}));
  QUIRE_TRY(const auto shard, databases_.use(address.database));
  return shard->drop_collection(address.collection, fence);
}

Result<NodeStatistics> LocalCatalog::node_statistics(const Caller& caller, const CallLimits& limits) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::administer, {}));
  auto& catalog = databases_.catalog();
  return NodeStatistics{.databases = catalog.list().size(),
                        .open_databases = catalog.open_databases(),
                        .memory_bytes = catalog.memory_used()};
}

Status LocalCatalog::backup(const Caller& caller, const CallLimits& limits, const std::string& directory) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::administer, {}));
  return databases_.catalog().backup(directory);
}

Status LocalCatalog::verify(const Caller& caller, const CallLimits& limits,
                            const std::function<void(const std::string&)>& damaged) {
  QUIRE_TRY_STATUS(admit(caller, limits, Action::administer, {}));
  return databases_.catalog().verify(damaged);
}

}  // namespace quire::engine
