#include "engine/local_node.h"

#include "database/catalog.h"
#include "engine/accounts_authority.h"
#include "engine/index_kinds.h"

namespace quire::engine {

LocalNode::LocalNode(database::Catalog& catalog, const Clock& clock, Executor& executor,
                     const Authority& authority, const QueryOptions& queries)
    : databases_(catalog, executor),
      authority_(authority),
      documents_(databases_, clock, authority_),
      revisions_(databases_, clock, authority_),
      checkpoints_(databases_, clock, authority_),
      queries_(databases_, clock, authority_, queries),
      transactions_(databases_, clock, executor, authority_, queries.budget),
      schemas_(databases_, clock, executor, authority_),
      feeds_(databases_, clock, executor, authority_),
      change_streams_(feeds_, authority_, executor),
      catalog_(databases_, clock, authority_) {}

LocalNode::LocalNode(std::unique_ptr<database::Catalog> catalog, const Clock& clock, Executor& executor,
                     const QueryOptions& queries)
    : LocalNode(*catalog, clock, executor, owner_alone(), queries) {
  owned_ = std::move(catalog);
}

LocalNode::LocalNode(std::unique_ptr<database::Catalog> catalog, std::unique_ptr<access::Access> access,
                     const access::Options& options, const Clock& clock, Executor& executor,
                     const QueryOptions& queries)
    : owned_(std::move(catalog)),
      access_(std::move(access)),
      databases_(*owned_, executor),
      own_authority_(std::make_unique<AccountsAuthority>(*access_, databases_, clock, options)),
      authority_(*own_authority_),
      documents_(databases_, clock, authority_),
      revisions_(databases_, clock, authority_),
      checkpoints_(databases_, clock, authority_),
      queries_(databases_, clock, authority_, queries),
      transactions_(databases_, clock, executor, authority_, queries.budget),
      schemas_(databases_, clock, executor, authority_),
      feeds_(databases_, clock, executor, authority_),
      change_streams_(feeds_, authority_, executor),
      catalog_(databases_, clock, authority_),
      accounts_(std::make_unique<LocalAccounts>(*access_, databases_, authority_, clock, options)) {}

LocalNode::~LocalNode() = default;

Result<std::unique_ptr<LocalNode>> LocalNode::open(const std::string& directory, const NodeOptions& options,
                                                   const Clock& clock, Random& random, Executor& executor) {
  database::CatalogOptions catalog_options;
  catalog_options.medium = options.in_memory ? storage::Medium::memory : storage::Medium::disk;
  catalog_options.create = options.create;
  catalog_options.memory_bytes = options.memory_bytes;
  catalog_options.idle_close = options.idle_close;
  catalog_options.index_kinds = index_kinds();
  auto schema_rules = std::make_unique<const query::SchemaRules>(clock, options.queries.log);
  catalog_options.rule_kinds = {schema_rules.get()};
  QUIRE_TRY(auto catalog, database::Catalog::open(directory, catalog_options, clock, random, executor));
  QueryOptions query_options = options.queries;
  if (!options.in_memory) QUIRE_TRY_STATUS(prepare_query_files(directory, query_options));
  std::unique_ptr<LocalNode> node;
  if (!options.accounts) {
    node = std::make_unique<LocalNode>(std::move(catalog), clock, executor, query_options);
  } else {
    QUIRE_TRY(auto access, access::Access::open(*catalog, *options.accounts, clock, random, executor));
    node = std::make_unique<LocalNode>(std::move(catalog), std::move(access), *options.accounts, clock,
                                       executor, query_options);
  }
  node->schema_rules_ = std::move(schema_rules);
  return node;
}

Status restore(const std::string& backup_directory, const std::string& data_directory) {
  return database::Catalog::restore(backup_directory, data_directory);
}

}  // namespace quire::engine
