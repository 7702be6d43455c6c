#pragma once

#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/local_catalog.h"
#include "engine/local_documents.h"
#include "engine/local_feeds.h"

namespace quire::engine {

// The engine of one node: the three interfaces over the databases of one data directory. Thread-safe. What it
// is given outlives it, and the executor outlives the answers of its waits.
class LocalNode {
 public:
  LocalNode(database::Catalog& catalog, const Clock& clock, Executor& executor,
            Decide decide = &engine::decide)
      : databases_(catalog),
        documents_(databases_, clock, decide),
        feeds_(databases_, clock, executor, decide),
        catalog_(databases_, clock, decide) {}

  LocalDocuments& documents() { return documents_; }
  LocalFeeds& feeds() { return feeds_; }
  LocalCatalog& catalog() { return catalog_; }

 private:
  Databases databases_;
  LocalDocuments documents_;
  LocalFeeds feeds_;
  LocalCatalog catalog_;
};

}  // namespace quire::engine
