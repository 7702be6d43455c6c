#include <algorithm>

#include "engine/local_queries.h"
#include "query/value_index.h"

namespace quire::engine {

using database::IndexInfo;
using query::ValueIndex;
using query::ValueIndexes;

namespace {

const query::IndexDefinition* definition_of(const IndexInfo& index) {
  const auto* const hook = dynamic_cast<const ValueIndex*>(index.hook.get());
  return hook == nullptr ? nullptr : hook->definition().get();
}

IndexDescription describe(const IndexInfo& index, const query::IndexDefinition& definition) {
  IndexDescription description;
  description.name = definition.name;
  description.definition = definition.print();
  switch (index.state) {
    case database::IndexState::building: description.state = IndexDescription::State::building; break;
    case database::IndexState::ready: description.state = IndexDescription::State::ready; break;
    case database::IndexState::failed: description.state = IndexDescription::State::failed; break;
  }
  description.done = index.done;
  description.total = index.total;
  description.failure = index.failure;
  return description;
}

Error no_index(std::string_view name) {
  return Error(ErrorCode::not_found, "there is no index '" + std::string(name) + "'").at("name");
}

}  // namespace

const database::IndexHookFactory& value_index_kind() {
  static const ValueIndexes kind;
  return kind;
}

Result<IndexInfo> LocalQueries::find_index(const Place& place, std::string_view name) {
  for (IndexInfo& index : place.shard->indexes()) {
    const auto* const definition = definition_of(index);
    if (index.collection == place.collection.id && definition != nullptr && definition->name == name) {
      return std::move(index);
    }
  }
  return no_index(name);
}

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
  QUIRE_TRY(const auto wanted, query::IndexDefinition::parse(name, definition));
  if (auto there = find_index(place, name)) {
    const auto& known = *definition_of(*there);
    if (known.print() == wanted.print()) return describe(*there, known);
    return Error(ErrorCode::exists, "there is another index '" + std::string(name) + "'").at("name");
  }
  QUIRE_TRY_STATUS(place.shard->create_index(place.collection.id, ValueIndexes::kKind,
                                             ValueIndexes::store(wanted), fence));
  QUIRE_TRY(const IndexInfo made, find_index(place, name));
  return describe(made, wanted);
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
  QUIRE_TRY(const IndexInfo index, find_index(place, name));
  return place.shard->drop_index(index.id, fence);
}

void LocalQueries::indexes(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                           Completion<std::vector<IndexDescription>> done) {
  done(indexes(caller, limits, address));
}

Result<std::vector<IndexDescription>> LocalQueries::indexes(const Caller& caller, const CallLimits& limits,
                                                            const CollectionAddress& address) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::describe, address));
  std::vector<IndexDescription> all;
  for (const IndexInfo& index : place.shard->indexes()) {
    const auto* const definition = definition_of(index);
    if (index.collection != place.collection.id || definition == nullptr) continue;
    all.push_back(describe(index, *definition));
  }
  std::sort(all.begin(), all.end(), [](const IndexDescription& left, const IndexDescription& right) {
    return left.name < right.name;
  });
  return all;
}

}  // namespace quire::engine
