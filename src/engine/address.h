#pragma once

#include <string_view>

// What a call is about. Views: they need to live only until the call returns.
namespace quire::engine {

struct DatabaseAddress {
  std::string_view name = "main";
  std::string_view owner = {};  // empty: the server's own
};

struct CollectionAddress {
  DatabaseAddress database;
  std::string_view collection = "_default";
};

}  // namespace quire::engine
