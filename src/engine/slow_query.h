#pragma once

#include <string>

#include "engine/local_queries.h"
#include "query/find.h"

namespace quire::engine {

// What is told of a slow query: nothing of what its filter or its stages hold, which may be of a document.
struct SlowQuery {
  const char* message;  // "a query was slow"
  std::string database;
  std::string owner;
  std::string collection;
  const query::Find& find;
  std::string plan;  // the path's name
};

// Writes it to the log where it took as long as the options say.
void log_if_slow(const QueryOptions& options, const SlowQuery& query, const QueryStats& stats);

}  // namespace quire::engine
