#include "query/key_tuples.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "query/tuning.h"

// Each path is followed from the document until it has its value or stands before an array. Paths that stand
// before one must all stand before the same; then each of its elements is gone into with all of them, and the
// others keep their values.

namespace quire::query {

using document::Path;
using document::PathStep;
using document::Value;

namespace {

using Steps = std::span<const PathStep>;

// Where a path has come to.
struct Place {
  const Value* value = nullptr;  // null: missing
  Steps steps;                   // still to be gone
  bool at_array = false;         // `value` is an array to be gone through
};

using Places = std::array<Place, tuning::kIndexPaths>;

class PathWalk {
 public:
  PathWalk(KeyTuples::Paths paths, KeyTuples::Found& found, const KeyTuples::Each& each)
      : paths_(paths), found_(found), each_(each) {}

  Status run(const Value& document) {
    Places places;
    for (std::size_t i = 0; i < paths_.size(); ++i) places[i] = follow(document, paths_[i]->steps());
    return expand(places);
  }

 private:
  static Place missing() { return {}; }
  static Place at(const Value& value) { return {.value = &value, .steps = {}, .at_array = false}; }

  static bool holds_objects(const Value& array) {
    const auto elements = array.elements();
    return std::any_of(elements.begin(), elements.end(), document::is_plain_object);
  }

  static Place follow(const Value& from, Steps steps) {
    const Value* value = &from;
    while (!steps.empty()) {
      if (value->is_array()) {
        const PathStep& step = steps[0];
        // Where there are objects, the number may be the name of a member too.
        if (!step.index || holds_objects(*value)) break;
        if (*step.index >= value->size()) return missing();
        value = &value->elements()[*step.index];
        steps = steps.subspan(1);
        if (steps.empty()) return at(*value);
        continue;
      }
      if (!document::is_plain_object(*value)) return missing();
      value = value->find(steps[0].name);
      if (value == nullptr) return missing();
      steps = steps.subspan(1);
    }
    return {.value = value, .steps = steps, .at_array = value->is_array()};
  }

  // Where a path comes to through one element of the array that it stands before.
  static Place enter(const Place& place, const Value& element) {
    if (place.steps.empty()) return at(element);
    return document::is_plain_object(element) ? follow(element, place.steps) : missing();
  }

  Status expand(const Places& places) {
    const Value* array = nullptr;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      if (!places[i].at_array) continue;
      if (array != nullptr && array != places[i].value) {
        return Error(ErrorCode::invalid, "two paths go through arrays side by side").at(paths_[i]->text());
      }
      array = places[i].value;
    }
    if (array == nullptr) return emit(places);
    found_.multikey = true;
    if (array->size() == 0) return expand_empty(places);
    const auto elements = array->elements();
    for (std::size_t e = 0; e < elements.size(); ++e)
      QUIRE_TRY_STATUS(expand_element(places, elements[e], e));
    return ok();
  }

  Status expand_empty(const Places& places) {
    Places next = places;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      if (places[i].at_array) next[i] = places[i].steps.empty() ? at(*places[i].value) : missing();
    }
    return emit(next);
  }

  // A step that names this element's place, and may also be the name of a member, leads both ways.
  Status expand_element(const Places& places, const Value& element, std::size_t position) {
    Places next = places;
    bool two_ways = false;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      if (!places[i].at_array) continue;
      next[i] = enter(places[i], element);
      two_ways = two_ways || (!places[i].steps.empty() && places[i].steps[0].is_index(position));
    }
    QUIRE_TRY_STATUS(expand(next));
    if (!two_ways) return ok();
    found_.places = true;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      if (!places[i].at_array || places[i].steps.empty() || !places[i].steps[0].is_index(position)) continue;
      const Steps rest = places[i].steps.subspan(1);
      next[i] = rest.empty() ? at(element) : follow(element, rest);
    }
    return expand(next);
  }

  Status emit(const Places& places) {
    std::array<const Value*, tuning::kIndexPaths> values;
    for (std::size_t i = 0; i < paths_.size(); ++i) values[i] = places[i].value;
    return each_({values.data(), paths_.size()});
  }

  const KeyTuples::Paths paths_;
  KeyTuples::Found& found_;
  const KeyTuples::Each& each_;
};

}  // namespace

Status KeyTuples::visit(const Value& document, Paths paths, Found& found, const Each& each) {
  QUIRE_CHECK(paths.size() <= tuning::kIndexPaths, "an index over too many paths");
  return PathWalk(paths, found, each).run(document);
}

}  // namespace quire::query
