#include <algorithm>

#include "document/extended_json.h"
#include "document/json.h"
#include "document/number.h"
#include "query/projection_tree.h"
#include "query/tuning.h"

namespace quire::query {

using document::Value;
using Node = ProjectionNode;

namespace {

Error at_fault(const char* message, const std::string& path) {
  return Error(ErrorCode::invalid, message).at(path);
}

std::optional<std::int64_t> whole_number(const Value& value) {
  const document::TypedValue typed(value);
  return typed.type() == document::Type::number ? typed.number().to_int64() : std::nullopt;
}

// What a plain value says: 1, true and other numbers that are not zero answer a member.
std::optional<bool> wanted(const Value& value) {
  if (value.is_boolean()) return value.as_boolean();
  if (!value.is_number()) return std::nullopt;
  const auto number = document::Number::parse(value.number_text());
  return number && !number->is_zero();
}

}  // namespace

class ProjectionParser {
 public:
  explicit ProjectionParser(std::shared_ptr<const document::Collation> collation)
      : collation_(std::move(collation)) {}

  Result<std::shared_ptr<const Projection::Tree>> parse(const Value& value) {
    for (const auto& member : value.members()) {
      const std::string name = member.name.to_string();
      if (name == "_id") {
        const auto with_id = wanted(member.value);
        if (!with_id) return at_fault("_id is answered or not: 1 or 0", name);
        tree_->with_id = *with_id;
        id_alone_ = *with_id;
        continue;
      }
      QUIRE_TRY_STATUS(take(name, member.value));
    }
    // {"_id": 1} answers nothing else.
    tree_->inclusion = inclusion_.value_or(id_alone_ && paths_ == 0);
    for (const Node& child : tree_->root.children) tree_->names.push_back(child.name);
    std::sort(tree_->names.begin(), tree_->names.end());
    return std::shared_ptr<const Projection::Tree>(tree_);
  }

 private:
  Status take(const std::string& path, const Value& value) {
    if (++paths_ > tuning::kProjectionPaths) {
      return Error(ErrorCode::too_large,
                   "a projection has at most " + std::to_string(tuning::kProjectionPaths) + " paths")
          .at(path)
          .over(tuning::kProjectionPaths);
    }
    if (const auto answered = wanted(value)) {
      QUIRE_TRY_STATUS(be(*answered, path));
      return place(path).become(Node::Kind::whole);
    }
    if (!value.is_object() || value.size() == 0) {
      return at_fault("a member is answered or not (1 or 0), or has $slice or $elemMatch", path);
    }
    const std::string first = value.members()[0].name.to_string();
    if (first.empty() || first[0] != '$') return take_inside(path, value);
    if (value.size() > 1) return at_fault("only one operator stands for a member", path);
    const Value& operand = value.members()[0].value;
    if (first == "$slice") return take_slice(path, operand);
    if (first == "$elemMatch") return take_elem_match(path, operand);
    return at_fault("the operators of a projection are $slice and $elemMatch", path + "." + first);
  }

  // {"a": {"b": 1}} is {"a.b": 1}.
  Status take_inside(const std::string& path, const Value& value) {
    for (const auto& member : value.members()) {
      const std::string name = member.name.to_string();
      if (!name.empty() && name[0] == '$') {
        return at_fault("an operator stands alone", path + "." + name);
      }
      QUIRE_TRY_STATUS(take(path + "." + name, member.value));
    }
    return ok();
  }

  Status take_slice(const std::string& path, const Value& operand) {
    const std::string field = path + ".$slice";
    std::int64_t skip = 0;
    std::int64_t count = 0;
    if (operand.is_array()) {
      const auto elements = operand.elements();
      const auto from = elements.size() == 2 ? whole_number(elements[0]) : std::nullopt;
      const auto most = elements.size() == 2 ? whole_number(elements[1]) : std::nullopt;
      if (!from || !most || *most <= 0) {
        return at_fault("a slice is a number, or [skip, count] with a count above 0", field);
      }
      skip = *from;
      count = *most;
    } else {
      const auto most = whole_number(operand);
      if (!most) return at_fault("a slice is a number, or [skip, count]", field);
      skip = *most < 0 ? *most : 0;
      count = *most < 0 ? INT64_MAX : *most;
    }
    Placed placed = place(path);
    QUIRE_TRY_STATUS(placed.become(Node::Kind::slice));
    placed.node->skip = skip;
    placed.node->count = count;
    return ok();
  }

  Status take_elem_match(const std::string& path, const Value& operand) {
    if (path.find('.') != std::string::npos) {
      return at_fault("$elemMatch of a projection is of a member of the document itself", path);
    }
    QUIRE_TRY_STATUS(be(true, path));
    // As a filter on an array of this one element: what $elemMatch finds there, it finds in the array.
    std::string text = "{\"e\":{\"$elemMatch\":";
    operand.print(text);
    text += "}}";
    auto filter = document::Filter::parse(text, {}, collation_);
    if (!filter) {
      Error error = filter.error();
      const std::string inner(error.field());
      return std::move(error).at(path + (inner.starts_with("e") ? inner.substr(1) : "." + inner));
    }
    Placed placed = place(path);
    QUIRE_TRY_STATUS(placed.become(Node::Kind::elem_match));
    placed.node->filter = *std::move(filter);
    return ok();
  }

  // Members are answered, or they are left out; not some this way and some that.
  Status be(bool inclusion, const std::string& path) {
    if (inclusion_.value_or(inclusion) != inclusion) {
      return at_fault("a projection names what is answered or what is not; only _id may differ", path);
    }
    inclusion_ = inclusion;
    return ok();
  }

  struct Placed {
    Node* node;
    std::optional<Error> error;
    Status become(Node::Kind kind) {
      if (error) return *error;
      node->kind = kind;
      return ok();
    }
  };
  // The node of a path, which must be new.
  Placed place(const std::string& text) {
    if (text.empty() || text[0] == '.' || text.back() == '.' || text.find("..") != std::string::npos) {
      return {nullptr, at_fault("a path has names between its dots", text)};
    }
    auto path = document::Path::parse(text, tuning::kPathSteps);
    if (!path) return {nullptr, Error(path.error()).at(text)};
    Node* node = &tree_->root;
    for (std::size_t i = 0; i < path->steps().size(); ++i) {
      const std::string& name = path->steps()[i].name;
      if (name[0] == '$') return {nullptr, at_fault("a name in a path does not begin with $", text)};
      const bool last = i + 1 == path->steps().size();
      Node* child = const_cast<Node*>(node->find(name));
      if (child != nullptr && (last || child->kind != Node::Kind::inside)) {
        return {nullptr, at_fault("two paths of the projection are about one member", text)};
      }
      if (child == nullptr) {
        node->children.emplace_back();
        child = &node->children.back();
        child->name = name;
      }
      node = child;
    }
    return {node, std::nullopt};
  }

  const std::shared_ptr<const document::Collation> collation_;
  std::shared_ptr<Projection::Tree> tree_ = std::make_shared<Projection::Tree>();
  std::optional<bool> inclusion_;
  bool id_alone_ = false;
  std::size_t paths_ = 0;
};

Result<Projection> Projection::parse(std::string_view json,
                                     std::shared_ptr<const document::Collation> collation) {
  Projection projection;
  if (json.empty()) return projection;
  std::string text;
  QUIRE_TRY_STATUS(document::minify(json, {.document_bytes = tuning::kProjectionBytes}, text));
  document::Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, text));
  if (!value.is_object()) return Error(ErrorCode::invalid, "a projection is an object of paths");
  if (value.size() == 0) return projection;
  QUIRE_TRY(projection.tree_, ProjectionParser(std::move(collation)).parse(value));
  return projection;
}

bool Projection::id_alone() const {
  return tree_ != nullptr && tree_->inclusion && tree_->root.children.empty();
}

}  // namespace quire::query
