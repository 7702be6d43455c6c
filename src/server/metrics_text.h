#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/request_metrics.h"

namespace quire::server {

// The figures of an open database.
struct DatabaseFigures {
  std::string id;
  std::string name;
  std::uint64_t changes = 0;  // that were ever committed
  std::uint64_t documents = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t log_bytes = 0;
  std::uint64_t memory_bytes = 0;
  bool takes_writes = true;
};

// What a server is like at one moment.
struct NodeFigures {
  std::uint64_t connections = 0;
  std::uint64_t databases = 0;
  std::uint64_t memory_used = 0;  // of the budget
  std::uint64_t memory_limit = 0;
  std::uint64_t document_cache = 0;
  std::uint64_t document_hits = 0;  // of that cache
  std::uint64_t document_misses = 0;
  std::uint64_t schema_refused = 0;  // writes that did not fit their collection's schema
  std::uint64_t schema_warned = 0;
  std::uint64_t resident_bytes = 0;  // of the process
  std::uint64_t disk_free = 0;
  std::int64_t started_ms = 0;
  bool ready = false;
  std::vector<DatabaseFigures> open;
};

// All of it in Prometheus' text format.
std::string metrics_text(const NodeFigures& node, const std::vector<RequestMetrics::Route>& routes,
                         const std::function<std::string_view(std::uint32_t)>& route_name);

}  // namespace quire::server
