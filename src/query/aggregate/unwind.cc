// $unwind: a row for each element of an array. A path here goes through objects only.
#include "document/path.h"
#include "query/aggregate/member_path.h"
#include "query/aggregate/stage.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
struct UnwindDefinition {
  std::vector<std::string> path;
  std::vector<std::string> index;  // where the element's index goes; empty: nowhere
  bool preserve = false;
};

class Unwinding final : public Stage {
 public:
  Unwinding(StagePointer input, const UnwindDefinition& definition, const PipelineContext& context)
      : input_(std::move(input)), definition_(definition), context_(context) {}

  Result<bool> next(Arena& arena, Value& row) override {
    arena.reset();
    for (;;) {
      QUIRE_TRY_STATUS(context_.watch.step());
      if (next_ < count_) {
        const std::size_t at = next_++;
        row = with_value(arena, &document_, definition_.path, &found_->elements()[at]);
        return finish(arena, row, static_cast<std::int64_t>(at));
      }
      QUIRE_TRY(const bool more, input_->next(arena_, document_));
      if (!more) return false;
      found_ = find_path(document_, definition_.path);
      next_ = 0;
      count_ = found_ != nullptr && found_->is_array() ? found_->size() : 0;
      if (count_ > 0) continue;
      const bool nothing = found_ == nullptr || found_->is_null() || found_->is_array();
      if (nothing && !definition_.preserve) continue;
      // An empty array goes; anything else stays as it is.
      row = document_;
      if (found_ != nullptr && found_->is_array())
        row = with_value(arena, &document_, definition_.path, nullptr);
      return finish(arena, row, std::nullopt);
    }
  }

 private:
  Result<bool> finish(Arena& arena, Value& row, std::optional<std::int64_t> index) const {
    if (definition_.index.empty()) return true;
    const Value value = index ? Value::integer(arena, *index) : Value();
    row = with_value(arena, &row, definition_.index, &value);
    QUIRE_TRY_STATUS(check_row(context_, row));
    return true;
  }

  const StagePointer input_;
  const UnwindDefinition& definition_;
  const PipelineContext& context_;
  Arena arena_;
  Value document_;
  const Value* found_ = nullptr;
  std::size_t count_ = 0;
  std::size_t next_ = 0;
};

class UnwindStage final : public StageDefinition {
 public:
  explicit UnwindStage(UnwindDefinition definition) : definition_(std::move(definition)) {}
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return std::make_unique<Unwinding>(std::move(input), definition_, context);
  }
  bool add_dependencies(Dependencies& dependencies) const override {
    dependencies.add(definition_.path[0]);
    if (!definition_.index.empty()) dependencies.add(definition_.index[0]);
    return false;
  }

 private:
  const UnwindDefinition definition_;
};

using Step = ExpressionParser::Step;

Result<std::vector<std::string>> parse_path(ExpressionParser& parser, const Value& value) {
  const std::string text = value.is_string() ? value.to_string() : "";
  if (!text.starts_with('$') || text.starts_with("$$"))
    return parser.invalid("$unwind takes a path with a dollar sign in front");
  return parser.path(std::string_view(text).substr(1));
}
}  // namespace

ParsedStage parse_unwind(ExpressionParser& parser, const Value& operand) {
  UnwindDefinition definition;
  if (!document::is_plain_object(operand)) {
    QUIRE_TRY(definition.path, parse_path(parser, operand));
    return StageDefinitionPointer(new UnwindStage(std::move(definition)));
  }
  for (const Member& member : operand.members()) {
    const std::string name = member.name.to_string();
    const Step step(parser, name);
    if (name == "path") {
      QUIRE_TRY(definition.path, parse_path(parser, member.value));
    } else if (name == "includeArrayIndex") {
      if (!member.value.is_string()) return parser.invalid("a path is a string");
      QUIRE_TRY(definition.index, parser.path(member.value.to_string()));
    } else if (name == "preserveNullAndEmptyArrays") {
      if (!member.value.is_boolean()) return parser.invalid("true or false is needed");
      definition.preserve = member.value.as_boolean();
    } else {
      return parser.invalid("$unwind has no such member");
    }
  }
  if (definition.path.empty()) return parser.invalid("$unwind needs a path");
  return StageDefinitionPointer(new UnwindStage(std::move(definition)));
}

}  // namespace quire::query
