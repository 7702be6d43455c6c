#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "database/catalog.h"
#include "database/testing/test_shard.h"
#include "engine/index_kinds.h"
#include "engine/local_node.h"
#include "query/schema_rule.h"

namespace quire::engine::testing {

// A catalog whose databases live in ordered maps in memory, and stay open.
class MapCatalog final : public database::Catalog {
 public:
  explicit MapCatalog(database::testing::ShardWorld& world);

  Result<database::DatabaseInfo> create(std::string_view name, std::string_view owner,
                                        const database::ShardSettings& settings) override;
  Result<database::DatabaseInfo> reserved(std::string_view name,
                                          const database::ShardSettings& settings) override;
  Result<database::DatabaseInfo> find(std::string_view name, std::string_view owner) override;
  Result<database::DatabaseInfo> find_id(const std::string& id) override;
  std::vector<database::DatabaseInfo> list() override;
  std::vector<database::DatabaseInfo> owned_by(std::string_view owner) override;
  std::size_t count_owned_by(std::string_view owner) override { return owned_by(owner).size(); }
  Result<database::DatabaseInfo> change_settings(
      const std::string& id, const std::function<void(database::ShardSettings&)>& change) override;
  Status remove(const std::string& id) override;
  std::string node_id() const override { return std::string(32, 'e'); }
  // Done when it returns.
  Status compact(const std::string& id) override;
  bool compacting(const std::string&) const override { return false; }
  Result<std::shared_ptr<database::Shard>> use(const std::string& id) override;
  Status backup(const std::string& directory) override;
  Status verify(const std::function<void(const std::string&)>& damaged) override;
  std::uint64_t memory_used() const override { return 0; }
  std::size_t open_databases() const override { return shards_.size(); }
  std::size_t most_open_databases() const override { return most_open; }
  std::uint64_t document_cache_used() const override { return 0; }
  database::DocumentCache::Looks document_cache_looks() const override { return {}; }
  void each_open(const std::function<void(const database::DatabaseInfo&, database::Shard&)>& visit) override {
    for (const auto& [id, shard] : shards_) visit(infos_.at(id), *shard);
  }

  std::size_t most_open = 64;
  // How often use() was called for it.
  int uses(const std::string& id);
  std::vector<std::string> backups;  // the directories that were asked for

 private:
  database::testing::ShardWorld& world_;
  int made_ = 0;
  std::mutex uses_mutex_;
  std::map<std::string, int> uses_;                                 // guarded by uses_mutex_; by id
  std::map<std::string, database::DatabaseInfo> infos_;             // by id
  std::map<std::string, std::shared_ptr<database::Shard>> shards_;  // by id
};

// What a function decides; nothing is fenced or limited.
class AuthorityOf final : public Authority {
 public:
  using Rule = Decision (*)(const Caller&, Action, const Target&);
  explicit AuthorityOf(Rule rule) : rule_(rule) {}
  Decision decide(const Caller& caller, Action action, const Target& target) const override {
    return rule_(caller, action, target);
  }
  database::Fence fence(const DatabaseAddress&) const override { return {}; }
  std::uint64_t byte_limit(const DatabaseAddress&) const override { return 0; }
  Status removed(std::string_view) const override { return ok(); }

 private:
  const Rule rule_;
};

// A node in memory with everything around it. Calls are made as admin unless a test says otherwise, and
// waited for.
struct TestNode {
  explicit TestNode(const Authority& authority = owner_alone());

  // With the indexes that queries use, and schemas.
  struct World : database::testing::ShardWorld {
    World() {
      for (const auto* const kind : index_kinds()) kinds.push_back(kind);
      rule_kinds.push_back(&schema_rules);
    }
    query::SchemaRules schema_rules{clock, nullptr};
  };
  World world;
  MapCatalog catalog{world};
  LocalNode node;
  Caller caller = Caller::admin();
  CallLimits limits;

  std::shared_ptr<database::Shard> shard(std::string_view database = "main");

  Result<Document> get(std::string_view id, const GetOptions& options = {},
                       std::string_view collection = "_default");
  Result<WriteResult> write(std::vector<Change> changes, const WriteOptions& options = {});
  // Of one change; its error, too.
  Result<EditResult> write_one(Change change, const WriteOptions& options = {});
  // Puts whatever is there, and ends the test's process where that fails.
  EditResult put(const std::string& id, const std::string& json, const std::string& collection = "_default");
  EditResult remove(const std::string& id, const std::string& collection = "_default");
  Result<std::vector<std::string>> list(const ListOptions& options = {},
                                        std::string_view collection = "_default");
  Result<FeedPage> read(const Position& since = {}, const FeedOptions& options = {});
};

// "{...}" as a Body; ends the test's process where it is none.
Body body(std::string_view json);
Change put_change(const std::string& id, const std::string& json, const std::string& collection = "_default");

}  // namespace quire::engine::testing
