#include "query/advice.h"

#include <algorithm>

#include "document/json.h"

namespace quire::query {

namespace {

// The keys of an index: what is given as it is, then what is sorted by, then what has a range.
class Keys {
 public:
  void add(const std::string& path, bool falling) {
    if (path == "_id") return;
    if (std::find(paths_.begin(), paths_.end(), path) != paths_.end()) return;
    paths_.push_back(path);
    text_ += text_.empty() ? "{" : ",{";
    document::append_json_string(text_, path);
    text_ += falling ? ":-1}" : ":1}";
  }
  bool empty() const { return paths_.empty(); }
  // The index begins with these keys, so that it would do what one of these would, if that could be done.
  bool are_those_of(const IndexDefinition& index) const {
    return index.keys.size() >= paths_.size() &&
           std::equal(paths_.begin(), paths_.end(), index.keys.begin(),
                      [](const std::string& path, const auto& key) { return key.path.text() == path; });
  }
  std::string text() const { return "{\"keys\":[" + text_ + "]"; }

 private:
  std::vector<std::string> paths_;
  std::string text_;
};

}  // namespace

std::string advice_for(const Conjuncts& conjuncts, const PlanRequest& request,
                       std::span<const UsableIndex> indexes) {
  Keys keys;
  bool given = false;
  bool ranges = false;
  for (const auto& predicate : conjuncts.predicates()) {
    if (!predicate.bounds.bounds.is_points()) continue;
    keys.add(predicate.path, false);
    given = true;
  }
  for (const auto& key : request.sort.keys()) {
    keys.add(key.path.text(), key.direction == document::Direction::descending);
  }
  for (const auto& predicate : conjuncts.predicates()) {
    if (predicate.bounds.bounds.is_points() || predicate.bounds.bounds.is_everything()) continue;
    keys.add(predicate.path, false);
    ranges = true;
  }
  if (keys.empty() || (request.filter.matches_everything() && request.sort.empty())) return {};
  const bool there = std::any_of(indexes.begin(), indexes.end(), [&](const UsableIndex& index) {
    return keys.are_those_of(*index.definition) && index.definition->collation == request.collation;
  });
  if (there) return {};
  const std::string why = given    ? "the filter gives values of its first key"
                          : ranges ? "the filter gives a range of its keys"
                                   : "it has the order of the sort";
  const std::string collation =
      request.collation.empty() ? "" : ",\"collation\":" + std::string(request.collation);
  return "all documents were looked at; an index " + keys.text() + collation + "} would serve: " + why;
}

}  // namespace quire::query
