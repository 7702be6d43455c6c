#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/aggregate/expression.h"

namespace quire::query {

// Which members of a document stay, which go, and which are made: the tree of a $project, an $addFields or an
// $unset. Never changes once it is built.
class Shape {
 public:
  enum class Kind : std::uint8_t {
    include,  // $project of members that stay
    exclude,  // of members that go
    add,      // $addFields
  };

  explicit Shape(Kind kind) : kind_(kind) {}

  // Adds a path; `made`: what stands there (null: the path is one that stays, or goes). Errors: invalid,
  // where the path is in another one's way; `parser` says where.
  Status add(ExpressionParser& parser, std::span<const std::string> path, ExpressionPointer made);

  // The document as it is to be.
  Value apply(Evaluation& on, const Value& document) const;
  // The document's own members that are looked at, but those of expressions.
  void add_names(Dependencies& dependencies) const;
  Kind kind() const { return kind_; }

 private:
  struct Node {
    std::string text;  // of the name
    Value name;
    bool leaf = false;
    ExpressionPointer made;            // of a leaf
    bool makes = false;                // here or further down
    std::vector<Node> children;        // as they were given
    std::vector<std::size_t> by_name;  // indexes of the children, ascending by name
    const Node* find(const Value& wanted, std::string& scratch) const;
  };

  Value keep(Evaluation& on, const Node& node, const Value& value) const;
  Value keep_object(Evaluation& on, const Node& node, const Value& value) const;
  void make(Evaluation& on, const Node& node, Value& value) const;
  void make_member(Evaluation& on, const Node& child, Value& object) const;

  const Kind kind_;
  std::size_t paths_ = 0;
  Node root_;
};

}  // namespace quire::query
