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

using Places = std::array<Place, tuning::kTuplePaths>;

// Stands for an array without elements where its elements would.
const Value kNoElements = Value::array();

class PathWalk {
 public:
  PathWalk(KeyTuples::Paths paths, KeyTuples::Numbers numbers, KeyTuples::Found& found,
           const KeyTuples::Each& each)
      : paths_(paths), numbers_(numbers), found_(found), each_(each) {}

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

  // Whether a step into an array names one of its elements and nothing else.
  bool names_place(const Value& array, const PathStep& step) const {
    if (!step.index) return false;
    if (numbers_ == KeyTuples::Numbers::places && *step.index < array.size()) return true;
    // Where there are objects, the number may be the name of a member too.
    return !holds_objects(array);
  }

  Place follow(const Value& from, Steps steps) const {
    const Value* value = &from;
    while (!steps.empty()) {
      if (value->is_array()) {
        const PathStep& step = steps[0];
        if (!names_place(*value, step)) break;
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
  Place enter(const Place& place, const Value& element) const {
    if (place.steps.empty()) return at(element);
    return document::is_plain_object(element) ? follow(element, place.steps) : missing();
  }

  Status expand(const Places& places) {
    const Value* array = nullptr;
    std::size_t first = 0;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      if (!places[i].at_array) continue;
      if (array == nullptr) {
        first = i;
        array = places[i].value;
      } else if (array != places[i].value) {
        return Error(ErrorCode::invalid, "its paths '" + paths_[first]->text() + "' and '" +
                                             paths_[i]->text() + "' go through two arrays side by side")
            .at(paths_[i]->text());
      }
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
      if (places[i].at_array) next[i] = places[i].steps.empty() ? at(kNoElements) : missing();
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
    std::array<const Value*, tuning::kTuplePaths> values;
    for (std::size_t i = 0; i < paths_.size(); ++i) values[i] = places[i].value;
    return each_({values.data(), paths_.size()});
  }

  const KeyTuples::Paths paths_;
  const KeyTuples::Numbers numbers_;
  KeyTuples::Found& found_;
  const KeyTuples::Each& each_;
};

}  // namespace

Status KeyTuples::visit(const Value& document, Paths paths, Numbers numbers, Found& found, const Each& each) {
  QUIRE_CHECK(paths.size() <= tuning::kTuplePaths, "tuples of too many paths");
  return PathWalk(paths, numbers, found, each).run(document);
}

void KeyTuples::append_key(const Value* value, document::Direction direction,
                           const document::Collation* collation, std::string& out) {
  static const Value null;
  if (value == &kNoElements) return document::append_no_elements_key(direction, out);
  document::append_key(value == nullptr ? null : *value, direction, out, collation);
}

}  // namespace quire::query
