#include "server/values.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace quire::server {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest first, so that printing finds the shortest text.
constexpr std::array kByteUnits = {Unit{"GiB", 1ULL << 30}, Unit{"MiB", 1ULL << 20}, Unit{"KiB", 1ULL << 10}};
constexpr std::array kTimeUnits = {Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000}, Unit{"ms", 1}};

Error malformed(std::string what) { return Error(ErrorCode::invalid, std::move(what)); }

std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A number and one of the units behind it, perhaps with a space between.
template <std::size_t kCount>
std::optional<std::uint64_t> with_unit(std::string_view text, const std::array<Unit, kCount>& units) {
  const auto end = text.find_first_not_of("0123456789");
  if (end == std::string_view::npos) return std::nullopt;
  const auto number = digits(text.substr(0, end));
  std::string_view name = text.substr(end);
  if (name.starts_with(' ')) name.remove_prefix(1);
  for (const Unit& unit : units) {
    std::uint64_t value = 0;
    if (unit.name != name || !number) continue;
    if (__builtin_mul_overflow(*number, unit.factor, &value)) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

template <std::size_t kCount>
std::string print_in(std::uint64_t value, const std::array<Unit, kCount>& units, std::string_view smallest) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return std::to_string(value / unit.factor) + std::string(unit.name);
    }
  }
  return std::to_string(value) + std::string(smallest);
}

enum class Family : std::uint8_t { none, v4, v6 };

// What kind of address a text is; `bytes` gets it in the order of the network.
Family parse_address(const std::string& text, std::array<unsigned char, 16>& bytes) {
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return Family::v4;
  return inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1 ? Family::v6 : Family::none;
}

// Takes "SURFACE=" off the front.
Result<std::optional<api::Surface>> take_surface(std::string_view& text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::optional<api::Surface>();
  const std::string_view name = text.substr(0, equals);
  text.remove_prefix(equals + 1);
  if (name == "kv") return std::optional(api::Surface::kv);
  if (name == "actions") return std::optional(api::Surface::actions);
  if (name == "couch") return std::optional(api::Surface::couch);
  return malformed("kv, actions or couch, which can stand at the root of a listener, in front of the '='");
}

}  // namespace

Result<std::uint64_t> parse_number(std::string_view text) {
  const auto value = digits(text);
  if (!value) return malformed("a whole number");
  return *value;
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  if (const auto plain = digits(text)) return *plain;
  const auto value = with_unit(text, kByteUnits);
  if (!value) return malformed("a number of bytes, such as 8MiB, 512KiB or 65536");
  return *value;
}

Result<std::chrono::milliseconds> parse_time(std::string_view text) {
  const auto value = with_unit(text, kTimeUnits);
  // More does not fit into a clock's nanoseconds.
  constexpr std::uint64_t kMostMs = 1ULL << 42;
  if (!value || *value > kMostMs) return malformed("a time with its unit, such as 500ms, 10s, 5m or 24h");
  return std::chrono::milliseconds(*value);
}

Result<bool> parse_flag(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return malformed("true or false");
}

std::string print_bytes(std::uint64_t bytes) { return print_in(bytes, kByteUnits, ""); }

std::string print_time(std::chrono::milliseconds time) {
  return print_in(static_cast<std::uint64_t>(time.count()), kTimeUnits, "ms");
}

bool Listener::is_loopback() const {
  std::array<unsigned char, 16> bytes{};
  switch (parse_address(address, bytes)) {
    case Family::v4: return bytes[0] == 127;
    case Family::v6: {
      std::array<unsigned char, 16> loopback{};
      loopback[15] = 1;
      return bytes == loopback;
    }
    case Family::none: return false;
  }
  return false;
}

std::string Listener::authority(std::uint16_t real_port) const {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(real_port);
}

Result<Listener> parse_listener(std::string_view text) {
  Listener listener;
  QUIRE_TRY(listener.root, take_surface(text));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed("[SURFACE=]ADDRESS:PORT, such as 127.0.0.1:8800");
  const auto port = digits(text.substr(colon + 1));
  if (!port || *port > 65'535) return malformed("a port from 0 to 65535 behind the last ':'");
  listener.port = static_cast<std::uint16_t>(*port);
  std::string_view address = text.substr(0, colon);
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed) address = address.substr(1, address.size() - 2);
  listener.address = address == "localhost" ? "127.0.0.1" : std::string(address);
  std::array<unsigned char, 16> bytes{};
  const Family family = parse_address(listener.address, bytes);
  // An address of IPv6 has colons of its own.
  if (family == Family::none || (family == Family::v6) != bracketed) {
    return malformed("an address such as 127.0.0.1, 0.0.0.0 or [::1] in front of the port");
  }
  return listener;
}

}  // namespace quire::server
