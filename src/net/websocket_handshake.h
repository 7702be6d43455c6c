#pragma once

#include <string>
#include <string_view>

// How a request becomes a WebSocket: RFC 6455, section 4.
namespace quire::net {

inline constexpr std::string_view kWebSocketVersion = "13";

// Whether it is the base64 of 16 bytes, which is what a client sends.
bool is_websocket_key(std::string_view key);

// What the server answers to a client's key, so that nothing but a WebSocket answers by accident.
std::string websocket_accept(std::string_view key);

// Whether one of the comma-separated elements of the value is this, whatever its case.
bool has_element(std::string_view value, std::string_view element);

}  // namespace quire::net
