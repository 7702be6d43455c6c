#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "api/route.h"

namespace quire::api {

// Finds a route by the segments of a path. Built once, then read by every thread; a look-up allocates
// nothing.
//
// A path may be read behind a root: a listener that serves the key-value surface at its root reads "/get"
// behind "/kv". A pattern that ends with a slash matches paths without it too.
class Router {
 public:
  // The table outlives it. Two rows of one method and pattern, and a malformed pattern, are defects.
  explicit Router(std::span<const Route> table);
  ~Router();

  // The place of the route in the table, plus one; 0 where there is none.
  std::uint32_t match(net::Method method, std::string_view path, std::string_view root = {}) const;
  // Whether any method has a route for the path.
  bool knows(std::string_view path, std::string_view root = {}) const;
  // The methods that the path takes, as an Allow field names them; empty: no route has this path.
  std::string allow(std::string_view path, std::string_view root = {}) const;

 private:
  struct Node;
  const Node* find(std::string_view path, std::string_view root) const;
  void add(const Route& route, std::uint32_t number);

  std::unique_ptr<Node> top_;
};

// The segments of a path that stand where its pattern has braces. The path, behind the root, matches the
// pattern.
Captures captures_of(std::string_view pattern, std::string_view path, std::string_view root = {});

}  // namespace quire::api
