#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/filter.h"
#include "document/key_encoding.h"

// Which keys of a path a predicate asks for.
namespace quire::query {

// A place between keys: in front of all that begin with the bytes, or behind them.
struct Cut {
  std::string bytes;
  bool behind = false;

  std::strong_ordering operator<=>(const Cut& other) const;
  bool operator==(const Cut&) const = default;
};

// Keys between two cuts, of ascending keys unless a comment says otherwise.
struct Interval {
  Cut low;
  Cut high;
  bool whole_key = false;  // one key, of which nothing is cut off

  static Interval everything() { return {.low = {{}, false}, .high = {{}, true}}; }
  static Interval point(std::string key) {
    return {.low = {key, false}, .high = {key, true}, .whole_key = true};
  }
  bool empty() const { return low >= high; }
  bool is_point() const { return whole_key; }
  // Of the descending keys of the same values.
  Interval descending() const;
  bool operator==(const Interval&) const = default;
};

// Ascending intervals, none of which meets another.
class Bounds {
 public:
  Bounds() = default;  // nothing
  explicit Bounds(std::vector<Interval> intervals);

  static Bounds everything() { return Bounds(std::vector<Interval>{Interval::everything()}); }
  const std::vector<Interval>& intervals() const { return intervals_; }
  bool is_everything() const { return intervals_.size() == 1 && intervals_[0] == Interval::everything(); }
  bool is_points() const;
  bool contains(std::string_view key) const;
  bool covers(const Bounds& other) const;
  Bounds intersected(const Bounds& other) const;
  // For a person: "[5, 5]", "(5, numbers]". `collated`: strings stand by the keys of a collation, which
  // nobody can read.
  std::string print(bool collated = false) const;

 private:
  std::vector<Interval> intervals_;
};

// A document that the predicate finds has one of these keys at the predicate's path, by the predicate's
// collation. `exact`: and one that has one of these keys is found. nullopt: the predicate says nothing about
// keys.
struct PredicateBounds {
  Bounds bounds;
  bool exact = false;
};
std::optional<PredicateBounds> bounds_of(const document::FilterNode& predicate);

// Whether keys among these may hold a string, so that they are other ones under another collation.
bool may_hold_strings(const Bounds& bounds);

// What a regular expression begins with, where all that it finds begins so; empty: nothing.
std::string literal_prefix(std::string_view pattern, std::string_view options);

}  // namespace quire::query
