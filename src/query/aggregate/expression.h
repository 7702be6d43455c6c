#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "document/arena.h"
#include "document/collation.h"
#include "document/value.h"
#include "query/aggregate/dependencies.h"
#include "query/aggregate/tuning.h"
#include "query/watch.h"

namespace quire::query {

using document::Arena;
using document::Member;
using document::Value;

// What one evaluation works with, and what came of it. A failure is kept here, the first one: expressions
// then answer "missing", and whoever began the evaluation looks at failed() once.
class Evaluation {
 public:
  // `root` is the document; results are in `arena`. All outlive the evaluation.
  // `collation`: by which strings are compared; null: by code point.
  Evaluation(Arena& arena, const Value& root, WallMs now, std::size_t variables, Watch* watch,
             const document::Collation* collation = nullptr)
      : arena_(arena), root_(root), now_(now), variables_(variables), watch_(watch), collation_(collation) {}

  Arena& arena() { return arena_; }
  const Value& root() const { return root_; }
  WallMs now() const { return now_; }
  const document::Collation* collation() const { return collation_; }

  const Value* variable(std::size_t slot) const { return variables_[slot]; }
  void set_variable(std::size_t slot, const Value* value) { variables_[slot] = value; }

  bool failed() const { return error_.has_value(); }
  Error take_error() { return std::move(*error_); }
  // Answers null, so that an expression can return it.
  const Value* fail(Error error) {
    if (!error_) error_ = std::move(error);
    return nullptr;
  }
  // Says where it failed by taking too much; the first place counts.
  void place(const std::string& where) {
    if (!error_ || error_->code() != ErrorCode::too_large || !error_->field().empty()) return;
    Error error = *std::move(error_);
    error_ = std::move(error).at(where);
  }
  // Before this many bytes are used; false, and failed, where they are too many.
  bool charge(std::uint64_t bytes);
  // In a loop over elements; false where it should stop.
  bool goes_on();

  // A value that lives as long as the arena.
  const Value* keep(const Value& value) {
    return new (arena_.allocate(sizeof(Value), alignof(Value))) Value(value);
  }
  const Value* string(std::string_view text) {
    return charge(text.size()) ? keep(Value::string(arena_, text)) : nullptr;
  }
  const Value* integer(std::int64_t value) { return keep(Value::integer(arena_, value)); }
  static const Value* boolean(bool value);
  static const Value* null();

 private:
  Arena& arena_;
  const Value& root_;
  const WallMs now_;
  std::vector<const Value*> variables_;
  Watch* const watch_;
  const document::Collation* const collation_;
  std::uint64_t bytes_ = 0;
  std::optional<Error> error_;
};

// What is calculated for a document. Never changes; every thread may use it.
class Expression {
 public:
  virtual ~Expression() = default;
  // The value, or null where it is missing or the evaluation has failed. Lives as long as the evaluation's
  // arena and root, and the expression.
  virtual const Value* evaluate(Evaluation& on) const = 0;
  // The path where this is a plain "$a.b"; empty: something else.
  virtual std::span<const std::string> field_path() const { return {}; }
  // The value where this is one whatever the document; null: something else.
  virtual const Value* constant() const { return nullptr; }
};
using ExpressionPointer = std::unique_ptr<const Expression>;

// Bounds on a pipeline from outside.
struct PipelineLimits {
  std::uint64_t text_bytes = 1 << 20;
  std::uint32_t stages = 200;  // those of inner pipelines counted
  std::uint32_t depth = 50;    // of expressions, and of pipelines, in each other
  std::uint32_t nodes = 20'000;
  std::uint32_t path_steps = 32;
};

// Makes expressions of their text's values, which outlive them. One for a pipeline, so that its bounds count
// over all of it.
class ExpressionParser {
 public:
  // While it lives, errors are at the named member below the one before.
  class Step {
   public:
    Step(ExpressionParser& parser, std::string_view name) : where_(parser.where_), size_(where_.size()) {
      if (!where_.empty() && !name.starts_with('[')) where_ += '.';
      where_ += shortened(name);
    }
    Step(ExpressionParser& parser, std::size_t index) : Step(parser, "[" + std::to_string(index) + "]") {}
    ~Step() { where_.resize(size_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    static std::string_view shortened(std::string_view name);
    std::string& where_;
    std::size_t size_;
  };

  // `collation`: of the filters; null: none.
  ExpressionParser(const PipelineLimits& limits, Arena& arena,
                   std::shared_ptr<const document::Collation> collation)
      : limits_(limits), arena_(arena), collation_(std::move(collation)) {}

  // Errors: invalid, too_large; the field is the path of what is at fault ("pipeline[1].$project.a.$add").
  Result<ExpressionPointer> parse(const Value& value);
  // The names of a path without its dollar. Errors as of parse().
  Result<std::vector<std::string>> path(std::string_view text);

  // Where parsing stands, to be kept: not all of it where it is very long.
  std::string where() const { return where_.substr(0, where_end()); }
  Error invalid(std::string message) const {
    return Error(ErrorCode::invalid, std::move(message)).at(where());
  }
  Error too_large(std::string message, std::uint64_t limit) const {
    return Error(ErrorCode::too_large, std::move(message)).at(where()).over(limit);
  }
  const PipelineLimits& limits() const { return limits_; }
  Arena& arena() { return arena_; }
  const std::shared_ptr<const document::Collation>& collation() const { return collation_; }

  // What the expressions that were parsed since the last call read of their document.
  Dependencies take_dependencies() { return std::exchange(dependencies_, {}); }
  // How many variables an evaluation of anything that was parsed needs.
  std::size_t variables() const { return variables_; }

  // Before a stage is parsed. Errors: too_large.
  Status count_stage() {
    if (++stages_ > limits_.stages) return too_large("a pipeline has too many stages", limits_.stages);
    return ok();
  }

  // Before a regular expression is compiled. Errors: too_large.
  Status count_pattern() {
    if (++patterns_ > kPatterns) return too_large("a pipeline has too many patterns", kPatterns);
    return ok();
  }

  // For the parts of the parser. Variables are known by name, the last of a name first, while they are here.
  void push_variable(std::string name);
  void pop_variable() { scope_.pop_back(); }
  std::size_t newest_slot() const { return scope_.back().slot; }
  Status check_variable_name(std::string_view name) const;

 private:
  struct Variable {
    std::string name;
    std::size_t slot;
  };
  Result<ExpressionPointer> text(const Value& value, std::string_view text);
  Result<ExpressionPointer> variable(std::string_view text);
  Result<ExpressionPointer> object(const Value& value);
  Result<ExpressionPointer> members(const Value& value);
  Result<ExpressionPointer> array(const Value& value);
  Result<ExpressionPointer> operation(const Member& member);
  std::size_t where_end() const;

  const PipelineLimits& limits_;
  Arena& arena_;
  const std::shared_ptr<const document::Collation> collation_;
  std::string where_;
  std::uint32_t nodes_ = 0;
  std::uint32_t depth_ = 0;
  std::uint32_t stages_ = 0;
  std::uint32_t patterns_ = 0;
  std::vector<Variable> scope_;
  std::size_t variables_ = 0;
  Dependencies dependencies_;
};

// The value at a path as expressions see it: an array on the way gives an array of what its objects have
// there. Null: missing.
const Value* value_at(Evaluation& on, const Value& document, std::span<const std::string> path);
// Whether a value (null: missing) counts as true: all but false, null, missing, and 0.
bool is_true(const Value* value);
bool is_nothing(const Value* value);  // null or missing
// The order of values, what is missing first, strings by the evaluation's collation.
std::weak_ordering compare_found(const Evaluation& on, const Value* left, const Value* right);
// The name of a value's type, as $type has it.
std::string_view type_name(const Value* value);

}  // namespace quire::query
