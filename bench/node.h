#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "database/catalog.h"
#include "database/testing/test_shard.h"
#include "engine/local_node.h"

namespace quire::bench {

inline constexpr std::uint64_t kMiB = 1 << 20;

// One node as a server would have it: the engine with decide() in the path, on disk, with one index hook.
class Node {
 public:
  Node(const std::string& directory, std::uint64_t memory_bytes);

  engine::LocalDocuments& documents() { return node_->documents(); }
  engine::LocalFeeds& feeds() { return node_->feeds(); }
  database::Catalog& catalog() { return *catalog_; }
  std::shared_ptr<database::Shard> shard();

  // Puts documents [from, to) in batches of 500, durably.
  void fill(const std::function<std::string(std::uint64_t)>& text, std::uint64_t from, std::uint64_t to);
  // One document's bytes, or the end of the program.
  std::size_t get(const std::string& id);
  void write(std::vector<engine::Change> changes);

 private:
  database::testing::MemberIndexes members_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<database::Catalog> catalog_;
  std::unique_ptr<engine::LocalNode> node_;
};

engine::Change put(std::string id, std::string body);

// Puts a second of 64 threads, each of which waits for its own to be durable; ids count up from `next`.
double put_rate(Node& node, const std::vector<std::string>& texts, std::uint64_t& next);

[[noreturn]] void die(const std::string& what);

}  // namespace quire::bench
