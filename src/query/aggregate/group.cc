// $group. Rows are taken into a table of groups by the bytes of their key. When the table passes its memory,
// what it knows of each group goes to one of the partitions on disk, by bits of the key's hash, and the table
// begins anew; parts of one group are in one partition, in the order of the rows. At the end each partition
// is read into a table of its own, which may again be divided, by other bits.
#include <algorithm>

#include "base/hash.h"
#include "document/key_encoding.h"
#include "document/path.h"
#include "query/aggregate/group_table.h"
#include "query/aggregate/spill.h"
#include "query/aggregate/stage.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
struct Accumulator {
  Value name;
  AccumulatorKind kind;
  ExpressionPointer argument;
  std::string where;
  // Of a sum: what every row adds, where that is a whole number which no document changes.
  std::optional<std::int64_t> step;
};

struct GroupDefinition {
  ExpressionPointer id;
  std::vector<Accumulator> accumulators;
};

// The value of an expression, without an evaluation where it is a member of the row.
class Operand {
 public:
  explicit Operand(const Expression& expression) : expression_(expression) {
    if (expression.field_path().size() == 1) name_ = &expression.field_path()[0];
  }
  const Value* get(Evaluation& on) const {
    return name_ != nullptr ? on.root().find(*name_) : expression_.evaluate(on);
  }

 private:
  const Expression& expression_;
  const std::string* name_ = nullptr;
};

// As document::append_key(), in one step for strings without escapes.
void append_group_key(const Value& value, const document::Collation* collation, std::string& out) {
  if (value.is_string() && collation == nullptr) {
    std::string scratch;
    document::append_string_key(value.string(scratch), out);
  } else {
    document::append_key(value, document::Direction::ascending, out, collation);
  }
}

class Group final : public Stage {
 public:
  Group(StagePointer input, const GroupDefinition& definition, const PipelineContext& context)
      : input_(std::move(input)),
        definition_(definition),
        context_(context),
        id_(*definition.id),
        table_(definition.accumulators.size()) {
    for (const Accumulator& one : definition.accumulators) operands_.emplace_back(*one.argument);
  }

  Result<bool> next(Arena& arena, Value& row) override {
    arena.reset();
    if (input_ != nullptr) QUIRE_TRY_STATUS(take_input());
    while (next_ == table_.size()) {
      if (pending_.empty()) return false;
      QUIRE_TRY_STATUS(take_partition());
    }
    QUIRE_TRY_STATUS(context_.watch.step());
    print(table_[next_++]);
    auto made = Value::parse(arena, text_);
    // The text is good JSON, and so the fault is its depth.
    if (!made) return Error(ErrorCode::too_large, "a group nests deeper than a document may").over(kRowDepth);
    row = *made;
    QUIRE_TRY_STATUS(check_row(context_, row));
    return true;
  }

 private:
  struct Partition {
    SpillStream stream;
    std::uint32_t level;  // of its next division
  };

  Status take_input() {
    const StagePointer input = std::move(input_);
    Arena arena;
    Value row;
    for (;;) {
      QUIRE_TRY(const bool more, input->next(arena, row));
      if (!more) break;
      Evaluation on = context_.evaluation(arena, row);
      const Value* const id = id_.get(on);
      if (on.failed()) return on.take_error();
      GroupTable::Group& group = group_of(id == nullptr ? *Evaluation::null() : *id);
      QUIRE_TRY_STATUS(accumulate(on, group));
      if (table_.memory() > context_.run().budget.memory_bytes) QUIRE_TRY_STATUS(spill(0));
    }
    return partitions_.empty() ? ok() : divide(0);
  }

  GroupTable::Group& group_of(const Value& id) {
    key_.clear();
    append_group_key(id, context_.collation, key_);
    const std::uint64_t hash = table_hash(key_);
    if (GroupTable::Group* const known = table_.find(hash, key_)) return *known;
    text_.clear();
    id.print(text_);
    return table_.insert(hash, key_, text_);
  }

  Status accumulate(Evaluation& on, GroupTable::Group& group) {
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      const Accumulator& accumulator = definition_.accumulators[i];
      Slot& slot = group.slots[i];
      if (accumulator.step) {
        slot.add_count(*accumulator.step);
        continue;
      }
      const Value* const value = operands_[i].get(on);
      if (on.failed()) return on.take_error();
      const std::size_t before = slot.memory();
      if (auto added = slot.add(accumulator.kind, value, context_.collation); !added)
        return std::move(added).error().at(accumulator.where);
      table_.add_memory(slot.memory() - before);
    }
    return ok();
  }

  // Puts all groups into the partitions of this level.
  Status spill(std::uint32_t level) {
    if (blocks_ == nullptr) {
      QUIRE_TRY(blocks_, SpillBlocks::open(context_.run()));
    }
    while (partitions_.size() < kGroupPartitions) partitions_.emplace_back(*blocks_);
    std::string record;
    for (std::size_t i = 0; i < table_.size(); ++i) {
      const GroupTable::Group& group = table_[i];
      record.clear();
      put_string(record, group.key);
      put_string(record, group.text);
      for (std::size_t j = 0; j < operands_.size(); ++j)
        group.slots[j].encode(definition_.accumulators[j].kind, record);
      // The table uses the lowest and the highest bits.
      const std::size_t partition = (group.hash >> (20 + 4 * level)) % kGroupPartitions;
      QUIRE_TRY_STATUS(partitions_[partition].append(record));
      QUIRE_TRY_STATUS(context_.watch.step());
    }
    table_.clear();
    return ok();
  }

  // What is still in the table follows the rest; the partitions of this level are complete.
  Status divide(std::uint32_t level) {
    QUIRE_TRY_STATUS(spill(level));
    for (SpillStream& stream : partitions_) {
      QUIRE_TRY_STATUS(stream.finish());
      if (stream.records() > 0) pending_.push_back({std::move(stream), level + 1});
    }
    partitions_.clear();
    return ok();
  }

  Status take_partition() {
    const Partition partition = std::move(pending_.back());
    pending_.pop_back();
    table_.clear();
    next_ = 0;
    SpillReader reader(partition.stream);
    std::string_view record;
    for (;;) {
      QUIRE_TRY(const bool more, reader.next(record));
      if (!more) break;
      QUIRE_TRY_STATUS(merge(record));
      QUIRE_TRY_STATUS(context_.watch.step());
      if (table_.memory() <= context_.run().budget.memory_bytes) continue;
      if (table_.size() == 1 || partition.level == kGroupDivisions) {
        return Error(ErrorCode::exhausted,
                     "one group needs more memory than the setting queries.memory allows")
            .over(context_.run().budget.memory_bytes);
      }
      QUIRE_TRY_STATUS(spill(partition.level));
    }
    return partitions_.empty() ? ok() : divide(partition.level);
  }

  Status merge(std::string_view record) {
    ByteReader reader(record);
    const std::string_view key = reader.string();
    const std::string_view text = reader.string();
    const std::uint64_t hash = table_hash(key);
    GroupTable::Group* group = table_.find(hash, key);
    if (group == nullptr) group = &table_.insert(hash, key, text);
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      const Accumulator& accumulator = definition_.accumulators[i];
      const Slot later = Slot::decode(accumulator.kind, reader);
      const std::size_t before = group->slots[i].memory();
      if (auto merged = group->slots[i].merge(accumulator.kind, later, context_.collation); !merged)
        return std::move(merged).error().at(accumulator.where);
      table_.add_memory(group->slots[i].memory() - before);
    }
    if (!reader.done()) return Error(ErrorCode::corrupt, "a query's temporary file came back damaged");
    return ok();
  }

  void print(const GroupTable::Group& group) {
    text_ = R"({"_id":)";
    text_ += group.text;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      text_ += ',';
      definition_.accumulators[i].name.print(text_);
      text_ += ':';
      group.slots[i].print(definition_.accumulators[i].kind, text_);
    }
    text_ += '}';
  }

  StagePointer input_;  // null: all has been taken
  const GroupDefinition& definition_;
  const PipelineContext& context_;
  const Operand id_;
  std::vector<Operand> operands_;
  GroupTable table_;
  std::size_t next_ = 0;  // group to give
  std::string key_;
  std::string text_;
  std::unique_ptr<SpillBlocks> blocks_;
  std::vector<SpillStream> partitions_;  // being written; none: nothing was spilled
  std::vector<Partition> pending_;
};

class GroupStage final : public StageDefinition {
 public:
  GroupStage(GroupDefinition definition, Dependencies dependencies)
      : definition_(std::move(definition)), dependencies_(std::move(dependencies)) {}
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return std::make_unique<Group>(std::move(input), definition_, context);
  }
  bool add_dependencies(Dependencies& dependencies) const override {
    dependencies.add(dependencies_);
    return true;
  }

 private:
  const GroupDefinition definition_;
  const Dependencies dependencies_;
};

using Step = ExpressionParser::Step;

// {"$sum": expression}; a $count is a sum of ones.
Status parse_accumulator(ExpressionParser& parser, const Member& member, GroupDefinition& definition) {
  const std::string name = member.name.to_string();
  const Step step(parser, name);
  if (name.empty() || name.starts_with('$') || name.find('.') != std::string::npos)
    return parser.invalid("a member of a group has a name without dots and dollar sign in front");
  if (!document::is_plain_object(member.value) || member.value.size() != 1)
    return parser.invalid("a member of a group is an object of one accumulator");
  const Member& use = member.value.members()[0];
  const std::string used = use.name.to_string();
  const Step inner(parser, used);
  Accumulator accumulator{member.name, AccumulatorKind::sum, nullptr, parser.where(), std::nullopt};
  if (used == "$count") {
    if (!use.value.is_object() || use.value.size() != 0)
      return parser.invalid("$count takes an empty object");
    accumulator.step = 1;
    QUIRE_TRY(accumulator.argument, parser.parse(Value()));
  } else {
    const auto kind = accumulator_named(used);
    if (!kind) return parser.invalid("no such accumulator");
    accumulator.kind = *kind;
    QUIRE_TRY(accumulator.argument, parser.parse(use.value));
    const Value* const constant = accumulator.argument->constant();
    if (*kind == AccumulatorKind::sum && constant != nullptr && constant->is_number())
      accumulator.step = read_integer(constant->number_text());
  }
  definition.accumulators.push_back(std::move(accumulator));
  return ok();
}
}  // namespace

ParsedStage parse_group(ExpressionParser& parser, const Value& operand) {
  if (!document::is_plain_object(operand)) return parser.invalid("$group takes an object");
  GroupDefinition definition;
  for (const Member& member : operand.members()) {
    if (member.name.is_string_equal_to("_id")) {
      const Step step(parser, "_id");
      QUIRE_TRY(definition.id, parser.parse(member.value));
    } else {
      QUIRE_TRY_STATUS(parse_accumulator(parser, member, definition));
    }
  }
  if (definition.id == nullptr) return parser.invalid("$group needs an _id");
  return StageDefinitionPointer(new GroupStage(std::move(definition), parser.take_dependencies()));
}

ParsedStage parse_counts(ExpressionParser& parser, const Value& operand) {
  const bool expression = (operand.is_string() && operand.raw_string().starts_with('$')) ||
                          (document::is_plain_object(operand) && operand.size() == 1 &&
                           operand.members()[0].name.raw_string().starts_with('$'));
  if (!expression) return parser.invalid("$sortByCount takes a path or a call of a function");
  GroupDefinition definition;
  QUIRE_TRY(definition.id, parser.parse(operand));
  Accumulator count{Value::string(parser.arena(), "count"), AccumulatorKind::sum, nullptr, parser.where(), 1};
  QUIRE_TRY(count.argument, parser.parse(Value()));
  definition.accumulators.push_back(std::move(count));
  return StageDefinitionPointer(new GroupStage(std::move(definition), parser.take_dependencies()));
}

}  // namespace quire::query
