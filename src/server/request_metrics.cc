#include "server/request_metrics.h"

#include <algorithm>

namespace quire::server {

struct RequestMetrics::Cells {
  std::array<std::atomic<std::uint64_t>, kStatusSlots> statuses{};
  std::array<std::atomic<std::uint64_t>, kBuckets> times{};
  std::atomic<std::uint64_t> micros{0};
  std::atomic<std::uint64_t> bytes{0};
};

namespace {

// Which stripe a thread counts in.
std::size_t stripe_of_thread() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine % tuning::kMetricStripes;
}

void add(std::atomic<std::uint64_t>& cell, std::uint64_t value) {
  cell.fetch_add(value, std::memory_order_relaxed);
}
std::uint64_t load(const std::atomic<std::uint64_t>& cell) { return cell.load(std::memory_order_relaxed); }

}  // namespace

RequestMetrics::RequestMetrics() : stripes_(std::make_unique<std::array<Stripe, tuning::kMetricStripes>>()) {}

RequestMetrics::~RequestMetrics() {
  for (Stripe& stripe : *stripes_) {
    for (auto& cells : stripe.routes) delete cells.load();
  }
}

RequestMetrics::Cells& RequestMetrics::cells_of(Stripe& stripe, std::uint32_t route) {
  auto& cell = stripe.routes[std::min<std::size_t>(route, tuning::kMetricRoutes - 1)];
  Cells* known = cell.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  auto made = std::make_unique<Cells>();
  // Another thread of the stripe may have been first.
  if (cell.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) return *made.release();
  return *known;
}

void RequestMetrics::count(const Outcome& outcome) {
  Cells& cells = cells_of((*stripes_)[stripe_of_thread()], outcome.route);
  const auto status = std::lower_bound(kStatuses.begin(), kStatuses.end(), outcome.status);
  const bool known = status != kStatuses.end() && *status == outcome.status;
  add(cells.statuses[known ? static_cast<std::size_t>(status - kStatuses.begin()) : kStatuses.size()], 1);
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), outcome.micros);
  add(cells.times[static_cast<std::size_t>(bound - kBounds.begin())], 1);
  add(cells.micros, outcome.micros);
  add(cells.bytes, outcome.bytes);
}

std::vector<RequestMetrics::Route> RequestMetrics::routes() const {
  std::vector<Route> all;
  for (std::uint32_t number = 0; number < tuning::kMetricRoutes; ++number) {
    Route sums;
    sums.route = number;
    bool asked = false;
    for (const Stripe& stripe : *stripes_) {
      const Cells* const cells = stripe.routes[number].load(std::memory_order_acquire);
      if (cells == nullptr) continue;
      asked = true;
      for (std::size_t i = 0; i < kStatusSlots; ++i) sums.statuses[i] += load(cells->statuses[i]);
      for (std::size_t i = 0; i < kBuckets; ++i) sums.times[i] += load(cells->times[i]);
      sums.micros += load(cells->micros);
      sums.bytes += load(cells->bytes);
    }
    if (asked) all.push_back(sums);
  }
  return all;
}

}  // namespace quire::server
