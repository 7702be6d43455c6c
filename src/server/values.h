#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/api.h"
#include "base/result.h"

// The values of settings as people write them. Errors are `invalid`, and their messages fit behind "expected
// ".
namespace quire::server {

// Digits alone.
Result<std::uint64_t> parse_number(std::string_view text);
// "8MiB", "512KiB", "1GiB", or a number of bytes.
Result<std::uint64_t> parse_bytes(std::string_view text);
// "500ms", "10s", "5m", "24h".
Result<std::chrono::milliseconds> parse_time(std::string_view text);
Result<bool> parse_flag(std::string_view text);

std::string print_bytes(std::uint64_t bytes);
std::string print_time(std::chrono::milliseconds time);

// Where the server listens, and what it serves there.
struct Listener {
  std::optional<api::Surface> root;  // a surface at its root; none: all, each under its prefix
  std::string address;               // IPv4 or IPv6, without brackets
  std::uint16_t port = 0;            // 0: any free one

  bool is_loopback() const;
  // "127.0.0.1:8800", "[::1]:8800".
  std::string authority(std::uint16_t real_port) const;
  friend bool operator==(const Listener&, const Listener&) = default;
};

// "[SURFACE=]ADDRESS:PORT"; "localhost" stands for 127.0.0.1.
Result<Listener> parse_listener(std::string_view text);

}  // namespace quire::server
