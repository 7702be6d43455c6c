#pragma once

#include "cli/remote/http.h"
#include "engine/catalog.h"

namespace quire::cli::remote {

// The catalog over a server's /v1, as far as commands look at it. What changes databases, and what works on
// files, is not_implemented. Calls block, and are answered before they return.
class RemoteCatalog final : public engine::Catalog {
 public:
  explicit RemoteCatalog(Http& http) : http_(http) {}

  void databases(const engine::Caller& caller, const CallLimits& limits,
                 engine::Completion<std::vector<engine::DatabaseDescription>> done) override;
  // The server takes ids where it takes names.
  std::optional<engine::DatabaseDescription> database_of_id(std::string_view) override {
    return std::nullopt;
  }
  void create_database(const engine::Caller& caller, const CallLimits& limits,
                       const engine::DatabaseAddress& address, const engine::DatabaseSettings& settings,
                       engine::Completion<engine::DatabaseDescription> done) override;
  void change_database(const engine::Caller& caller, const CallLimits& limits,
                       const engine::DatabaseAddress& address, const engine::DatabaseSettings& settings,
                       engine::Completion<engine::DatabaseDescription> done) override;
  void remove_database(const engine::Caller& caller, const CallLimits& limits,
                       const engine::DatabaseAddress& address, engine::Completion<void> done) override;
  void compact(const engine::Caller& caller, const CallLimits& limits, const engine::DatabaseAddress& address,
               engine::Completion<void> done) override;
  // Nothing asks for a server's.
  std::string node_id() override { return {}; }
  void statistics(const engine::Caller& caller, const CallLimits& limits,
                  const engine::DatabaseAddress& address,
                  engine::Completion<engine::DatabaseStatistics> done) override;
  void collections(const engine::Caller& caller, const CallLimits& limits,
                   const engine::DatabaseAddress& address,
                   engine::Completion<std::vector<engine::CollectionDescription>> done) override;
  void create_collection(const engine::Caller& caller, const CallLimits& limits,
                         const engine::CollectionAddress& address, const engine::CollectionSettings& settings,
                         engine::Completion<engine::CollectionDescription> done) override;
  void drop_collection(const engine::Caller& caller, const CallLimits& limits,
                       const engine::CollectionAddress& address, engine::Completion<void> done) override;
  void node_statistics(const engine::Caller& caller, const CallLimits& limits,
                       engine::Completion<engine::NodeStatistics> done) override;
  void backup(const engine::Caller& caller, const CallLimits& limits, const std::string& directory,
              engine::Completion<void> done) override;
  void verify(const engine::Caller& caller, const CallLimits& limits,
              const std::function<void(const std::string&)>& damaged, engine::Completion<void> done) override;

 private:
  Status backup(const std::string& name);
  Result<std::vector<engine::DatabaseDescription>> databases();
  Result<engine::DatabaseStatistics> statistics(const engine::DatabaseAddress& address);
  Result<std::vector<engine::CollectionDescription>> collections(const engine::DatabaseAddress& address);

  Http& http_;
};

}  // namespace quire::cli::remote
