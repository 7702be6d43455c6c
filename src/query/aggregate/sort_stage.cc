// $sort behind other stages. Rows are kept as text behind what they are ordered by; those past the memory are
// written as sorted runs, which are merged at the end, many at a time. Where a $limit follows, no more rows
// are kept than it lets through.
#include <algorithm>

#include "base/bytes.h"
#include "query/aggregate/spill.h"
#include "query/aggregate/stage.h"
#include "query/aggregate/tuning.h"
#include "query/sort.h"

namespace quire::query {

namespace {
// A row: its key, the number of its coming, which decides between equal keys, and its text.
struct Record {
  std::string bytes;  // the key and the number, then the text
  std::uint32_t key;  // bytes of the former

  std::string_view order() const { return std::string_view(bytes).substr(0, key); }
  std::string_view text() const { return std::string_view(bytes).substr(key); }
  bool operator<(const Record& other) const { return order() < other.order(); }
  std::size_t memory() const { return bytes.capacity() + kSortedRecordBytes; }
};

// A sorted run that is read.
struct Head {
  explicit Head(const SpillStream& stream) : reader(stream) {}
  Result<bool> advance() {
    std::string_view record;
    QUIRE_TRY(const bool more, reader.next(record));
    if (more) {
      key = load_u32(record.data());
      bytes = record.substr(4);
    }
    return more;
  }
  std::string_view order() const { return bytes.substr(0, key); }
  std::string_view text() const { return bytes.substr(key); }

  SpillReader reader;
  std::string_view bytes;
  std::uint32_t key = 0;
};

// The records of several runs in order. The runs outlive it.
class Merge {
 public:
  Status open(std::span<const SpillStream> runs) {
    heads_.clear();
    for (const SpillStream& run : runs) {
      auto head = std::make_unique<Head>(run);
      QUIRE_TRY(const bool more, head->advance());
      if (more) heads_.push_back(std::move(head));
    }
    std::make_heap(heads_.begin(), heads_.end(), later);
    return ok();
  }
  // The first head; null at the end. Valid until the next call.
  Result<const Head*> next() {
    if (given_) {
      std::pop_heap(heads_.begin(), heads_.end(), later);
      QUIRE_TRY(const bool more, heads_.back()->advance());
      if (more) {
        std::push_heap(heads_.begin(), heads_.end(), later);
      } else {
        heads_.pop_back();
      }
    }
    given_ = !heads_.empty();
    return given_ ? heads_.front().get() : nullptr;
  }

 private:
  static bool later(const std::unique_ptr<Head>& left, const std::unique_ptr<Head>& right) {
    return right->order() < left->order();
  }
  std::vector<std::unique_ptr<Head>> heads_;
  bool given_ = false;
};

class Sorting final : public Stage {
 public:
  Sorting(StagePointer input, const Sort& sort, std::uint64_t most, const PipelineContext& context)
      : input_(std::move(input)), sort_(sort), most_(most), context_(context) {}

  Result<bool> next(Arena& arena, Value& row) override {
    arena.reset();
    if (input_ != nullptr) QUIRE_TRY_STATUS(take_input());
    QUIRE_TRY_STATUS(context_.watch.step());
    if (runs_.empty()) {
      if (next_ == records_.size()) return false;
      QUIRE_TRY(row, Value::parse(arena, records_[next_++].text()));
      return true;
    }
    QUIRE_TRY(const Head* const head, merge_.next());
    if (head == nullptr) return false;
    QUIRE_TRY(row, Value::parse(arena, head->text()));
    return true;
  }

 private:
  Status take_input() {
    const StagePointer input = std::move(input_);
    Arena arena;
    Value row;
    for (;;) {
      QUIRE_TRY(const bool more, input->next(arena, row));
      if (!more) break;
      QUIRE_TRY_STATUS(context_.watch.step());
      QUIRE_TRY_STATUS(take(row));
      if (memory_ > context_.run().budget.memory_bytes) QUIRE_TRY_STATUS(spill());
    }
    if (!runs_.empty()) return finish();
    std::sort(records_.begin(), records_.end());
    return context_.watch.look();
  }

  Status take(const Value& row) {
    Record record;
    QUIRE_TRY_STATUS(sort_.append_key(row, record.bytes));
    put_u64(record.bytes, count_++);
    record.key = static_cast<std::uint32_t>(record.bytes.size());
    // A heap with the last on top, where only so many are wanted.
    const bool full = most_ != 0 && records_.size() >= most_;
    if (full && records_.front() < record) return ok();
    row.print(record.bytes);
    if (full) {
      std::pop_heap(records_.begin(), records_.end());
      memory_ -= records_.back().memory();
      records_.pop_back();
    }
    memory_ += record.memory();
    records_.push_back(std::move(record));
    if (most_ != 0) std::push_heap(records_.begin(), records_.end());
    return ok();
  }

  Status spill() {
    if (records_.empty()) return ok();
    if (blocks_ == nullptr) {
      QUIRE_TRY(blocks_, SpillBlocks::open(context_.run()));
    }
    std::sort(records_.begin(), records_.end());
    SpillStream run(*blocks_);
    std::string bytes;
    for (const Record& record : records_) {
      bytes.clear();
      put_u32(bytes, record.key);
      bytes += record.bytes;
      QUIRE_TRY_STATUS(run.append(bytes));
      QUIRE_TRY_STATUS(context_.watch.step());
    }
    QUIRE_TRY_STATUS(run.finish());
    runs_.push_back(std::move(run));
    records_.clear();
    memory_ = 0;
    return ok();
  }

  // Merges runs until few enough are left.
  Status finish() {
    QUIRE_TRY_STATUS(spill());
    records_ = {};
    while (runs_.size() > kMergedRuns) {
      const std::span<const SpillStream> first(runs_.data(), kMergedRuns);
      SpillStream merged(*blocks_);
      QUIRE_TRY_STATUS(merge_into(first, merged));
      runs_.erase(runs_.begin(), runs_.begin() + kMergedRuns);
      runs_.push_back(std::move(merged));
    }
    return merge_.open(runs_);
  }

  Status merge_into(std::span<const SpillStream> runs, SpillStream& merged) {
    Merge merge;
    QUIRE_TRY_STATUS(merge.open(runs));
    std::string bytes;
    for (;;) {
      QUIRE_TRY_STATUS(context_.watch.step());
      QUIRE_TRY(const Head* const head, merge.next());
      if (head == nullptr) return merged.finish();
      bytes.clear();
      put_u32(bytes, head->key);
      bytes += head->bytes;
      QUIRE_TRY_STATUS(merged.append(bytes));
    }
  }

  StagePointer input_;  // null: all has been taken
  const Sort& sort_;
  const std::uint64_t most_;
  const PipelineContext& context_;
  std::vector<Record> records_;
  std::uint64_t count_ = 0;
  std::size_t memory_ = 0;
  std::size_t next_ = 0;
  std::unique_ptr<SpillBlocks> blocks_;
  std::vector<SpillStream> runs_;
  Merge merge_;
};

class SortStage final : public StageDefinition {
 public:
  SortStage(Sort sort, std::string text) : sort_(std::move(sort)), text_(std::move(text)) {}
  StagePointer open(StagePointer input, const PipelineContext& context) const override {
    return open_limited(std::move(input), 0, context);
  }
  StagePointer open_limited(StagePointer input, std::uint64_t most,
                            const PipelineContext& context) const override {
    return std::make_unique<Sorting>(std::move(input), sort_, most, context);
  }
  bool add_dependencies(Dependencies& dependencies) const override {
    for (const Sort::Key& key : sort_.keys()) dependencies.add(key.path.steps()[0].name);
    return false;
  }
  std::string_view sort() const override { return text_; }

 private:
  const Sort sort_;
  const std::string text_;
};
}  // namespace

ParsedStage parse_sort(ExpressionParser& parser, const Value& operand) {
  if (!operand.is_object() || operand.size() == 0)
    return parser.invalid("$sort takes an object of paths and directions");
  std::string text = operand.to_json();
  auto sort = Sort::parse(text);
  if (sort) {
    sort->use(parser.collation());
    return StageDefinitionPointer(new SortStage(std::move(*sort), std::move(text)));
  }
  Error error = std::move(sort).error();
  std::string field = parser.where() + (error.field().empty() ? "" : ".") + error.field();
  return std::move(error).at(std::move(field));
}

ParsedStage sort_by_count() {
  std::string text = R"({"count":-1})";
  QUIRE_TRY(Sort sort, Sort::parse(text));
  return StageDefinitionPointer(new SortStage(std::move(sort), std::move(text)));
}

}  // namespace quire::query
