#include "query/projection.h"

#include <algorithm>

#include "document/json.h"
#include "document/path.h"
#include "query/projection_tree.h"

namespace quire::query {

using document::Arena;
using document::Value;
using Node = ProjectionNode;

// Prints what a tree leaves of a value. Depth is bounded by that of documents.
class Projector {
 public:
  Projector(const Projection::Tree& tree, Arena& arena, std::string& out)
      : inclusion_(tree.inclusion), arena_(arena), out_(out) {}

  // The members of an object, each behind a comma unless it is the first of all.
  void members(const Value& object, const Node& node, bool first) {
    std::string scratch;
    for (const auto& member : object.members()) {
      const Node* const child = node.find(member.name.string(scratch));
      const std::size_t begin = out_.size();
      if (!first) out_ += ',';
      member.name.print(out_);
      out_ += ':';
      if (child == nullptr ? keep_unnamed(member.value) : value(member.value, *child)) {
        first = false;
      } else {
        out_.resize(begin);
      }
    }
  }

 private:
  bool keep_unnamed(const Value& value) {
    if (inclusion_) return false;
    value.print(out_);
    return true;
  }

  // Appends what is answered of a value that the tree names; false where that is nothing.
  bool value(const Value& value, const Node& node) {
    switch (node.kind) {
      case Node::Kind::whole:
        if (inclusion_) value.print(out_);
        return inclusion_;
      case Node::Kind::slice: slice(value, node); return true;
      case Node::Kind::elem_match: return elem_match(value, node);
      case Node::Kind::inside: break;
    }
    return inside(value, node);
  }

  bool inside(const Value& value, const Node& node) {
    if (document::is_plain_object(value)) {
      out_ += '{';
      members(value, node, true);
      out_ += '}';
      return true;
    }
    if (!value.is_array()) {
      if (!inclusion_) value.print(out_);
      return !inclusion_;
    }
    out_ += '[';
    bool first = true;
    for (const Value& element : value.elements()) {
      const std::size_t begin = out_.size();
      if (!first) out_ += ',';
      if (inside(element, node)) {
        first = false;
      } else {
        out_.resize(begin);
      }
    }
    out_ += ']';
    return true;
  }

  void slice(const Value& value, const Node& node) {
    if (!value.is_array()) return value.print(out_);
    const auto size = static_cast<std::int64_t>(value.size());
    const std::int64_t begin = node.skip < 0 ? std::max<std::int64_t>(0, size + std::max(node.skip, -size))
                                             : std::min(node.skip, size);
    const std::int64_t end = node.count > size - begin ? size : begin + node.count;
    out_ += '[';
    for (std::int64_t i = begin; i < end; ++i) {
      if (i > begin) out_ += ',';
      value.elements()[static_cast<std::size_t>(i)].print(out_);
    }
    out_ += ']';
  }

  bool elem_match(const Value& value, const Node& node) {
    if (!value.is_array()) return false;
    for (const Value& element : value.elements()) {
      Value one = Value::array();
      one.append(arena_, element);
      Value document = Value::object();
      document.set(arena_, "e", one);
      if (!node.filter->matches(document)) continue;
      one.print(out_);
      return true;
    }
    return false;
  }

  const bool inclusion_;
  Arena& arena_;
  std::string& out_;
};

Status Projection::append(std::string_view id, std::string_view body, Arena& scratch,
                          std::string& out) const {
  out += '{';
  const bool with_id = tree_ == nullptr || tree_->with_id;
  if (with_id) document::append_json_string(out += "\"_id\":", id);
  if (tree_ == nullptr) {
    if (body.size() > 2) out += ',';
    out.append(body.substr(1));
    return ok();
  }
  if (!id_alone()) {
    scratch.reset();
    Value document;
    if (tree_->inclusion) {
      const std::vector<std::string_view> names(tree_->names.begin(), tree_->names.end());
      QUIRE_TRY(document, Value::parse_members(scratch, body, names));
    } else {
      QUIRE_TRY(document, Value::parse(scratch, body));
    }
    Projector(*tree_, scratch, out).members(document, tree_->root, !with_id);
  }
  out += '}';
  return ok();
}

}  // namespace quire::query
