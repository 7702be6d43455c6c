#include "api/router.h"

#include <array>
#include <utility>
#include <vector>

#include "base/check.h"

// A tree of segments. A segment that is a word goes before one in braces, and nothing is tried twice: where
// "/a/{x}/c" and "/a/b/d" stand in the table, "/a/b/c" has no route. The table has no such rows.

namespace quire::api {

namespace {

constexpr std::size_t kMethods = 9;

// Takes the next segment off a path that begins with "/".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool is_capture(std::string_view segment) { return segment.starts_with('{'); }
// Takes all that is left of a path.
bool is_rest(std::string_view segment) { return segment.ends_with("...}"); }

}  // namespace

struct Router::Node {
  std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> words;
  std::unique_ptr<Node> capture;
  std::unique_ptr<Node> rest;
  std::array<std::uint32_t, kMethods> routes{};
  bool ends = false;  // some route does here

  const Node* child(std::string_view segment) const {
    for (const auto& [word, node] : words) {
      if (word == segment) return node.get();
    }
    return segment.empty() ? nullptr : capture.get();
  }
};

Router::Router(std::span<const Route> table) : top_(std::make_unique<Node>()) {
  std::uint32_t number = 0;
  for (const Route& route : table) add(route, ++number);
}

Router::~Router() = default;

void Router::add(const Route& route, std::uint32_t number) {
  QUIRE_CHECK(route.pattern.starts_with('/'), "a route's pattern begins with a slash");
  QUIRE_CHECK(route.handler != nullptr, "a route has a handler");
  const auto end_at = [&](Node& node) {
    auto& place = node.routes[static_cast<std::size_t>(route.method)];
    QUIRE_CHECK(place == 0, "a method and pattern stand in the table once");
    place = number;
    node.ends = true;
  };
  Node* node = top_.get();
  for (std::string_view rest = route.pattern; !rest.empty();) {
    // A slash at the end may be missing in a path.
    if (rest == "/") end_at(*node);
    const std::string_view segment = take_segment(rest);
    QUIRE_CHECK(!is_rest(segment) || rest.empty(), "nothing stands behind what takes the rest");
    std::unique_ptr<Node>* next = nullptr;
    if (is_rest(segment)) {
      next = &node->rest;
    } else if (is_capture(segment)) {
      next = &node->capture;
    } else {
      for (auto& [word, child] : node->words) {
        if (word == segment) next = &child;
      }
      if (next == nullptr) next = &node->words.emplace_back(segment, nullptr).second;
    }
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
  }
  end_at(*node);
}

const Router::Node* Router::find(std::string_view path, std::string_view root) const {
  const Node* node = top_.get();
  while (!root.empty() && node != nullptr) node = node->child(take_segment(root));
  // An empty path is the root itself, where there is one.
  if (!path.starts_with('/') && (!path.empty() || node == top_.get())) return nullptr;
  while (!path.empty() && node != nullptr) {
    const bool more = path.size() > 1;
    const Node* const next = node->child(take_segment(path));
    if (next == nullptr && more && node->rest) return node->rest.get();
    node = next;
  }
  return node;
}

std::uint32_t Router::match(net::Method method, std::string_view path, std::string_view root) const {
  const Node* const node = find(path, root);
  return node == nullptr ? 0 : node->routes[static_cast<std::size_t>(method)];
}

bool Router::knows(std::string_view path, std::string_view root) const {
  const Node* const node = find(path, root);
  return node != nullptr && node->ends;
}

std::string Router::allow(std::string_view path, std::string_view root) const {
  std::string methods;
  const Node* const node = find(path, root);
  if (node == nullptr) return methods;
  for (std::size_t i = 0; i < kMethods; ++i) {
    if (node->routes[i] == 0) continue;
    methods.append(net::name(static_cast<net::Method>(i))).append(", ");
  }
  if (!methods.empty()) methods += "OPTIONS";
  return methods;
}

Captures captures_of(std::string_view pattern, std::string_view path, std::string_view root) {
  Captures captures;
  if (pattern.find('{') == std::string_view::npos) return captures;
  std::size_t count = 0;
  pattern.remove_prefix(root.size());
  while (!pattern.empty() && !path.empty()) {
    const std::string_view left = path.substr(1);
    const std::string_view segment = take_segment(path);
    const std::string_view place = take_segment(pattern);
    if (is_capture(place) && count < kCaptures) captures[count++] = is_rest(place) ? left : segment;
  }
  return captures;
}

}  // namespace quire::api
