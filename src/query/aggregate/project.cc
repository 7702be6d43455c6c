// $project, $addFields (and $set), $unset.
#include "document/extended_json.h"
#include "document/path.h"
#include "query/aggregate/shape.h"
#include "query/aggregate/stage.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
using Step = ExpressionParser::Step;
using Steps = std::vector<std::string>;

class Shaping final : public Stage {
 public:
  Shaping(StagePointer input, const Shape& shape, const PipelineContext& context)
      : input_(std::move(input)), shape_(shape), context_(context) {}
  Result<bool> next(Arena& arena, Value& row) override {
    QUIRE_TRY(const bool more, input_->next(arena, row));
    if (!more) return false;
    Evaluation on = context_.evaluation(arena, row);
    const Value shaped = shape_.apply(on, row);
    if (on.failed()) return on.take_error();
    row = shaped;
    QUIRE_TRY_STATUS(check_row(context_, row));
    return true;
  }

 private:
  const StagePointer input_;
  const Shape& shape_;
  const PipelineContext& context_;
};

class ShapeStage final : public StageDefinition {
 public:
  ShapeStage(Shape shape, Dependencies dependencies)
      : shape_(std::move(shape)), dependencies_(std::move(dependencies)) {
    shape_.add_names(dependencies_);
  }
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return std::make_unique<Shaping>(std::move(input), shape_, context);
  }
  bool add_dependencies(Dependencies& dependencies) const override {
    dependencies.add(dependencies_);
    return shape_.kind() == Shape::Kind::include;
  }

 private:
  const Shape shape_;
  Dependencies dependencies_;
};

// 1 and true, 0 and false; nullopt for anything else.
std::optional<bool> read_switch(const Value& value) {
  if (value.is_boolean()) return value.as_boolean();
  const document::TypedValue typed(value);
  if (typed.type() != document::Type::number) return std::nullopt;
  return !typed.number().is_zero();
}

bool is_nested(const Value& value) {
  return document::is_plain_object(value) && value.size() > 0 &&
         !value.members()[0].name.to_string().starts_with('$');
}

// The leaves of a specification, nested objects gone through: their paths and what stands there.
class Leaves {
 public:
  struct Leaf {
    Steps path;
    const Value* value;
    std::string where;
  };
  explicit Leaves(ExpressionParser& parser) : parser_(parser) {}

  Status collect(const Value& specification) {
    for (const Member& member : specification.members()) {
      const std::string name = member.name.to_string();
      const Step step(parser_, name);
      QUIRE_TRY(const Steps steps, parser_.path(name));
      path_.insert(path_.end(), steps.begin(), steps.end());
      bytes_ += name.size();
      QUIRE_TRY_STATUS(check());
      if (is_nested(member.value)) {
        QUIRE_TRY_STATUS(collect(member.value));
      } else {
        leaves.push_back({path_, &member.value, parser_.where()});
      }
      path_.resize(path_.size() - steps.size());
      bytes_ -= name.size();
    }
    return ok();
  }

  std::vector<Leaf> leaves;

 private:
  Status check() const {
    if (leaves.size() >= kShapePaths) return parser_.too_large("a stage names too many paths", kShapePaths);
    if (bytes_ > kPathBytes) return parser_.too_large("a path is too long", kPathBytes);
    if (path_.size() <= parser_.limits().path_steps) return ok();
    return parser_.too_large("a path has too many steps", parser_.limits().path_steps);
  }

  ExpressionParser& parser_;
  Steps path_;
  std::size_t bytes_ = 0;  // of its names
};

Error at_leaf(const Leaves::Leaf& leaf, std::string message) {
  return Error(ErrorCode::invalid, std::move(message)).at(leaf.where);
}

bool is_id(const Leaves::Leaf& leaf) { return leaf.path.size() == 1 && leaf.path[0] == "_id"; }

Status add_leaf(ExpressionParser& parser, const Leaves::Leaf& leaf, ExpressionPointer made, Shape& shape) {
  auto added = shape.add(parser, leaf.path, std::move(made));
  return added ? ok() : Status(std::move(added).error().at(leaf.where));
}

// Parses what stands at a leaf, so that errors are at its place.
Result<ExpressionPointer> parse_leaf(ExpressionParser& parser, const Leaves::Leaf& leaf) {
  std::string_view place = leaf.where;
  place.remove_prefix(parser.where().size());
  if (place.starts_with('.')) place.remove_prefix(1);
  const Step step(parser, place);
  return parser.parse(*leaf.value);
}

// True where members are excluded. Errors: invalid, where some are and others are not.
Result<bool> is_exclusion(const std::vector<Leaves::Leaf>& leaves) {
  std::optional<bool> excludes;
  for (const auto& leaf : leaves) {
    const auto given = read_switch(*leaf.value);
    if (is_id(leaf) && given == false) continue;
    const bool excluded = given == false;
    if (excludes && *excludes != excluded)
      return at_leaf(leaf, "members are named that stay, or that go, and not both but for _id");
    excludes = excluded;
  }
  return excludes.value_or(true);
}

ParsedStage included(ExpressionParser& parser, const std::vector<Leaves::Leaf>& leaves) {
  Shape shape(Shape::Kind::include);
  bool id = true;
  for (const auto& leaf : leaves) {
    if (is_id(leaf)) id = false;
  }
  const Steps id_path = {"_id"};
  if (id) QUIRE_TRY_STATUS(shape.add(parser, id_path, nullptr));
  for (const auto& leaf : leaves) {
    const auto given = read_switch(*leaf.value);
    if (given == false) continue;
    ExpressionPointer made;
    if (!given) {
      QUIRE_TRY(made, parse_leaf(parser, leaf));
    }
    QUIRE_TRY_STATUS(add_leaf(parser, leaf, std::move(made), shape));
  }
  return StageDefinitionPointer(new ShapeStage(std::move(shape), parser.take_dependencies()));
}

ParsedStage excluded(ExpressionParser& parser, const std::vector<Leaves::Leaf>& leaves) {
  Shape shape(Shape::Kind::exclude);
  for (const auto& leaf : leaves) QUIRE_TRY_STATUS(add_leaf(parser, leaf, nullptr, shape));
  return StageDefinitionPointer(new ShapeStage(std::move(shape), {}));
}

Result<Leaves> collect(ExpressionParser& parser, const Value& operand) {
  if (!is_nested(operand)) return parser.invalid("the stage takes an object of members");
  Leaves leaves(parser);
  QUIRE_TRY_STATUS(leaves.collect(operand));
  return leaves;
}
}  // namespace

ParsedStage parse_project(ExpressionParser& parser, const Value& operand) {
  QUIRE_TRY(const Leaves found, collect(parser, operand));
  QUIRE_TRY(const bool excludes, is_exclusion(found.leaves));
  return excludes ? excluded(parser, found.leaves) : included(parser, found.leaves);
}

ParsedStage parse_add_fields(ExpressionParser& parser, const Value& operand) {
  QUIRE_TRY(const Leaves found, collect(parser, operand));
  Shape shape(Shape::Kind::add);
  for (const auto& leaf : found.leaves) {
    QUIRE_TRY(auto made, parse_leaf(parser, leaf));
    QUIRE_TRY_STATUS(add_leaf(parser, leaf, std::move(made), shape));
  }
  return StageDefinitionPointer(new ShapeStage(std::move(shape), parser.take_dependencies()));
}

ParsedStage parse_unset(ExpressionParser& parser, const Value& operand) {
  const std::span<const Value> paths = operand.is_array() ? operand.elements() : std::span(&operand, 1);
  if (paths.empty()) return parser.invalid("$unset takes a path at least");
  Shape shape(Shape::Kind::exclude);
  for (const Value& text : paths) {
    if (!text.is_string()) return parser.invalid("$unset takes paths");
    QUIRE_TRY(const Steps path, parser.path(text.to_string()));
    QUIRE_TRY_STATUS(shape.add(parser, path, nullptr));
  }
  return StageDefinitionPointer(new ShapeStage(std::move(shape), {}));
}

}  // namespace quire::query
