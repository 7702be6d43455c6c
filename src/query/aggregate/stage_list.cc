#include <algorithm>
#include <array>

#include "document/path.h"
#include "query/aggregate/stage.h"

namespace quire::query {

namespace {
using Step = ExpressionParser::Step;

struct StageName {
  std::string_view name;
  ParsedStage (*parse)(ExpressionParser& parser, const Value& operand);
};
constexpr std::array kStages = {
    StageName{"$match", parse_match},
    StageName{"$project", parse_project},
    StageName{"$unset", parse_unset},
    StageName{"$addFields", parse_add_fields},
    StageName{"$set", parse_add_fields},
    StageName{"$sort", parse_sort},
    StageName{"$limit", parse_limit},
    StageName{"$skip", parse_skip},
    StageName{"$group", parse_group},
    StageName{"$unwind", parse_unwind},
    StageName{"$lookup", parse_lookup},
    StageName{"$unionWith", parse_union_with},
    StageName{"$count", parse_count},
    StageName{"$sortByCount", parse_counts},
    StageName{"$replaceRoot", parse_replace_root},
    StageName{"$replaceWith", parse_replace_with},
};

// Says of which stage a row became too large.
class Placed final : public Stage {
 public:
  Placed(StagePointer stage, const std::string& place) : stage_(std::move(stage)), place_(place) {}
  Result<bool> next(Arena& arena, Value& row) override {
    auto more = stage_->next(arena, row);
    if (more || more.error().code() != ErrorCode::too_large || !more.error().field().empty()) return more;
    return std::move(more).error().at(place_);
  }

 private:
  const StagePointer stage_;
  const std::string& place_;
};

// How many rows the stages from here on let through at most; 0: any number.
std::uint64_t rows_wanted(const std::vector<StageDefinitionPointer>& stages, std::size_t from) {
  std::uint64_t skipped = 0;
  for (std::size_t i = from; i < stages.size(); ++i) {
    if (stages[i]->limit() > 0) {
      std::uint64_t wanted = 0;
      return __builtin_add_overflow(skipped, stages[i]->limit(), &wanted) ? 0 : wanted;
    }
    if (stages[i]->skip() == 0 || __builtin_add_overflow(skipped, stages[i]->skip(), &skipped)) return 0;
  }
  return 0;
}
}  // namespace

Result<StageList> StageList::parse(ExpressionParser& parser, const Value& value) {
  if (!value.is_array()) return parser.invalid("a pipeline is an array of stages");
  StageList list;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Step at(parser, i);
    const Value& stage = value.elements()[i];
    if (!document::is_plain_object(stage) || stage.size() != 1)
      return parser.invalid("a stage is an object of one member");
    const Member& member = stage.members()[0];
    const std::string name = member.name.to_string();
    const Step in(parser, name);
    QUIRE_TRY_STATUS(parser.count_stage());
    const auto known =
        std::find_if(kStages.begin(), kStages.end(), [&](const StageName& one) { return one.name == name; });
    if (known == kStages.end()) return parser.invalid("no such stage");
    QUIRE_TRY(auto parsed, known->parse(parser, member.value));
    list.add(std::move(parsed), parser);
    if (name != "$sortByCount") continue;
    QUIRE_TRY(auto sort, sort_by_count());
    list.add(std::move(sort), parser);
  }
  return list;
}

void StageList::add(StageDefinitionPointer stage, const ExpressionParser& parser) {
  stages_.push_back(std::move(stage));
  places_.push_back(parser.where());
}

document::Filter StageList::leading_filter() const {
  const document::Filter* const filter = stages_.empty() ? nullptr : stages_[0]->match();
  return filter == nullptr ? document::Filter() : *filter;
}

StagePointer StageList::open(std::unique_ptr<RowSource> rows, std::size_t first,
                             const PipelineContext& context) const {
  Dependencies dependencies;
  bool complete = false;
  for (std::size_t i = first; i < stages_.size() && !complete; ++i)
    complete = stages_[i]->add_dependencies(dependencies);
  if (!complete) dependencies.everything = true;
  StagePointer stage = open_rows(std::move(rows), dependencies, context);
  for (std::size_t i = first; i < stages_.size(); ++i) {
    stage = stages_[i]->open_limited(std::move(stage), rows_wanted(stages_, i + 1), context);
    stage = std::make_unique<Placed>(std::move(stage), places_[i]);
  }
  return stage;
}

Result<StagePointer> StageList::open(std::string_view collection, const PipelineContext& context) const {
  const bool filters = !stages_.empty() && stages_[0]->match() != nullptr;
  QUIRE_TRY(auto rows, context.sources.open(collection, leading_filter()));
  return open(std::move(rows), filters ? 1 : 0, context);
}

}  // namespace quire::query
