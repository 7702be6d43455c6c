// $lookup. Without a pipeline, the matches of many rows are asked for at once: one filter names the values of
// all of them, and each document that it finds goes to the rows whose value it has. Where that takes too much
// memory, fewer rows are asked for at once. With a pipeline, each row runs it; a pipeline that does not
// depend on the row runs once.
#include <algorithm>
#include <unordered_map>

#include "base/hash.h"
#include "document/extended_json.h"
#include "document/json.h"
#include "document/key_encoding.h"
#include "document/path.h"
#include "query/aggregate/member_path.h"
#include "query/aggregate/stage.h"
#include "query/aggregate/tuning.h"
#include "query/path_values.h"

namespace quire::query {

namespace {
using Step = ExpressionParser::Step;
using document::Filter;

// Of filters on values that documents hold.
constexpr document::FilterLimits kLookupLimits{.text_bytes = 4 * kRowBytes, .plain_json = true};

struct LookupDefinition {
  struct Variable {
    std::size_t slot;
    ExpressionPointer value;
  };
  std::string from;
  std::vector<std::string> as;
  document::Path local;  // empty: the pipeline says which
  document::Path foreign;
  std::vector<Variable> variables;
  std::optional<StageList> stages;
  std::string where;
  std::shared_ptr<const document::Collation> collation;  // the pipeline's

  bool depends_on_row() const { return !local.empty() || !variables.empty(); }
};

Error too_large(const LookupDefinition& definition) {
  return Error(ErrorCode::too_large, "the documents that a $lookup finds for one are larger than one may be")
      .over(kRowBytes)
      .at(definition.where);
}

// The elements of an array, as JSON with commas between.
Status append_element(const LookupDefinition& definition, std::string_view text, std::string& list) {
  if (list.size() + text.size() > kRowBytes) return too_large(definition);
  if (!list.empty()) list += ',';
  list += text;
  return ok();
}

Result<Value> with_list(const LookupDefinition& definition, const PipelineContext& context, Arena& arena,
                        const Value& row, std::string_view elements) {
  std::string text = "[";
  text += elements;
  text += ']';
  auto list = Value::parse(arena, arena.copy(text));
  // The text is good JSON, and so the fault is its depth.
  if (!list) return too_large(definition);
  const Value result = with_value(arena, &row, definition.as, &*list);
  QUIRE_TRY_STATUS(check_row(context, result));
  return result;
}

// The values that a row looks for: null where its path leads to none.
std::vector<const Value*> values_of(const Value& row, const LookupDefinition& definition) {
  std::vector<const Value*> values;
  collect_elements(row, definition.local, values);
  if (values.empty()) values.push_back(Evaluation::null());
  return values;
}

void append_equal(const document::Path& path, std::string_view value, std::string& out) {
  out += '{';
  document::append_json_string(out, path.text());
  ((out += R"(:{"$eq":)") += value) += "}}";
}

// An object that $in would take for operators.
bool reads_as_operators(const Value& value) {
  return document::is_plain_object(value) && value.size() > 0 &&
         value.members()[0].name.to_string().starts_with('$');
}

// What a filter of all of these values is made of.
class Alternatives {
 public:
  Alternatives(const document::Path& path, std::shared_ptr<const document::Collation> collation)
      : path_(path), collation_(std::move(collation)) {}
  // Errors: too_large.
  Status add(const Value& value) {
    if (++count_ > kLookupValues)
      return Error(ErrorCode::too_large, "a $lookup of one document looks for too many values")
          .over(kLookupValues);
    const std::string text = value.to_json();
    if (reads_as_operators(value)) {
      if (!others_.empty()) others_ += ',';
      append_equal(path_, text, others_);
    } else {
      if (!list_.empty()) list_ += ',';
      list_ += text;
    }
    return ok();
  }
  bool full() const { return bytes() >= kLookupFilterBytes || count_ >= kLookupRows * 4; }
  std::size_t bytes() const { return list_.size() + others_.size(); }
  Result<Filter> filter() const {
    std::string text = "{";
    document::append_json_string(text, path_.text());
    ((text += R"(:{"$in":[)") += list_) += "]}}";
    if (!others_.empty()) text = R"({"$or":[)" + text + ',' + others_ + "]}";
    return Filter::parse(text, kLookupLimits, collation_);
  }

 private:
  const document::Path& path_;
  const std::shared_ptr<const document::Collation> collation_;
  std::size_t count_ = 0;
  std::string list_;
  std::string others_;
};

class Joining final : public Stage {
 public:
  Joining(StagePointer input, const LookupDefinition& definition, const PipelineContext& context)
      : input_(std::move(input)),
        definition_(definition),
        context_(context),
        on_id_(definition.foreign.text() == "_id") {}

  Result<bool> next(Arena& arena, Value& row) override {
    arena.reset();
    if (next_ == joined_) {
      QUIRE_TRY(const bool more, join_more());
      if (!more) return false;
    }
    const Waiting& waiting = rows_[next_++];
    QUIRE_TRY(row, Value::parse(arena, waiting.text));
    QUIRE_TRY(row, with_list(definition_, context_, arena, row, waiting.found));
    return true;
  }

 private:
  struct Waiting {
    std::string text;
    std::string found;
  };
  struct Hasher {
    std::size_t operator()(const std::string& key) const { return table_hash(key); }
  };
  // Rows by the values that they look for.
  struct Wanted {
    std::unordered_map<std::string, std::vector<std::uint32_t>, Hasher> rows;
    // Arrays among the values, which are equal to elements and to arrays as a whole.
    std::vector<std::pair<Filter, std::uint32_t>> arrays;
  };

  // Finds the matches of some rows more. False: there are none.
  Result<bool> join_more() {
    if (next_ == rows_.size()) QUIRE_TRY_STATUS(gather());
    if (rows_.empty()) return false;
    for (;;) {
      joined_ = std::min(rows_.size(), next_ + together_);
      QUIRE_TRY(const bool done, join());
      if (done) return true;
      together_ = std::max<std::size_t>((joined_ - next_) / 2, 1);
    }
  }

  Status gather() {
    rows_.clear();
    next_ = 0;
    joined_ = 0;
    Arena arena;
    Value row;
    std::size_t bytes = 0;
    while (rows_.size() < kLookupRows && bytes < context_.run().budget.memory_bytes / 2) {
      QUIRE_TRY_STATUS(context_.watch.step());
      QUIRE_TRY(const bool more, input_->next(arena, row));
      if (!more) break;
      rows_.push_back({row.to_json(), {}});
      bytes += rows_.back().text.size();
    }
    return ok();
  }

  std::string key_of(const Value& value) const {
    std::string key;
    const document::TypedValue typed(value);
    const bool as_string = on_id_ && typed.type() == document::Type::object_id;
    Arena arena;
    document::append_key(as_string ? Value::string(arena, typed.object_id()) : value,
                         document::Direction::ascending, key, context_.collation);
    return key;
  }

  Status want(const Value& value, std::uint32_t row, Alternatives& alternatives, Wanted& wanted) {
    if (value.is_array()) {
      std::string text;
      append_equal(definition_.foreign, value.to_json(), text);
      QUIRE_TRY(Filter filter, Filter::parse(text, kLookupLimits, definition_.collation));
      wanted.arrays.emplace_back(std::move(filter), row);
      return alternatives.add(value);
    }
    auto& rows = wanted.rows[key_of(value)];
    if (rows.empty()) QUIRE_TRY_STATUS(alternatives.add(value));
    if (rows.empty() || rows.back() != row) rows.push_back(row);
    return ok();
  }

  // Finds the matches of the rows up to joined_, or of some less. False where that takes too much memory.
  Result<bool> join() {
    Wanted wanted;
    Alternatives alternatives(definition_.foreign, definition_.collation);
    Arena arena;
    for (std::size_t i = next_; i < joined_; ++i) {
      arena.reset();
      rows_[i].found.clear();
      QUIRE_TRY(const Value row, Value::parse(arena, rows_[i].text));
      for (const Value* const value : values_of(row, definition_)) {
        QUIRE_TRY_STATUS(context_.watch.step());
        QUIRE_TRY_STATUS(want(*value, static_cast<std::uint32_t>(i), alternatives, wanted));
      }
      if (alternatives.full()) joined_ = i + 1;
    }
    QUIRE_TRY(const Filter filter, alternatives.filter());
    QUIRE_TRY(auto source, context_.sources.open(definition_.from, filter));
    Dependencies all;
    all.everything = true;
    return distribute(*open_rows(std::move(source), all, context_), wanted);
  }

  Result<bool> distribute(Stage& found, const Wanted& wanted) {
    Arena arena;
    Value document;
    std::vector<std::uint32_t> rows;
    std::size_t bytes = 0;
    for (;;) {
      QUIRE_TRY(const bool more, found.next(arena, document));
      if (!more) return true;
      QUIRE_TRY_STATUS(find_rows(document, wanted, rows));
      const std::string text = rows.empty() ? "" : document.to_json();
      for (const std::uint32_t row : rows) {
        if (joined_ - next_ > 1 && rows_[row].found.size() + text.size() > kRowBytes) return false;
        QUIRE_TRY_STATUS(append_element(definition_, text, rows_[row].found));
      }
      bytes += rows.size() * (text.size() + 1);
      if (joined_ - next_ > 1 && bytes > context_.run().budget.memory_bytes) return false;
    }
  }

  Status find_rows(const Value& document, const Wanted& wanted, std::vector<std::uint32_t>& rows) {
    rows.clear();
    values_.clear();
    collect_values(document, definition_.foreign, values_);
    for (const Value* const value : values_) {
      QUIRE_TRY_STATUS(context_.watch.step());
      const auto known = wanted.rows.find(key_of(value == nullptr ? Value() : *value));
      if (known != wanted.rows.end()) rows.insert(rows.end(), known->second.begin(), known->second.end());
    }
    for (const auto& [filter, row] : wanted.arrays) {
      QUIRE_TRY_STATUS(context_.watch.step());
      if (filter.matches(document)) rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return ok();
  }

  const StagePointer input_;
  const LookupDefinition& definition_;
  const PipelineContext& context_;
  const bool on_id_;
  std::vector<Waiting> rows_;
  std::size_t next_ = 0;    // row to give
  std::size_t joined_ = 0;  // rows in front of this one have their matches
  std::size_t together_ = kLookupRows;
  std::vector<const Value*> values_;
};

class JoiningByPipeline final : public Stage {
 public:
  JoiningByPipeline(StagePointer input, const LookupDefinition& definition, const PipelineContext& context)
      : input_(std::move(input)), definition_(definition), context_(context), inner_(context) {
    inner_.outer.resize(context.variables);
  }

  Result<bool> next(Arena& arena, Value& row) override {
    QUIRE_TRY(const bool more, input_->next(arena, row));
    if (!more) return false;
    if (!ran_ || definition_.depends_on_row()) {
      QUIRE_TRY_STATUS(run(arena, row));
      ran_ = true;
    }
    QUIRE_TRY(row, with_list(definition_, context_, arena, row, found_));
    return true;
  }

 private:
  Status run(Arena& arena, const Value& row) {
    found_.clear();
    Evaluation on = context_.evaluation(arena, row);
    for (const auto& variable : definition_.variables) {
      inner_.outer[variable.slot] = variable.value->evaluate(on);
      if (on.failed()) return on.take_error();
    }
    QUIRE_TRY(const StagePointer stage, open(row));
    Arena inner_arena;
    Value document;
    std::string text;
    for (;;) {
      QUIRE_TRY(const bool more, stage->next(inner_arena, document));
      if (!more) return ok();
      text.clear();
      document.print(text);
      QUIRE_TRY_STATUS(append_element(definition_, text, found_));
    }
  }

  Result<StagePointer> open(const Value& row) {
    const StageList& stages = *definition_.stages;
    if (definition_.local.empty()) return stages.open(definition_.from, inner_);
    Alternatives alternatives(definition_.foreign, definition_.collation);
    for (const Value* const value : values_of(row, definition_)) QUIRE_TRY_STATUS(alternatives.add(*value));
    QUIRE_TRY(const Filter filter, alternatives.filter());
    QUIRE_TRY(auto rows, inner_.sources.open(definition_.from, filter));
    return stages.open(std::move(rows), 0, inner_);
  }

  const StagePointer input_;
  const LookupDefinition& definition_;
  const PipelineContext& context_;
  PipelineContext inner_;
  bool ran_ = false;
  std::string found_;
};

class LookupStage final : public StageDefinition {
 public:
  LookupStage(LookupDefinition definition, Dependencies dependencies)
      : definition_(std::move(definition)), dependencies_(std::move(dependencies)) {
    dependencies_.add(definition_.as[0]);
    if (!definition_.local.empty()) dependencies_.add(definition_.local.steps()[0].name);
  }
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    if (definition_.stages)
      return std::make_unique<JoiningByPipeline>(std::move(input), definition_, context);
    return std::make_unique<Joining>(std::move(input), definition_, context);
  }
  bool add_dependencies(Dependencies& dependencies) const override {
    dependencies.add(dependencies_);
    return false;
  }

 private:
  const LookupDefinition definition_;
  Dependencies dependencies_;
};

Status parse_variables(ExpressionParser& parser, const Value& given, LookupDefinition& definition) {
  const Step step(parser, "let");
  if (!document::is_plain_object(given)) return parser.invalid("let is an object of variables");
  if (parser.variables() + given.size() > kVariables)
    return parser.too_large("a pipeline has too many variables", kVariables);
  for (const Member& member : given.members()) {
    const std::string name = member.name.to_string();
    const Step one(parser, name);
    QUIRE_TRY_STATUS(parser.check_variable_name(name));
    QUIRE_TRY(auto value, parser.parse(member.value));
    definition.variables.push_back({0, std::move(value)});
  }
  return ok();
}

Status parse_pipeline(ExpressionParser& parser, const Value& operand, LookupDefinition& definition) {
  const Value* const given = operand.find("let");
  for (std::size_t i = 0; i < definition.variables.size(); ++i) {
    parser.push_variable(given->members()[i].name.to_string());
    definition.variables[i].slot = parser.newest_slot();
  }
  {
    const Step step(parser, "pipeline");
    QUIRE_TRY(definition.stages, StageList::parse(parser, *operand.find("pipeline")));
  }
  for (std::size_t i = 0; i < definition.variables.size(); ++i) parser.pop_variable();
  return ok();
}

Status parse_member(ExpressionParser& parser, const Member& member, LookupDefinition& definition) {
  const std::string name = member.name.to_string();
  const Step step(parser, name);
  if (name == "let" || name == "pipeline") return ok();
  if (name != "from" && name != "as" && name != "localField" && name != "foreignField")
    return parser.invalid("$lookup has no such member");
  if (!member.value.is_string()) return parser.invalid("a string is needed");
  const std::string text = member.value.to_string();
  if (name == "from") {
    definition.from = text;
    return ok();
  }
  QUIRE_TRY(auto path, parser.path(text));
  if (name == "as") {
    definition.as = std::move(path);
    return ok();
  }
  document::Path& field = name == "localField" ? definition.local : definition.foreign;
  QUIRE_TRY(field, document::Path::parse(text, parser.limits().path_steps));
  return ok();
}
}  // namespace

ParsedStage parse_lookup(ExpressionParser& parser, const Value& operand) {
  if (!document::is_plain_object(operand)) return parser.invalid("$lookup takes an object");
  LookupDefinition definition;
  definition.where = parser.where();
  definition.collation = parser.collation();
  for (const Member& member : operand.members()) QUIRE_TRY_STATUS(parse_member(parser, member, definition));
  if (definition.from.empty() || definition.as.empty()) return parser.invalid("$lookup needs from and as");
  if (definition.local.empty() != definition.foreign.empty())
    return parser.invalid("$lookup needs localField and foreignField together");
  const Value* const variables = operand.find("let");
  const bool pipeline = operand.find("pipeline") != nullptr;
  if (variables != nullptr && !pipeline) return parser.invalid("let is for a pipeline");
  if (definition.local.empty() && !pipeline)
    return parser.invalid("$lookup needs localField and foreignField, or a pipeline");
  if (variables != nullptr) QUIRE_TRY_STATUS(parse_variables(parser, *variables, definition));
  Dependencies dependencies = parser.take_dependencies();
  if (pipeline) QUIRE_TRY_STATUS(parse_pipeline(parser, operand, definition));
  return StageDefinitionPointer(new LookupStage(std::move(definition), std::move(dependencies)));
}

}  // namespace quire::query
