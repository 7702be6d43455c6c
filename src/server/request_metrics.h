#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/events.h"
#include "server/tuning.h"

namespace quire::server {

// What requests came to, counted on the threads of their connections without a lock. Thread-safe.
class RequestMetrics final : public net::Observer {
 public:
  // Upper bounds of the histogram of times, in microseconds; what is slower is in the last bucket.
  static constexpr std::array<std::uint64_t, 15> kBounds = {50,      100,     250,     500,       1'000,
                                                            2'500,   5'000,   10'000,  25'000,    50'000,
                                                            100'000, 250'000, 500'000, 1'000'000, 5'000'000};
  static constexpr std::size_t kBuckets = kBounds.size() + 1;
  // The statuses that a server sends; the last one stands for all others, and 0 for none.
  static constexpr std::array<std::uint16_t, 28> kStatuses = {
      0,   200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 406, 408,
      409, 412, 413, 414, 415, 416, 421, 422, 423, 429, 431, 500, 501, 503};
  static constexpr std::size_t kStatusSlots = kStatuses.size() + 1;

  // The sums of one route.
  struct Route {
    std::uint32_t route = 0;
    std::array<std::uint64_t, kStatusSlots> statuses{};
    std::array<std::uint64_t, kBuckets> times{};  // not cumulated
    std::uint64_t micros = 0;
    std::uint64_t bytes = 0;
  };

  RequestMetrics();
  ~RequestMetrics() override;

  void on_connect(std::string_view, std::uint16_t) override {}
  void on_disconnect(std::string_view) override {}
  void on_request_start(const net::RequestHead&) override {}
  void on_request_complete(const net::RequestHead&, const Outcome&) override {}
  void on_request_end(const net::RequestHead&, const Outcome& outcome) override { count(outcome); }

  void count(const Outcome& outcome);
  // Every route that was asked for, by its number.
  std::vector<Route> routes() const;

 private:
  struct Cells;
  // A route's cells are made when it is first asked for on that stripe.
  struct alignas(64) Stripe {
    std::array<std::atomic<Cells*>, tuning::kMetricRoutes> routes{};
  };
  static Cells& cells_of(Stripe& stripe, std::uint32_t route);

  std::unique_ptr<std::array<Stripe, tuning::kMetricStripes>> stripes_;
};

}  // namespace quire::server
