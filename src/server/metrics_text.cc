#include "server/metrics_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>

// The one file that knows prometheus-cpp, of which only the families and their text are used: its counters
// take a lock each, and ours are read when somebody asks.
namespace quire::server {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double kMicros = 1e6;
constexpr double kMillis = 1e3;

class Families {
 public:
  MetricFamily& add(const char* name, const char* help, MetricType type) {
    auto& family = families_.emplace_back();
    family.name = name;
    family.help = help;
    family.type = type;
    return family;
  }

  void gauge(const char* name, const char* help, double value) {
    put_gauge(add(name, help, MetricType::Gauge), {}, value);
  }

  void counter(const char* name, const char* help, std::uint64_t value) {
    put_counter(add(name, help, MetricType::Counter), {}, static_cast<double>(value));
  }

  static void put_gauge(MetricFamily& family, Labels labels, double value) {
    auto& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    metric.gauge.value = value;
  }

  static void put_counter(MetricFamily& family, Labels labels, double value) {
    auto& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    metric.counter.value = value;
  }

  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

std::string status_label(std::size_t slot) {
  if (slot == RequestMetrics::kStatuses.size()) return "other";
  const auto status = RequestMetrics::kStatuses[slot];
  return status == 0 ? "gone" : std::to_string(status);
}

void put_times(MetricFamily& family, const std::string& route, const RequestMetrics::Route& sums) {
  auto& metric = family.metric.emplace_back();
  metric.label = {{"route", route}};
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < RequestMetrics::kBuckets; ++i) {
    seen += sums.times[i];
    const bool last = i == RequestMetrics::kBounds.size();
    metric.histogram.bucket.push_back(
        {seen, last ? std::numeric_limits<double>::infinity()
                    : static_cast<double>(RequestMetrics::kBounds[i]) / kMicros});
  }
  metric.histogram.sample_count = seen;
  metric.histogram.sample_sum = static_cast<double>(sums.micros) / kMicros;
}

void add_requests(Families& families, const std::vector<RequestMetrics::Route>& routes,
                  const std::function<std::string_view(std::uint32_t)>& route_name) {
  auto& requests = families.add("quire_requests_total",
                                "Requests by route and status; gone: the client went before its answer.",
                                MetricType::Counter);
  for (const auto& sums : routes) {
    for (std::size_t i = 0; i < RequestMetrics::kStatusSlots; ++i) {
      if (sums.statuses[i] == 0) continue;
      Families::put_counter(requests,
                            {{"route", std::string(route_name(sums.route))}, {"status", status_label(i)}},
                            static_cast<double>(sums.statuses[i]));
    }
  }
  auto& bytes =
      families.add("quire_response_bytes_total", "Bytes of the bodies of answers.", MetricType::Counter);
  for (const auto& sums : routes) {
    Families::put_counter(bytes, {{"route", std::string(route_name(sums.route))}},
                          static_cast<double>(sums.bytes));
  }
  auto& times = families.add("quire_request_seconds", "From a request's head to the end of its answer.",
                             MetricType::Histogram);
  for (const auto& sums : routes) put_times(times, std::string(route_name(sums.route)), sums);
}

using DatabaseFigure = double (*)(const DatabaseFigures&);

void add_of_databases(Families& families, const NodeFigures& node, const char* name, const char* help,
                      MetricType type, DatabaseFigure figure) {
  auto& family = families.add(name, help, type);
  for (const auto& database : node.open) {
    Labels labels = {{"database", database.name}, {"id", database.id}};
    if (type == MetricType::Counter) {
      Families::put_counter(family, std::move(labels), figure(database));
    } else {
      Families::put_gauge(family, std::move(labels), figure(database));
    }
  }
}

void add_databases(Families& families, const NodeFigures& node) {
  add_of_databases(families, node, "quire_commits_total", "Changes committed, of databases that are open.",
                   MetricType::Counter, [](const auto& one) { return static_cast<double>(one.changes); });
  add_of_databases(families, node, "quire_documents", "Live documents, of databases that are open.",
                   MetricType::Gauge, [](const auto& one) { return static_cast<double>(one.documents); });
  add_of_databases(families, node, "quire_disk_bytes", "Files of a database, of those that are open.",
                   MetricType::Gauge, [](const auto& one) { return static_cast<double>(one.disk_bytes); });
  add_of_databases(families, node, "quire_log_bytes",
                   "Write-ahead log of a database, of those that are open.", MetricType::Gauge,
                   [](const auto& one) { return static_cast<double>(one.log_bytes); });
  add_of_databases(families, node, "quire_write_buffer_bytes",
                   "Memory of a database outside the shared cache, of those that are open.",
                   MetricType::Gauge, [](const auto& one) { return static_cast<double>(one.memory_bytes); });
  add_of_databases(families, node, "quire_takes_writes",
                   "0: writes are refused after damage or a failed sync.", MetricType::Gauge,
                   [](const auto& one) { return one.takes_writes ? 1.0 : 0.0; });
}

}  // namespace

std::string metrics_text(const NodeFigures& node, const std::vector<RequestMetrics::Route>& routes,
                         const std::function<std::string_view(std::uint32_t)>& route_name) {
  Families families;
  add_requests(families, routes, route_name);
  families.gauge("quire_connections", "Connections that are open.", static_cast<double>(node.connections));
  families.gauge("quire_databases", "Databases that exist.", static_cast<double>(node.databases));
  families.gauge("quire_open_databases", "Databases that are open.", static_cast<double>(node.open.size()));
  families.gauge("quire_memory_bytes", "Of the memory budget, in use.",
                 static_cast<double>(node.memory_used));
  families.gauge("quire_memory_limit_bytes", "The memory budget.", static_cast<double>(node.memory_limit));
  families.gauge("quire_document_cache_bytes", "Of the memory in use, the cache of documents.",
                 static_cast<double>(node.document_cache));
  families.counter("quire_document_cache_hits_total", "Looks for a document that was in that cache.",
                   node.document_hits);
  families.counter("quire_document_cache_misses_total", "Looks for a document that was not in that cache.",
                   node.document_misses);
  families.counter("quire_schema_refused_total", "Writes that did not fit a strict schema.",
                   node.schema_refused);
  families.counter("quire_schema_warned_total", "Writes that did not fit a schema that only warns.",
                   node.schema_warned);
  families.gauge("quire_resident_bytes", "Memory of the process.", static_cast<double>(node.resident_bytes));
  families.gauge("quire_disk_free_bytes", "Free space where the data directory is.",
                 static_cast<double>(node.disk_free));
  families.gauge("quire_start_time_seconds", "When the server started, since 1970.",
                 static_cast<double>(node.started_ms) / kMillis);
  families.gauge("quire_ready", "1: the server is ready.", node.ready ? 1 : 0);
  add_databases(families, node);
  return families.text();
}

}  // namespace quire::server
