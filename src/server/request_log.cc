#include "server/request_log.h"

#include <algorithm>

#include "server/tuning.h"

namespace quire::server {

namespace {

std::string_view type_of(std::string_view value) {
  if (value.empty()) return "empty";
  if (value == "true" || value == "false") return "boolean";
  const bool digits = value.find_first_not_of("0123456789") == std::string_view::npos;
  return digits ? "number" : "text";
}

// The name of a parameter as it may stand in a log: anybody can send a key for one.
std::string_view parameter_name(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
  return plain && name.size() <= tuning::kLoggedNameBytes ? name : "other";
}

// The method's name as it may stand in a log: that, too, is the client's.
std::string_view method_name(const net::RequestHead& request) {
  return request.method == net::Method::other ? "other" : request.method_name;
}

}  // namespace

std::string query_shape(std::string_view query) {
  std::string out;
  std::size_t shown = 0;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) continue;
    if (++shown > tuning::kLoggedParameters) return out + "&...";
    const auto equals = part.find('=');
    if (!out.empty()) out.push_back('&');
    out += parameter_name(part.substr(0, equals));
    if (equals == std::string_view::npos) continue;
    out.append("=").append(type_of(part.substr(equals + 1)));
  }
  return out;
}

std::string safe_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    // Also in the middle of a part, and with an escape in it.
    const bool like_a_key = part.find("qr_") != std::string_view::npos ||
                            part.find("qr%") != std::string_view::npos ||
                            part.size() > tuning::kLoggedPartBytes;
    out += like_a_key ? "..." : part;
    if (out.size() > tuning::kLoggedPathBytes) return out.substr(0, tuning::kLoggedPathBytes) + "...";
    if (path.empty()) break;
    out.push_back('/');
    path.remove_prefix(1);
  }
  return out;
}

void RequestLog::on_connect(std::string_view address, std::uint16_t port) {
  log_.info("listening", {{"address", address}, {"port", port}});
}

void RequestLog::on_disconnect(std::string_view cause) {
  if (cause.empty()) {
    log_.info("stopped listening");
  } else {
    log_.error("stopped listening", {{"cause", cause}});
  }
}

void RequestLog::on_request_end(const net::RequestHead& request, const Outcome& outcome) {
  constexpr unsigned kFirstFailure = 500;
  const bool failed = outcome.status >= kFirstFailure;
  const LogLevel level = failed ? LogLevel::warning : LogLevel::debug;
  if (!log_.takes(level)) return;
  log_.write(level, failed ? "request failed" : "request",
             {{"id", request.id_text()},
              {"route", route_name_(outcome.route)},
              {"method", method_name(request)},
              {"path", safe_path(request.path)},
              {"query", query_shape(request.query)},
              {"status", outcome.status},
              {"micros", outcome.micros},
              {"bytes", outcome.bytes},
              {"peer", request.peer}});
}

}  // namespace quire::server
