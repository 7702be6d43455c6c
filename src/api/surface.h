#pragma once

#include <cstdint>

namespace quire::api {

// A dialect: how requests and errors read.
enum class Surface : std::uint8_t { node, rest, kv, actions, streams, couch };

}  // namespace quire::api
