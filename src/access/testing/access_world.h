#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/access.h"
#include "base/testing/manual_executor.h"
#include "base/testing/seeded_random.h"
#include "database/catalog.h"

namespace quire::access::testing {

// A catalog that hands out no more shards once it is told so: to who stands above, the process is dead. What
// was written before stays.
class StoppableCatalog final : public database::Catalog {
 public:
  explicit StoppableCatalog(database::Catalog& inner) : inner_(inner) {}
  void stop() { stopped_ = true; }
  void go_on() { stopped_ = false; }
  // Runs within the next call that looks at or changes a record. Set while nobody else calls.
  std::function<void()> on_next_use;

  Result<database::DatabaseInfo> create(std::string_view name, std::string_view owner,
                                        const database::ShardSettings& settings) override {
    return inner_.create(name, owner, settings);
  }
  Result<database::DatabaseInfo> reserved(std::string_view name,
                                          const database::ShardSettings& settings) override {
    return inner_.reserved(name, settings);
  }
  Result<database::DatabaseInfo> find(std::string_view name, std::string_view owner) override {
    return inner_.find(name, owner);
  }
  Result<database::DatabaseInfo> find_id(const std::string& id) override { return inner_.find_id(id); }
  std::vector<database::DatabaseInfo> list() override { return inner_.list(); }
  std::vector<database::DatabaseInfo> owned_by(std::string_view owner) override {
    return inner_.owned_by(owner);
  }
  std::size_t count_owned_by(std::string_view owner) override { return inner_.count_owned_by(owner); }
  Result<database::DatabaseInfo> change_settings(
      const std::string& id, const std::function<void(database::ShardSettings&)>& change) override {
    return inner_.change_settings(id, change);
  }
  Status remove(const std::string& id) override { return inner_.remove(id); }
  std::string node_id() const override { return inner_.node_id(); }
  Status compact(const std::string& id) override { return inner_.compact(id); }
  bool compacting(const std::string& id) const override { return inner_.compacting(id); }
  Result<std::shared_ptr<database::Shard>> use(const std::string& id) override {
    if (stopped_) return Error(ErrorCode::unavailable, "the catalog was stopped");
    if (const auto hook = std::exchange(on_next_use, nullptr)) hook();
    return inner_.use(id);
  }
  Status backup(const std::string& directory) override { return inner_.backup(directory); }
  Status verify(const std::function<void(const std::string&)>& damaged) override {
    return inner_.verify(damaged);
  }
  std::uint64_t memory_used() const override { return inner_.memory_used(); }
  std::size_t open_databases() const override { return inner_.open_databases(); }
  std::size_t most_open_databases() const override { return inner_.most_open_databases(); }
  std::uint64_t document_cache_used() const override { return inner_.document_cache_used(); }
  database::DocumentCache::Looks document_cache_looks() const override {
    return inner_.document_cache_looks();
  }
  void each_open(const std::function<void(const database::DatabaseInfo&, database::Shard&)>& visit) override {
    inner_.each_open(visit);
  }

 private:
  database::Catalog& inner_;
  std::atomic<bool> stopped_{false};
};

// Access over a catalog in memory, or over a directory, with a clock and an executor that stand still until
// they are told to move, and hashes that cost next to nothing.
class AccessWorld {
 public:
  // An empty directory: in memory.
  explicit AccessWorld(const std::string& directory = {}, std::uint64_t seed = 1);
  ~AccessWorld();

  Access& operator*() { return *access; }
  Access* operator->() { return access.get(); }

  // An orderly end and a start; and an end at which nothing more is written.
  void reopen();
  void crash();
  // Runs what was put off, without time passing.
  void settle() { executor->run_ready(); }
  void pass(std::chrono::milliseconds time) { executor->advance(time); }

  User user(const std::string& name, const std::string& password =
                                         "password of "
                                         "this user");
  // Whom a fresh key of the account proves.
  std::shared_ptr<const Identity> identity(const std::string& user);
  std::shared_ptr<const Identity> admin();
  Place database(const std::string& name, const std::string& owner = {});

  Options options;
  ManualClock clock;
  SeededRandom random;
  std::unique_ptr<Executor> threads = make_thread_pool(2);
  std::unique_ptr<database::Catalog> disk;
  std::unique_ptr<StoppableCatalog> catalog;
  std::unique_ptr<ManualExecutor> executor;
  std::unique_ptr<Access> access;

 private:
  void start();

  struct Owned {
    std::string id;
    std::string owner;
    std::string name;
  };
  std::vector<std::unique_ptr<Owned>> places_;
};

constexpr const char* kPassword = "correct horse battery";

// The code and the field of what failed; nothing of what did not.
std::string error_of(const auto& result) {
  return result ? "" : std::string(name(result.error().code())) + " " + result.error().field();
}

// Lets no test wait for a hash.
PasswordCost cheap();

// A file of the tree, in which tests run.
std::string read_text(const std::string& path);

}  // namespace quire::access::testing
