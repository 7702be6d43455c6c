#include "query/aggregate/pipeline.h"

#include "document/json.h"
#include "query/aggregate/stage.h"

namespace quire::query {

struct Pipeline::State {
  std::string text;
  Arena arena;
  StageList stages;
  std::size_t variables = 0;
  std::shared_ptr<const document::Collation> collation;
  Leading leading;
  std::size_t first = 0;  // stage behind what leads
};

namespace {
document::JsonLimits json_limits(const PipelineLimits& limits) {
  document::JsonLimits json;
  json.document_bytes = limits.text_bytes;
  json.string_bytes = limits.text_bytes;
  // A call is two containers, its operand another one.
  json.depth = limits.depth * 3 + document::JsonLimits().depth;
  return json;
}

// A $match, a $sort, a $skip and a $limit in front, each of which may be missing.
std::size_t take_leading(const StageList& stages, Pipeline::Leading& leading) {
  std::size_t next = 0;
  const auto at = [&]() -> const StageDefinition* { return next < stages.size() ? &stages[next] : nullptr; };
  if (at() != nullptr && at()->match() != nullptr) {
    leading.filter = stages.leading_filter();
    ++next;
  }
  if (at() != nullptr && !at()->sort().empty()) leading.sort = stages[next++].sort();
  if (at() != nullptr && at()->skip() > 0) leading.skip = stages[next++].skip();
  if (at() != nullptr && at()->limit() > 0) leading.limit = stages[next++].limit();
  return next;
}
}  // namespace

Result<Pipeline> Pipeline::parse(std::string_view json, const PipelineLimits& limits,
                                 std::shared_ptr<const document::Collation> collation) {
  auto state = std::make_shared<State>();
  QUIRE_TRY_STATUS(document::minify(json, json_limits(limits), state->text));
  QUIRE_TRY(const Value value, Value::parse(state->arena, state->text));
  state->collation = std::move(collation);
  ExpressionParser parser(limits, state->arena, state->collation);
  QUIRE_TRY(state->stages, StageList::parse(parser, value));
  state->variables = parser.variables();
  state->first = take_leading(state->stages, state->leading);
  return Pipeline(std::move(state));
}

const Pipeline::Leading& Pipeline::leading() const { return state_->leading; }

const std::shared_ptr<const document::Collation>& Pipeline::collation() const { return state_->collation; }

struct PipelineExecution::Parts {
  std::shared_ptr<const Pipeline::State> state;
  PipelineContext context;
  StagePointer last;
  Arena arena;
  std::string text;
};

PipelineExecution::PipelineExecution(const Pipeline& pipeline, std::unique_ptr<RowSource> rows,
                                     RowSources& sources, Watch& watch)
    : parts_(new Parts{.state = pipeline.state_,
                       .context = {.watch = watch,
                                   .sources = sources,
                                   .now = watch.run().clock.wall_ms(),
                                   .variables = pipeline.state_->variables,
                                   .collation = pipeline.state_->collation.get()},
                       .last = nullptr,
                       .arena = {},
                       .text = {}}) {
  parts_->last = parts_->state->stages.open(std::move(rows), parts_->state->first, parts_->context);
}

PipelineExecution::~PipelineExecution() = default;

Result<bool> PipelineExecution::next(std::string_view& document) {
  Value row;
  QUIRE_TRY(const bool more, parts_->last->next(parts_->arena, row));
  if (!more) return false;
  parts_->text.clear();
  row.print(parts_->text);
  document = parts_->text;
  return true;
}

}  // namespace quire::query
