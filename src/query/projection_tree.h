#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/filter.h"
#include "query/projection.h"

// What the parts of a projection share: parsing and doing.
namespace quire::query {

// What becomes of a member, and of those inside it.
struct ProjectionNode {
  enum class Kind : std::uint8_t {
    inside,      // decided by `children`
    whole,       // answered or left out, as the projection is of one kind or the other
    slice,       // an array's elements from `skip` on, `count` of them
    elem_match,  // the first element that `filter` finds
  };
  std::string name;
  Kind kind = Kind::inside;
  std::vector<ProjectionNode> children;
  std::int64_t skip = 0;  // below zero: from the end
  std::int64_t count = 0;
  std::optional<document::Filter> filter;

  const ProjectionNode* find(std::string_view wanted) const {
    for (const ProjectionNode& child : children) {
      if (child.name == wanted) return &child;
    }
    return nullptr;
  }
};

struct Projection::Tree {
  bool inclusion = false;  // only what is named is answered
  bool with_id = true;
  ProjectionNode root;
  std::vector<std::string> names;  // of the root's children, ascending
};

}  // namespace quire::query
