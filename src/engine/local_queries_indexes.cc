#include "engine/local_queries.h"
#include "query/index_catalog.h"

namespace quire::engine {

namespace {

IndexDescription describe(query::IndexReport report) {
  IndexDescription description;
  description.name = std::move(report.name);
  description.definition = std::move(report.definition);
  switch (report.state) {
    case database::IndexState::building: description.state = IndexDescription::State::building; break;
    case database::IndexState::ready: description.state = IndexDescription::State::ready; break;
    case database::IndexState::failed: description.state = IndexDescription::State::failed; break;
  }
  description.done = report.done;
  description.total = report.total;
  description.failure = std::move(report.failure);
  return description;
}

}  // namespace

void LocalQueries::create_index(const Caller& caller, const CallLimits& limits,
                                const CollectionAddress& address, std::string_view name,
                                std::string_view definition, Completion<IndexDescription> done) {
  done(create_index(caller, limits, address, name, definition));
}

Result<IndexDescription> LocalQueries::create_index(const Caller& caller, const CallLimits& limits,
                                                    const CollectionAddress& address, std::string_view name,
                                                    std::string_view definition) {
  auto fence = authority_.fence(address.database);  // before anything is decided
  QUIRE_TRY(const Place place, enter(caller, limits, Action::manage, address));
  QUIRE_TRY(auto made, query::create_index(*place.shard, place.collection.id, name, definition, fence));
  return describe(std::move(made));
}

void LocalQueries::drop_index(const Caller& caller, const CallLimits& limits,
                              const CollectionAddress& address, std::string_view name,
                              Completion<void> done) {
  done(drop_index(caller, limits, address, name));
}

Status LocalQueries::drop_index(const Caller& caller, const CallLimits& limits,
                                const CollectionAddress& address, std::string_view name) {
  auto fence = authority_.fence(address.database);
  QUIRE_TRY(const Place place, enter(caller, limits, Action::manage, address));
  return query::drop_index(*place.shard, place.collection.id, name, fence);
}

void LocalQueries::indexes(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                           Completion<std::vector<IndexDescription>> done) {
  done(indexes(caller, limits, address));
}

Result<std::vector<IndexDescription>> LocalQueries::indexes(const Caller& caller, const CallLimits& limits,
                                                            const CollectionAddress& address) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::describe, address));
  std::vector<IndexDescription> all;
  for (auto& report : query::list_indexes(*place.shard, place.collection.id)) {
    all.push_back(describe(std::move(report)));
  }
  return all;
}

}  // namespace quire::engine
