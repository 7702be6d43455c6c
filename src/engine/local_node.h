#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/random.h"
#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/local_catalog.h"
#include "engine/local_documents.h"
#include "engine/local_feeds.h"

namespace quire::engine {

struct NodeOptions {
  bool create = true;      // false: not_found where there is no data directory
  bool in_memory = false;  // nothing reaches a disk; the directory only names the databases
  std::uint64_t memory_bytes = 256ULL << 20;  // of all open databases together, caches included
  std::chrono::milliseconds idle_close{60'000};
};

// The engine of one node: the three interfaces over the databases of one data directory. Thread-safe. What it
// is given outlives it, and the executor outlives the answers of its waits. Its end answers the waits, and
// blocks until the other calls have been answered.
class LocalNode {
 public:
  // Errors: locked (another process has the directory), not_found, corrupt, invalid (a directory of something
  // else, or of another version), io.
  static Result<std::unique_ptr<LocalNode>> open(const std::string& directory, const NodeOptions& options,
                                                 const Clock& clock, Random& random, Executor& executor);
  // Over a catalog that somebody else owns, and that outlives the node.
  LocalNode(database::Catalog& catalog, const Clock& clock, Executor& executor,
            Decide decide = &engine::decide)
      : databases_(catalog, executor),
        documents_(databases_, clock, decide),
        feeds_(databases_, clock, executor, decide),
        catalog_(databases_, clock, decide) {}
  LocalNode(std::unique_ptr<database::Catalog> catalog, const Clock& clock, Executor& executor)
      : LocalNode(*catalog, clock, executor) {
    owned_ = std::move(catalog);
  }
  LocalNode(const LocalNode&) = delete;
  LocalNode& operator=(const LocalNode&) = delete;

  LocalDocuments& documents() { return documents_; }
  LocalFeeds& feeds() { return feeds_; }
  LocalCatalog& catalog() { return catalog_; }

 private:
  std::unique_ptr<database::Catalog> owned_;  // first: destroyed last; null where it is somebody else's
  Databases databases_;
  LocalDocuments documents_;
  LocalFeeds feeds_;
  LocalCatalog catalog_;
};

// Makes a fresh data directory, which must not exist, of what backup() made. Every database begins a new
// incarnation. Errors: exists, not_found, corrupt, io.
Status restore(const std::string& backup_directory, const std::string& data_directory);

}  // namespace quire::engine
