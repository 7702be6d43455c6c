#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/filter.h"
#include "document/value.h"
#include "query/aggregate/expression.h"
#include "query/row_source.h"
#include "query/watch.h"

namespace quire::query {

// What the stages of a running pipeline share; outlives them.
struct PipelineContext {
  Watch& watch;
  RowSources& sources;
  WallMs now;
  std::size_t variables;                           // that an evaluation has
  const document::Collation* collation = nullptr;  // by which strings are compared; null: by code point
  // The values of variables from outside of this pipeline, by slot: of the $lookup that runs it.
  std::vector<const Value*> outer = {};

  Run& run() const { return watch.run(); }
  Evaluation evaluation(Arena& arena, const Value& root) const {
    Evaluation on(arena, root, now, variables, &watch, collation);
    for (std::size_t i = 0; i < outer.size(); ++i) on.set_variable(i, outer[i]);
    return on;
  }
};

// One stage of a running pipeline, which asks the stage in front of it. One thread at a time.
class Stage {
 public:
  virtual ~Stage() = default;
  // False at the end. Resets the arena, and makes `row`, an object, in it; the row is valid until the next
  // call. Errors: invalid (an expression that does not fit a document; the field is its place), too_large,
  // deadline, cancelled, exhausted, corrupt, io.
  virtual Result<bool> next(Arena& arena, Value& row) = 0;
};
using StagePointer = std::unique_ptr<Stage>;

// A stage as it was parsed. Never changes; every thread may use it.
class StageDefinition {
 public:
  virtual ~StageDefinition() = default;
  virtual StagePointer open(StagePointer input, const PipelineContext& context) const = 0;
  // The same where only the first `most` rows are wanted (0: all).
  virtual StagePointer open_limited(StagePointer input, std::uint64_t most,
                                    const PipelineContext& context) const {
    (void)most;
    return open(std::move(input), context);
  }
  // Adds what the stage reads of its input's rows. True where its output has nothing else of them.
  virtual bool add_dependencies(Dependencies& dependencies) const = 0;
  // For the planner of what is in front of all stages.
  virtual const document::Filter* match() const { return nullptr; }
  virtual std::string_view sort() const { return {}; }
  virtual std::uint64_t skip() const { return 0; }
  virtual std::uint64_t limit() const { return 0; }
};
using StageDefinitionPointer = std::unique_ptr<const StageDefinition>;

// What a row that a stage has made must keep to. Errors: too_large; of a large one as of Watch::look() too.
Status check_row(const PipelineContext& context, const Value& row);

// The rows of a source. `names` (null: all) are the members that anybody looks at, "_id" among them where it
// is one. `source` is the pipeline's own or outlives it.
StagePointer open_rows(std::unique_ptr<RowSource> source, const Dependencies& dependencies,
                       const PipelineContext& context);

// The stages of a pipeline, or of one inside of another.
class StageList {
 public:
  // `value` outlives the list. Errors as of ExpressionParser.
  static Result<StageList> parse(ExpressionParser& parser, const Value& value);

  std::size_t size() const { return stages_.size(); }
  const StageDefinition& operator[](std::size_t index) const { return *stages_[index]; }
  // The filter of the first stage, where that is a $match; else one that matches everything.
  document::Filter leading_filter() const;
  // The stages from `first` on, over the rows of a source. What it refers to outlives the stage.
  StagePointer open(std::unique_ptr<RowSource> rows, std::size_t first, const PipelineContext& context) const;
  // The same over the documents of a collection.
  Result<StagePointer> open(std::string_view collection, const PipelineContext& context) const;

 private:
  void add(StageDefinitionPointer stage, const ExpressionParser& parser);

  std::vector<StageDefinitionPointer> stages_;
  std::vector<std::string> places_;  // of the stages, in the pipeline
};

// Makers, one for each stage; `operand` is what stands beside its name. Errors as of ExpressionParser.
using ParsedStage = Result<StageDefinitionPointer>;
ParsedStage parse_match(ExpressionParser& parser, const Value& operand);
ParsedStage parse_project(ExpressionParser& parser, const Value& operand);
ParsedStage parse_unset(ExpressionParser& parser, const Value& operand);
ParsedStage parse_add_fields(ExpressionParser& parser, const Value& operand);
ParsedStage parse_sort(ExpressionParser& parser, const Value& operand);
ParsedStage parse_limit(ExpressionParser& parser, const Value& operand);
ParsedStage parse_skip(ExpressionParser& parser, const Value& operand);
ParsedStage parse_group(ExpressionParser& parser, const Value& operand);
ParsedStage parse_unwind(ExpressionParser& parser, const Value& operand);
ParsedStage parse_lookup(ExpressionParser& parser, const Value& operand);
ParsedStage parse_union_with(ExpressionParser& parser, const Value& operand);
ParsedStage parse_count(ExpressionParser& parser, const Value& operand);
ParsedStage parse_replace_root(ExpressionParser& parser, const Value& operand);
ParsedStage parse_replace_with(ExpressionParser& parser, const Value& operand);

// $sortByCount is these two, one behind the other.
ParsedStage parse_counts(ExpressionParser& parser, const Value& operand);
ParsedStage sort_by_count();

}  // namespace quire::query
