#include <utility>

#include "embed/changes_of.h"
#include "embed/convert.h"
#include "embed/core.h"
#include "engine/position.h"
#include "engine/write_plan.h"

QUIRE_NAMESPACE_BEGIN

namespace {

const engine::Caller kCaller = engine::Caller::admin();

engine::LocalCatalog& catalog(const std::shared_ptr<Core>& core) { return core->node->catalog(); }

// What every row of a bulk write came to, in the programs' words.
std::vector<Result<Written>> to_public(engine::WriteResult&& answer) {
  std::vector<Result<Written>> rows;
  rows.reserve(answer.rows.size());
  for (auto& row : answer.rows) {
    if (row) {
      rows.emplace_back(v1::to_public(*std::move(row), answer.durable));
    } else {
      rows.emplace_back(v1::to_public(row.error()));
    }
  }
  return rows;
}

}  // namespace

Database::Database(std::shared_ptr<Core> core, std::string name)
    : core_(std::move(core)), name_(std::move(name)) {}

Collection Database::collection(std::string_view name) const {
  return Collection(core_, name_, std::string(name));
}

Result<std::vector<std::string>> Database::collections() const {
  auto figures = this->figures();
  if (!figures) return figures.error();
  std::vector<std::string> names;
  for (auto& collection : figures->collections) names.push_back(std::move(collection.name));
  return names;
}

Status Database::create_collection(std::string_view name) {
  if (!usable(*core_)) return forked();
  const auto made = engine::wait<engine::CollectionDescription>([&](auto done) {
    catalog(core_).create_collection(kCaller, {}, {.database = {.name = name_}, .collection = name}, {},
                                     std::move(done));
  });
  if (!made) return v1::to_public(made.error());
  return {};
}

Status Database::drop_collection(std::string_view name) {
  if (!usable(*core_)) return forked();
  return v1::to_public(engine::wait<void>([&](auto done) {
    catalog(core_).drop_collection(kCaller, {}, {.database = {.name = name_}, .collection = name},
                                   std::move(done));
  }));
}

Result<std::vector<Result<Written>>> Database::write(const std::vector<Write>& writes,
                                                     const BulkOptions& options) {
  if (!usable(*core_)) return forked();
  std::vector<engine::Change> changes;
  engine::RefusedRows refused;
  changes.reserve(writes.size());
  for (std::size_t i = 0; i < writes.size(); ++i) {
    auto change = make_change(writes[i]);
    if (change) {
      changes.push_back(*std::move(change));
    } else if (options.atomic) {
      return v1::to_public(std::move(change).error().at("writes[" + std::to_string(i) + "]"));
    } else {
      refused.emplace_back(i, std::move(change).error());
    }
  }
  auto answer =
      write_and_wait(*core_, name_, std::move(changes),
                     engine_options(*core_, options.durability, options.request_id, options.atomic));
  if (!answer) return v1::to_public(answer.error());
  return to_public(engine::merge_rows(std::move(refused), *std::move(answer)));
}

Result<DatabaseFigures> Database::figures() const {
  if (!usable(*core_)) return forked();
  const engine::DatabaseAddress address{.name = name_};
  const auto whole = engine::wait<engine::DatabaseStatistics>(
      [&](auto done) { catalog(core_).statistics(kCaller, {}, address, std::move(done)); });
  if (!whole) return v1::to_public(whole.error());
  auto collections = engine::wait<std::vector<engine::CollectionDescription>>(
      [&](auto done) { catalog(core_).collections(kCaller, {}, address, std::move(done)); });
  if (!collections) return v1::to_public(collections.error());
  DatabaseFigures figures;
  figures.name = name_;
  figures.position = engine::to_string(whole->position);
  figures.disk_bytes = whole->disk_bytes;
  for (auto& one : *collections) {
    figures.collections.push_back(
        {std::move(one.name), one.counts.documents, one.counts.deleted, one.counts.bytes});
  }
  return figures;
}

QUIRE_NAMESPACE_END
