#include "engine/local_node.h"

#include "database/catalog.h"

namespace quire::engine {

Result<std::unique_ptr<LocalNode>> LocalNode::open(const std::string& directory, const NodeOptions& options,
                                                   const Clock& clock, Random& random, Executor& executor) {
  database::CatalogOptions catalog_options;
  catalog_options.medium = options.in_memory ? storage::Medium::memory : storage::Medium::disk;
  catalog_options.create = options.create;
  catalog_options.memory_bytes = options.memory_bytes;
  catalog_options.idle_close = options.idle_close;
  QUIRE_TRY(auto catalog, database::Catalog::open(directory, catalog_options, clock, random, executor));
  return std::make_unique<LocalNode>(std::move(catalog), clock, executor);
}

Status restore(const std::string& backup_directory, const std::string& data_directory) {
  return database::Catalog::restore(backup_directory, data_directory);
}

}  // namespace quire::engine
