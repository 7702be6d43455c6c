// $unionWith: behind the rows of the input those of another collection.
#include "document/path.h"
#include "query/aggregate/stage.h"

namespace quire::query {

namespace {
class Union final : public Stage {
 public:
  Union(StagePointer input, const std::string& collection, const StageList& stages,
        const PipelineContext& context)
      : current_(std::move(input)), collection_(collection), stages_(stages), context_(context) {}
  Result<bool> next(Arena& arena, Value& row) override {
    for (;;) {
      QUIRE_TRY(const bool more, current_->next(arena, row));
      if (more || opened_) return more;
      QUIRE_TRY(current_, stages_.open(collection_, context_));
      opened_ = true;
    }
  }

 private:
  StagePointer current_;
  const std::string& collection_;
  const StageList& stages_;
  const PipelineContext& context_;
  bool opened_ = false;
};

class UnionStage final : public StageDefinition {
 public:
  UnionStage(std::string collection, StageList stages)
      : collection_(std::move(collection)), stages_(std::move(stages)) {}
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return std::make_unique<Union>(std::move(input), collection_, stages_, context);
  }
  bool add_dependencies(Dependencies&) const override { return false; }

 private:
  const std::string collection_;
  const StageList stages_;
};
}  // namespace

ParsedStage parse_union_with(ExpressionParser& parser, const Value& operand) {
  StageList stages;
  const Value* collection = &operand;
  if (document::is_plain_object(operand)) {
    collection = operand.find("coll");
    for (const Member& member : operand.members()) {
      const std::string name = member.name.to_string();
      const ExpressionParser::Step step(parser, name);
      if (name == "pipeline") {
        QUIRE_TRY(stages, StageList::parse(parser, member.value));
      } else if (name != "coll") {
        return parser.invalid("$unionWith has no such member");
      }
    }
  }
  if (collection == nullptr || !collection->is_string())
    return parser.invalid("$unionWith takes the name of a collection, or an object of coll and pipeline");
  return StageDefinitionPointer(new UnionStage(collection->to_string(), std::move(stages)));
}

}  // namespace quire::query
