#pragma once

#include "base/clock.h"
#include "engine/catalog.h"
#include "engine/databases.h"
#include "engine/decide.h"

namespace quire::engine {

DatabaseDescription describe_database(database::DatabaseInfo info);

// The databases in this process. Every call works on the calling thread.
class LocalCatalog final : public Catalog {
 public:
  LocalCatalog(Databases& databases, const Clock& clock, const Authority& authority)
      : databases_(databases), clock_(clock), authority_(authority) {}

  void databases(const Caller& caller, const CallLimits& limits,
                 Completion<std::vector<DatabaseDescription>> done) override {
    done(databases(caller, limits));
  }
  std::optional<DatabaseDescription> database_of_id(std::string_view id) override;
  void create_database(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                       const DatabaseSettings& settings, Completion<DatabaseDescription> done) override {
    done(create_database(caller, limits, address, settings));
  }
  void change_database(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                       const DatabaseSettings& settings, Completion<DatabaseDescription> done) override {
    done(change_database(caller, limits, address, settings));
  }
  void remove_database(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                       Completion<void> done) override {
    done(remove_database(caller, limits, address));
  }
  void compact(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
               Completion<void> done) override {
    done(compact(caller, limits, address));
  }
  std::string node_id() override { return databases_.catalog().node_id(); }
  void statistics(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                  Completion<DatabaseStatistics> done) override {
    done(statistics(caller, limits, address));
  }
  void collections(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                   Completion<std::vector<CollectionDescription>> done) override {
    done(collections(caller, limits, address));
  }
  void create_collection(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                         const CollectionSettings& settings,
                         Completion<CollectionDescription> done) override {
    done(create_collection(caller, limits, address, settings));
  }
  void drop_collection(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                       Completion<void> done) override {
    done(drop_collection(caller, limits, address));
  }
  void node_statistics(const Caller& caller, const CallLimits& limits,
                       Completion<NodeStatistics> done) override {
    done(node_statistics(caller, limits));
  }
  void backup(const Caller& caller, const CallLimits& limits, const std::string& directory,
              Completion<void> done) override {
    done(backup(caller, limits, directory));
  }
  void verify(const Caller& caller, const CallLimits& limits,
              const std::function<void(const std::string&)>& damaged, Completion<void> done) override {
    done(verify(caller, limits, damaged));
  }

 private:
  Result<std::vector<DatabaseDescription>> databases(const Caller& caller, const CallLimits& limits);
  Result<DatabaseDescription> create_database(const Caller& caller, const CallLimits& limits,
                                              const DatabaseAddress& address,
                                              const DatabaseSettings& settings);
  Result<DatabaseDescription> change_database(const Caller& caller, const CallLimits& limits,
                                              const DatabaseAddress& address,
                                              const DatabaseSettings& settings);
  Status remove_database(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address);
  Status compact(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address);
  Result<DatabaseStatistics> statistics(const Caller& caller, const CallLimits& limits,
                                        const DatabaseAddress& address);
  Result<std::vector<CollectionDescription>> collections(const Caller& caller, const CallLimits& limits,
                                                         const DatabaseAddress& address);
  Result<CollectionDescription> create_collection(const Caller& caller, const CallLimits& limits,
                                                  const CollectionAddress& address,
                                                  const CollectionSettings& settings);
  Status drop_collection(const Caller& caller, const CallLimits& limits, const CollectionAddress& address);
  Result<NodeStatistics> node_statistics(const Caller& caller, const CallLimits& limits);
  Status backup(const Caller& caller, const CallLimits& limits, const std::string& directory);
  Status verify(const Caller& caller, const CallLimits& limits,
                const std::function<void(const std::string&)>& damaged);

  Status admit(const Caller& caller, const CallLimits& limits, Action action, const Target& target) const;
  // Of the collections that the caller may read, with the documents that it may see.
  Result<std::vector<CollectionDescription>> describe(const Caller& caller, const CallLimits& limits,
                                                      const DatabaseAddress& address, database::Shard& shard);

  Databases& databases_;
  const Clock& clock_;
  const Authority& authority_;
};

}  // namespace quire::engine
