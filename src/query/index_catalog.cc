#include "query/index_catalog.h"

#include <algorithm>
#include <optional>

#include "query/value_index.h"

namespace quire::query {

using database::CollectionId;
using database::IndexInfo;
using database::Shard;

namespace {

const ValueIndex& value_index(const database::IndexHook& hook) {
  return static_cast<const ValueIndex&>(hook);
}

bool is_of(const IndexInfo& info, CollectionId collection) {
  return info.collection == collection && info.kind == ValueIndexes::kKind;
}

IndexReport report_of(const IndexInfo& info) {
  const IndexDefinition& definition = *value_index(*info.hook).definition();
  return {.name = definition.name,
          .definition = definition.print(),
          .state = info.state,
          .done = info.done,
          .total = info.total,
          .failure = info.failure};
}

std::optional<IndexInfo> find(const Shard& shard, CollectionId collection, std::string_view name) {
  for (IndexInfo& info : shard.indexes()) {
    if (is_of(info, collection) && info.hook->name() == name) return std::move(info);
  }
  return std::nullopt;
}

Result<IndexReport> same_or_error(const IndexInfo& there, const IndexDefinition& wanted) {
  IndexReport report = report_of(there);
  if (report.definition == wanted.print()) return report;
  return Error(ErrorCode::exists, "there is an index '" + wanted.name + "' of another definition").at("name");
}

}  // namespace

Result<IndexReport> create_index(Shard& shard, CollectionId collection, std::string_view name,
                                 std::string_view definition, const database::Fence& fence) {
  QUIRE_TRY(const IndexDefinition wanted, IndexDefinition::parse(name, definition));
  if (const auto there = find(shard, collection, name)) return same_or_error(*there, wanted);
  const auto made = shard.create_index(collection, ValueIndexes::kKind, ValueIndexes::store(wanted), fence);
  if (!made && made.error().code() != ErrorCode::exists) return made.error();
  const auto there = find(shard, collection, name);
  if (there) return same_or_error(*there, wanted);  // ours, or that of whoever was quicker
  return Error(ErrorCode::not_found, "the index '" + std::string(name) + "' was dropped meanwhile")
      .at("name");
}

Status drop_index(Shard& shard, CollectionId collection, std::string_view name,
                  const database::Fence& fence) {
  const auto there = find(shard, collection, name);
  if (there) return shard.drop_index(there->id, fence);
  return Error(ErrorCode::not_found, "there is no index '" + std::string(name) + "'").at("name");
}

std::vector<IndexReport> list_indexes(const Shard& shard, CollectionId collection) {
  std::vector<IndexReport> reports;
  for (const IndexInfo& info : shard.indexes()) {
    if (is_of(info, collection)) reports.push_back(report_of(info));
  }
  std::sort(reports.begin(), reports.end(),
            [](const IndexReport& left, const IndexReport& right) { return left.name < right.name; });
  return reports;
}

std::vector<UsableIndex> usable_indexes(const Shard& shard, const database::ReadView& view,
                                        CollectionId collection) {
  std::vector<UsableIndex> usable;
  for (const database::ViewIndex& index : view.indexes(collection)) {
    if (index.kind != ValueIndexes::kKind) continue;
    usable.push_back({.id = index.id,
                      .definition = value_index(*index.hook).definition(),
                      .multikey = index.multikey,
                      .entries = 0});
  }
  if (usable.empty()) return usable;
  const auto info = shard.collections().find(collection);
  for (UsableIndex& index : usable) index.entries = info ? info->counts.documents : 0;
  return usable;
}

}  // namespace quire::query
