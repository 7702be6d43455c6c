#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "access/access.h"
#include "base/random.h"
#include "engine/change_streams.h"
#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/local_accounts.h"
#include "engine/local_catalog.h"
#include "engine/local_checkpoints.h"
#include "engine/local_documents.h"
#include "engine/local_feeds.h"
#include "engine/local_queries.h"
#include "engine/local_revisions.h"
#include "engine/local_schemas.h"
#include "engine/local_transactions.h"
#include "query/schema_rule.h"

namespace quire::engine {

struct NodeOptions {
  bool create = true;      // false: not_found where there is no data directory
  bool in_memory = false;  // nothing reaches a disk; the directory only names the databases
  std::uint64_t memory_bytes = 256ULL << 20;  // of all open databases together, caches included
  std::chrono::milliseconds idle_close{60'000};
  // Of a node with accounts; none: the process's owner is alone.
  std::optional<AccountsOptions> accounts{};
  QueryOptions queries{};
};

// The engine of one node: the interfaces over the databases of one data directory. Thread-safe. What it
// is given outlives it, and the executor outlives the answers of its waits. Its end answers the waits, and
// blocks until the other calls have been answered.
class LocalNode {
 public:
  // Errors: locked (another process has the directory), not_found, corrupt, invalid (a directory of something
  // else, or of another version), io.
  static Result<std::unique_ptr<LocalNode>> open(const std::string& directory, const NodeOptions& options,
                                                 const Clock& clock, Random& random, Executor& executor);
  // Over a catalog that somebody else owns, and that outlives the node, as the authority does.
  LocalNode(database::Catalog& catalog, const Clock& clock, Executor& executor,
            const Authority& authority = owner_alone(), const QueryOptions& queries = {});
  LocalNode(std::unique_ptr<database::Catalog> catalog, const Clock& clock, Executor& executor,
            const QueryOptions& queries = {});
  // With accounts.
  LocalNode(std::unique_ptr<database::Catalog> catalog, std::unique_ptr<access::Access> access,
            const access::Options& options, const Clock& clock, Executor& executor,
            const QueryOptions& queries = {});
  ~LocalNode();
  LocalNode(const LocalNode&) = delete;
  LocalNode& operator=(const LocalNode&) = delete;

  LocalDocuments& documents() { return documents_; }
  LocalRevisions& revisions() { return revisions_; }
  LocalCheckpoints& checkpoints() { return checkpoints_; }
  LocalQueries& queries() { return queries_; }
  LocalTransactions& transactions() { return transactions_; }
  LocalSchemas& schemas() { return schemas_; }
  LocalFeeds& feeds() { return feeds_; }
  ChangeStreams& change_streams() { return change_streams_; }
  LocalCatalog& catalog() { return catalog_; }
  // Null where the node has none.
  LocalAccounts* accounts() { return accounts_.get(); }

 private:
  // From the first, which is destroyed last. The first four are null where they are somebody else's.
  std::unique_ptr<const query::SchemaRules> schema_rules_;
  std::unique_ptr<database::Catalog> owned_;
  std::unique_ptr<access::Access> access_;
  Databases databases_;
  std::unique_ptr<const Authority> own_authority_;
  const Authority& authority_;
  LocalDocuments documents_;
  LocalRevisions revisions_;
  LocalCheckpoints checkpoints_;
  LocalQueries queries_;
  LocalTransactions transactions_;
  LocalSchemas schemas_;
  LocalFeeds feeds_;
  ChangeStreams change_streams_;
  LocalCatalog catalog_;
  std::unique_ptr<LocalAccounts> accounts_;
};

// Makes a fresh data directory, which must not exist, of what backup() made. Every database begins a new
// incarnation. Errors: exists, not_found, corrupt, io.
Status restore(const std::string& backup_directory, const std::string& data_directory);

}  // namespace quire::engine
