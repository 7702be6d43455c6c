#pragma once

#include <set>
#include <string>
#include <string_view>

namespace quire::query {

// Which members of a document something reads.
struct Dependencies {
  bool everything = false;
  std::set<std::string, std::less<>> names;  // of the document's own members

  void add(std::string_view name) { names.emplace(name); }
  void add(const Dependencies& other) {
    everything |= other.everything;
    names.insert(other.names.begin(), other.names.end());
  }
};

}  // namespace quire::query
