#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "database/shard.h"
#include "query/index_definition.h"

// The value indexes of a collection, by name; from every thread.
namespace quire::query {

// An index as its owner sees it.
struct IndexReport {
  std::string name;
  std::string definition;  // as IndexDefinition::print() has it
  database::IndexState state = database::IndexState::building;
  std::uint64_t done = 0;  // documents of a build
  std::uint64_t total = 0;
  std::string failure;  // of a failed build: why
};

// Answers when the definition is durable; the index is built behind it, and queries use it when it is ready.
// The same definition again changes nothing. Errors: invalid, too_large (the field is the path in the
// definition, or "name"), exists (another definition of this name), not_found (the collection), exhausted,
// and those of a write.
Result<IndexReport> create_index(database::Shard& shard, database::CollectionId collection,
                                 std::string_view name, std::string_view definition,
                                 const database::Fence& fence = {});
// Gone at once. Errors: not_found, and those of a write.
Status drop_index(database::Shard& shard, database::CollectionId collection, std::string_view name,
                  const database::Fence& fence = {});
// By name.
std::vector<IndexReport> list_indexes(const database::Shard& shard, database::CollectionId collection);

// What a query over this view may use: ready, and complete in the view. `entries` is about the number of the
// collection's documents; database::Shard::estimate_entries() looks closer. Costs no look at the store.
std::vector<UsableIndex> usable_indexes(const database::Shard& shard, const database::ReadView& view,
                                        database::CollectionId collection);

}  // namespace quire::query
