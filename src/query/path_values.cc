#include "query/path_values.h"

#include <span>

namespace quire::query {

using document::PathStep;
using document::Value;

namespace {

using Steps = std::span<const PathStep>;
using Values = std::vector<const Value*>;

void collect(const Value& value, Steps steps, Values& out);

void collect_end(const Value& value, Values& out) {
  if (!value.is_array() || value.size() == 0) return out.push_back(&value);
  for (const Value& element : value.elements()) out.push_back(&element);
}

void collect_array(std::span<const Value> elements, Steps steps, Values& out) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const Value& element = elements[i];
    const bool is_object = document::is_plain_object(element);
    if (is_object) collect(element, steps, out);
    if (!steps[0].is_index(i)) continue;
    if (steps.size() == 1) {
      out.push_back(&element);
    } else if (is_object || element.is_array()) {
      collect(element, steps.subspan(1), out);
    }
  }
}

void collect(const Value& value, Steps steps, Values& out) {
  if (steps.empty()) return collect_end(value, out);
  if (value.is_array()) return collect_array(value.elements(), steps, out);
  const Value* const member = document::is_plain_object(value) ? value.find(steps[0].name) : nullptr;
  if (member == nullptr) return out.push_back(nullptr);
  collect(*member, steps.subspan(1), out);
}

void collect_found(const Value& value, Steps steps, Values& out) {
  if (steps.empty()) {
    if (!value.is_array()) return out.push_back(&value);
    for (const Value& element : value.elements()) out.push_back(&element);
  } else if (!value.is_array()) {
    const Value* const member = document::is_plain_object(value) ? value.find(steps[0].name) : nullptr;
    if (member != nullptr) collect_found(*member, steps.subspan(1), out);
  } else if (const auto place = steps[0].index; place) {
    if (*place < value.size()) collect_found(value.elements()[*place], steps.subspan(1), out);
  } else {
    for (const Value& element : value.elements()) {
      if (document::is_plain_object(element)) collect_found(element, steps, out);
    }
  }
}

}  // namespace

void collect_values(const Value& document, const document::Path& path, Values& out) {
  collect(document, path.steps(), out);
}

void collect_elements(const Value& document, const document::Path& path, Values& out) {
  collect_found(document, path.steps(), out);
}

}  // namespace quire::query
