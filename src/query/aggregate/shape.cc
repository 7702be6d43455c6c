// A document is shaped in two steps: what stays is copied, along the tree's paths only; then what is made is
// put into the copy. Arrays on the way are gone through.
#include "query/aggregate/shape.h"

#include <algorithm>

#include "document/path.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

const Shape::Node* Shape::Node::find(const Value& wanted, std::string& scratch) const {
  const std::string_view name_text = wanted.string(scratch);
  const auto less = [this](std::size_t index, std::string_view other) {
    return children[index].text < other;
  };
  const auto found = std::lower_bound(by_name.begin(), by_name.end(), name_text, less);
  return found != by_name.end() && children[*found].text == name_text ? &children[*found] : nullptr;
}

Status Shape::add(ExpressionParser& parser, std::span<const std::string> path, ExpressionPointer made) {
  if (++paths_ > kShapePaths) return parser.too_large("a stage names too many paths", kShapePaths);
  Node* at = &root_;
  at->makes |= made != nullptr;
  for (const std::string& step : path) {
    if (at->leaf) return parser.invalid("the path is below another one");
    std::string scratch;
    const Value name = Value::string(parser.arena(), step);
    auto* next = const_cast<Node*>(at->find(name, scratch));
    if (next == nullptr) {
      Node child;
      child.text = step;
      child.name = name;
      const std::size_t index = at->children.size();
      at->children.push_back(std::move(child));
      const auto less = [at](std::size_t left, std::size_t right) {
        return at->children[left].text < at->children[right].text;
      };
      at->by_name.insert(std::upper_bound(at->by_name.begin(), at->by_name.end(), index, less), index);
      next = &at->children.back();
    } else if (&step == &path.back()) {
      return parser.invalid("the path is above another one, or there already");
    }
    at = next;
    at->makes |= made != nullptr;
  }
  at->leaf = true;
  at->made = std::move(made);
  return ok();
}

void Shape::add_names(Dependencies& dependencies) const {
  for (const Node& child : root_.children) {
    const bool replaced = child.leaf && child.made != nullptr;
    if (!replaced && kind_ != Kind::exclude) dependencies.add(child.text);
  }
}

Value Shape::apply(Evaluation& on, const Value& document) const {
  Value shaped = keep_object(on, root_, document);
  if (root_.makes && !on.failed()) make(on, root_, shaped);
  return shaped;
}

// What stays of a value that has a node with children.
Value Shape::keep(Evaluation& on, const Node& node, const Value& value) const {
  if (document::is_plain_object(value)) return keep_object(on, node, value);
  if (!value.is_array()) return value;
  Value kept = Value::array();
  for (const Value& element : value.elements()) {
    if (!on.goes_on() || !on.charge(kElementBytes)) break;
    const bool goes_into = element.is_array() || document::is_plain_object(element);
    if (goes_into || kind_ != Kind::include) kept.append(on.arena(), keep(on, node, element));
  }
  return kept;
}

Value Shape::keep_object(Evaluation& on, const Node& node, const Value& value) const {
  Value kept = Value::object();
  std::string scratch;
  for (const Member& member : value.members()) {
    const Node* const child = node.find(member.name, scratch);
    if (child == nullptr) {
      if (kind_ != Kind::include) kept.append_member(on.arena(), member);
    } else if (!child->leaf) {
      const bool goes_into = member.value.is_array() || document::is_plain_object(member.value);
      if (goes_into || kind_ != Kind::include)
        kept.append_member(on.arena(), {member.name, keep(on, *child, member.value)});
    } else if (child->made == nullptr ? kind_ == Kind::include : kind_ == Kind::add) {
      kept.append_member(on.arena(), member);
    }
  }
  return kept;
}

// Puts what is made below the node into a copy of what stays there.
void Shape::make(Evaluation& on, const Node& node, Value& value) const {
  if (value.is_array()) {
    for (Value& element : value.mutable_elements()) {
      if (!on.goes_on()) return;
      make(on, node, element);
    }
    return;
  }
  if (!document::is_plain_object(value)) value = Value::object();
  for (const Node& child : node.children) {
    if (child.makes && !on.failed()) make_member(on, child, value);
  }
}

void Shape::make_member(Evaluation& on, const Node& child, Value& object) const {
  Value* const known = object.find_mutable(child.text);
  if (!child.leaf) {
    Value below = known == nullptr ? Value::object() : *known;
    make(on, child, below);
    if (known != nullptr) {
      *known = below;
    } else {
      object.append_member(on.arena(), Member{child.name, below});
    }
    return;
  }
  const Value* const made = child.made->evaluate(on);
  if (on.failed()) return;
  if (made == nullptr) {
    if (known != nullptr) object.erase(child.text);
  } else if (known != nullptr) {
    *known = *made;
  } else {
    object.append_member(on.arena(), Member{child.name, *made});
  }
}

}  // namespace quire::query
