#include "engine/local_schemas.h"

#include "query/schema_rule.h"

namespace quire::engine {

using query::SchemaRule;
using query::SchemaRules;

Result<LocalSchemas::Place> LocalSchemas::enter(const Caller& caller, const CallLimits& limits, Action action,
                                                const CollectionAddress& address) {
  QUIRE_TRY_STATUS(limits.check(clock_));
  auto fence = authority_.fence(address.database);  // before anything is decided
  QUIRE_TRY_STATUS(
      authority_.decide(caller, action, {.database = address.database, .collection = address.collection}));
  QUIRE_TRY(auto shard, databases_.use(address.database));
  QUIRE_TRY(database::CollectionInfo collection, find_collection(*shard, address.collection));
  return Place{.shard = std::move(shard), .collection = std::move(collection), .fence = std::move(fence)};
}

Result<SchemaDescription> LocalSchemas::set_schema(const Caller& caller, const CallLimits& limits,
                                                   const CollectionAddress& address,
                                                   std::string_view definition) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::manage, address));
  QUIRE_TRY(const query::SchemaDefinition parsed, query::SchemaDefinition::parse(definition));
  QUIRE_TRY_STATUS(
      place.shard->set_rule(place.collection.id, SchemaRules::kKind, parsed.print(), place.fence));
  // The same again looks through the collection again.
  QUIRE_TRY_STATUS(forget_check(address, place));
  return describe(caller, address, place);
}

Result<SchemaDescription> LocalSchemas::schema(const Caller& caller, const CallLimits& limits,
                                               const CollectionAddress& address) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::describe, address));
  return describe(caller, address, place);
}

Status LocalSchemas::drop_schema(const Caller& caller, const CallLimits& limits,
                                 const CollectionAddress& address) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::manage, address));
  auto dropped = place.shard->drop_rule(place.collection.id, place.fence);
  if (!dropped && dropped.error().field() == "rule")
    return Error(ErrorCode::not_found, "the collection has no schema").at("schema");
  QUIRE_TRY_STATUS(dropped);
  return forget_check(address, place);
}

Status LocalSchemas::forget_check(const CollectionAddress& address, const Place& place) {
  QUIRE_TRY(const DatabaseId id, databases_.id_of(address.database));
  const std::lock_guard lock(mutex_);
  const auto known = checks_.find({std::string(id.text()), place.collection.id});
  if (known == checks_.end()) return ok();
  known->second->stop();
  checks_.erase(known);
  return ok();
}

Result<SchemaDescription> LocalSchemas::describe(const Caller& caller, const CollectionAddress& address,
                                                 const Place& place) {
  const auto rule = place.shard->rule(place.collection.id);
  if (!rule || rule->record.kind != SchemaRules::kKind)
    return Error(ErrorCode::not_found, "the collection has no schema").at("schema");
  const auto& schema = static_cast<const SchemaRule&>(*rule->rule);  // its kind says so
  const query::SchemaFigures figures = schema.figures();
  SchemaDescription description{.schema = std::string(schema.definition().schema.text()),
                                .mode = std::string(query::name(schema.definition().mode)),
                                .refused = figures.refused,
                                .warned = figures.warned,
                                .report = {}};
  QUIRE_TRY(const auto check, check_of(address, place, *rule));
  description.report = check->report();
  // Ids are those of documents; whoever may not read all of them is told how many there are.
  const auto reads = authority_.decide(caller, Action::read,
                                       {.database = address.database, .collection = address.collection});
  if (!reads || !reads->always()) description.report.first.clear();
  return description;
}

Result<std::shared_ptr<SchemaCheck>> LocalSchemas::check_of(const CollectionAddress& address,
                                                            const Place& place,
                                                            const database::OpenRule& rule) {
  QUIRE_TRY(const DatabaseId id, databases_.id_of(address.database));
  const std::lock_guard lock(mutex_);
  auto& check = checks_[{std::string(id.text()), place.collection.id}];
  if (check != nullptr && check->definition() == rule.record.definition) return check;
  if (check != nullptr) check->stop();
  check = std::make_shared<SchemaCheck>(databases_, executor_, gate_, address, place.collection,
                                        static_cast<const SchemaRule&>(*rule.rule).definition().schema,
                                        rule.record.definition);
  check->start();
  return check;
}

}  // namespace quire::engine
