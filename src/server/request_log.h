#pragma once

#include <functional>
#include <string>

#include "base/log.h"
#include "net/events.h"

namespace quire::server {

// A line a request at debug, a line a failure of ours at warning. What a request said is shown by its shape:
// never a field, a body or the value of a parameter. The log outlives it. Thread-safe.
class RequestLog final : public net::Observer {
 public:
  using RouteName = std::function<std::string_view(std::uint32_t)>;
  RequestLog(Log& log, RouteName route_name) : log_(log), route_name_(std::move(route_name)) {}

  void on_connect(std::string_view address, std::uint16_t port) override;
  void on_disconnect(std::string_view cause) override;
  void on_request_start(const net::RequestHead&) override {}
  void on_request_complete(const net::RequestHead&, const Outcome&) override {}
  void on_request_end(const net::RequestHead& request, const Outcome& outcome) override;

 private:
  Log& log_;
  const RouteName route_name_;
};

// The parameters of a query by their names and the types of their values: "k=text&limit=number&flag".
std::string query_shape(std::string_view query);
// A path with every part left out that begins as a key does, and cut where it is long.
std::string safe_path(std::string_view path);

}  // namespace quire::server
