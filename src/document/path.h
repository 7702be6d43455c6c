#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/value.h"

namespace quire::document {

// One step of a dotted path: a member's name, which may also be the index of an element.
struct PathStep {
  std::string name;
  // Where the name is a whole number without leading zeros that fits; a path decides only at an array which
  // it is.
  std::optional<std::uint32_t> index;

  explicit PathStep(std::string_view text);
  bool is_index(std::size_t position) const { return index == position; }
  friend bool operator==(const PathStep& left, const PathStep& right) { return left.name == right.name; }
  // Indexes by number and before names; names by code point.
  friend std::strong_ordering operator<=>(const PathStep& left, const PathStep& right);
};

// "a.b.0": names of members and indexes of elements with dots between. Names that hold dots cannot be
// reached.
class Path {
 public:
  Path() = default;
  // Errors: too_large where there are more than `most_steps`.
  static Result<Path> parse(std::string_view text, std::size_t most_steps);

  const std::vector<PathStep>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }
  std::string text() const;
  void push(PathStep step) { steps_.push_back(std::move(step)); }
  void pop() { steps_.pop_back(); }
  bool is_prefix_of(const Path& other) const;

  friend bool operator==(const Path&, const Path&) = default;
  friend auto operator<=>(const Path& left, const Path& right) { return left.steps_ <=> right.steps_; }

 private:
  std::vector<PathStep> steps_;
};

// True for an object that stands for itself and not for a special type.
bool is_plain_object(const Value& value);

}  // namespace quire::document
