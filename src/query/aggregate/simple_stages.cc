// Stages of one idea: $match, $limit, $skip, $count, $replaceRoot, $replaceWith.
#include "document/filter.h"
#include "document/path.h"
#include "query/aggregate/functions.h"
#include "query/aggregate/stage.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
class Matching final : public Stage {
 public:
  Matching(StagePointer input, const document::Filter& filter, const PipelineContext& context)
      : input_(std::move(input)), filter_(filter), context_(context) {}
  Result<bool> next(Arena& arena, Value& row) override {
    for (;;) {
      QUIRE_TRY_STATUS(context_.watch.step());
      QUIRE_TRY(const bool more, input_->next(arena, row));
      if (!more || filter_.matches(row)) return more;
    }
  }

 private:
  const StagePointer input_;
  const document::Filter filter_;
  const PipelineContext& context_;
};

class MatchStage final : public StageDefinition {
 public:
  explicit MatchStage(document::Filter filter) : filter_(std::move(filter)) {}
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return std::make_unique<Matching>(std::move(input), filter_, context);
  }
  bool add_dependencies(Dependencies& dependencies) const override {
    for (const std::string_view name : filter_.top_level_names()) dependencies.add(name);
    return false;
  }
  const document::Filter* match() const override { return &filter_; }

 private:
  const document::Filter filter_;
};

class Limited final : public Stage {
 public:
  Limited(StagePointer input, std::uint64_t left) : input_(std::move(input)), left_(left) {}
  Result<bool> next(Arena& arena, Value& row) override {
    if (left_ == 0) return false;
    --left_;
    return input_->next(arena, row);
  }

 private:
  const StagePointer input_;
  std::uint64_t left_;
};

class Skipping final : public Stage {
 public:
  Skipping(StagePointer input, std::uint64_t left, const PipelineContext& context)
      : input_(std::move(input)), left_(left), context_(context) {}
  Result<bool> next(Arena& arena, Value& row) override {
    for (; left_ > 0; --left_) {
      QUIRE_TRY_STATUS(context_.watch.step());
      QUIRE_TRY(const bool more, input_->next(arena, row));
      if (!more) return false;
    }
    return input_->next(arena, row);
  }

 private:
  const StagePointer input_;
  std::uint64_t left_;
  const PipelineContext& context_;
};

class LimitStage final : public StageDefinition {
 public:
  explicit LimitStage(std::uint64_t limit) : limit_(limit) {}
  StagePointer open(StagePointer input, const PipelineContext&) const override {
    return std::make_unique<Limited>(std::move(input), limit_);
  }
  bool add_dependencies(Dependencies&) const override { return false; }
  std::uint64_t limit() const override { return limit_; }

 private:
  const std::uint64_t limit_;
};

class SkipStage final : public StageDefinition {
 public:
  explicit SkipStage(std::uint64_t skip) : skip_(skip) {}
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return std::make_unique<Skipping>(std::move(input), skip_, context);
  }
  bool add_dependencies(Dependencies&) const override { return false; }
  std::uint64_t skip() const override { return skip_; }

 private:
  const std::uint64_t skip_;
};

class Counting final : public Stage {
 public:
  Counting(StagePointer input, const std::string& name, const PipelineContext& context)
      : input_(std::move(input)), name_(name), context_(context) {}
  Result<bool> next(Arena& arena, Value& row) override {
    if (input_ == nullptr) return false;
    const StagePointer input = std::move(input_);
    std::int64_t count = 0;
    for (;; ++count) {
      QUIRE_TRY_STATUS(context_.watch.step());
      QUIRE_TRY(const bool more, input->next(arena, row));
      if (!more) break;
    }
    if (count == 0) return false;
    arena.reset();
    row = Value::object();
    row.append_member(arena, name_, Value::integer(arena, count));
    return true;
  }

 private:
  StagePointer input_;  // null: it has been counted
  const std::string& name_;
  const PipelineContext& context_;
};

class CountStage final : public StageDefinition {
 public:
  explicit CountStage(std::string name) : name_(std::move(name)) {}
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return std::make_unique<Counting>(std::move(input), name_, context);
  }
  bool add_dependencies(Dependencies&) const override { return true; }

 private:
  const std::string name_;
};

class Replacing final : public Stage {
 public:
  Replacing(StagePointer input, const Expression& root, const std::string& where,
            const PipelineContext& context)
      : input_(std::move(input)), root_(root), where_(where), context_(context) {}
  Result<bool> next(Arena& arena, Value& row) override {
    QUIRE_TRY(const bool more, input_->next(arena, row));
    if (!more) return false;
    Evaluation on = context_.evaluation(arena, row);
    const Value* const root = root_.evaluate(on);
    if (on.failed()) return on.take_error();
    if (root == nullptr || !document::is_plain_object(*root))
      return Error(ErrorCode::invalid, "a document is replaced by an object, not by " + described(root))
          .at(where_);
    row = *root;
    QUIRE_TRY_STATUS(check_row(context_, row));
    return true;
  }

 private:
  const StagePointer input_;
  const Expression& root_;
  const std::string& where_;
  const PipelineContext& context_;
};

class ReplaceStage final : public StageDefinition {
 public:
  ReplaceStage(ExpressionPointer root, Dependencies dependencies, std::string where)
      : root_(std::move(root)), dependencies_(std::move(dependencies)), where_(std::move(where)) {}
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return std::make_unique<Replacing>(std::move(input), *root_, where_, context);
  }
  bool add_dependencies(Dependencies& dependencies) const override {
    dependencies.add(dependencies_);
    return true;
  }

 private:
  const ExpressionPointer root_;
  const Dependencies dependencies_;
  const std::string where_;
};
}  // namespace

ParsedStage parse_match(ExpressionParser& parser, const Value& operand) {
  auto filter = document::Filter::parse(operand.to_json(), {}, parser.collation());
  if (filter) return StageDefinitionPointer(new MatchStage(std::move(*filter)));
  Error error = std::move(filter).error();
  const std::string below = error.field().empty() || error.field()[0] == '[' ? "" : ".";
  std::string field = parser.where() + below + error.field();
  return std::move(error).at(std::move(field));
}

ParsedStage parse_limit(ExpressionParser& parser, const Value& operand) {
  std::int64_t limit = 0;
  if (!read_whole(&operand, limit) || limit < 1) return parser.invalid("$limit takes a whole number above 0");
  return StageDefinitionPointer(new LimitStage(static_cast<std::uint64_t>(limit)));
}

ParsedStage parse_skip(ExpressionParser& parser, const Value& operand) {
  std::int64_t skip = 0;
  if (!read_whole(&operand, skip) || skip < 0)
    return parser.invalid("$skip takes a whole number that is not negative");
  return StageDefinitionPointer(new SkipStage(static_cast<std::uint64_t>(skip)));
}

ParsedStage parse_count(ExpressionParser& parser, const Value& operand) {
  std::string name = operand.is_string() ? operand.to_string() : "";
  if (name.empty() || name[0] == '$' || name.find('.') != std::string::npos)
    return parser.invalid("$count takes a name without dots and dollar sign in front");
  return StageDefinitionPointer(new CountStage(std::move(name)));
}

ParsedStage parse_replace_with(ExpressionParser& parser, const Value& operand) {
  QUIRE_TRY(auto root, parser.parse(operand));
  return StageDefinitionPointer(
      new ReplaceStage(std::move(root), parser.take_dependencies(), parser.where()));
}

ParsedStage parse_replace_root(ExpressionParser& parser, const Value& operand) {
  const Value* const root = operand.find("newRoot");
  if (root == nullptr || operand.size() != 1)
    return parser.invalid("$replaceRoot takes an object with newRoot alone");
  const ExpressionParser::Step step(parser, "newRoot");
  return parse_replace_with(parser, *root);
}

}  // namespace quire::query
