#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/couch/names.h"

// Stretches of ids, in the order of their bytes, over all collections of a database.
namespace quire::api::couch {

// Ids between two that are not in it; an empty one is no bound.
struct IdRange {
  std::string after;
  std::string before;

  void from(std::string_view id, bool itself);
  void to(std::string_view id, bool itself);
  void begins_with(std::string_view prefix);
};

// A part of a range that stands in one collection, with bounds as that has its ids.
struct Stretch {
  std::string collection;
  IdRange range;
};

// The collections have their ids behind their names, and the default one has those between.
std::vector<Stretch> stretches(const IdRange& range, const std::set<std::string, std::less<>>& collections,
                               bool descending);

}  // namespace quire::api::couch
