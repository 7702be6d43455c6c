#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/executor.h"
#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/schema_check.h"
#include "engine/schemas.h"

namespace quire::engine {

// Schemas of the databases in this process: they are rules of their shards (src/query/schema_rule.h), and
// what is found of old documents is kept in memory. Its end stops the checks that run.
class LocalSchemas final : public Schemas {
 public:
  LocalSchemas(Databases& databases, const Clock& clock, Executor& executor, const Authority& authority)
      : databases_(databases), clock_(clock), executor_(executor), authority_(authority) {}

  void set_schema(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                  std::string_view definition, Completion<SchemaDescription> done) override {
    done(set_schema(caller, limits, address, definition));
  }
  void schema(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
              Completion<SchemaDescription> done) override {
    done(schema(caller, limits, address));
  }
  void drop_schema(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                   Completion<void> done) override {
    done(drop_schema(caller, limits, address));
  }

 private:
  struct Place {
    std::shared_ptr<database::Shard> shard;
    database::CollectionInfo collection;
    database::Fence fence;
  };
  using Key = std::pair<std::string, database::CollectionId>;  // of a database's id

  Result<SchemaDescription> set_schema(const Caller& caller, const CallLimits& limits,
                                       const CollectionAddress& address, std::string_view definition);
  Result<SchemaDescription> schema(const Caller& caller, const CallLimits& limits,
                                   const CollectionAddress& address);
  Status drop_schema(const Caller& caller, const CallLimits& limits, const CollectionAddress& address);

  Result<Place> enter(const Caller& caller, const CallLimits& limits, Action action,
                      const CollectionAddress& address);
  Result<SchemaDescription> describe(const Caller& caller, const CollectionAddress& address,
                                     const Place& place);
  Status forget_check(const CollectionAddress& address, const Place& place);
  // The check of this rule, begun where there is none.
  Result<std::shared_ptr<SchemaCheck>> check_of(const CollectionAddress& address, const Place& place,
                                                const database::OpenRule& rule);

  Databases& databases_;
  const Clock& clock_;
  Executor& executor_;
  const Authority& authority_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<SchemaCheck>> checks_;  // guarded by mutex_
  database::TaskGate gate_;
};

}  // namespace quire::engine
