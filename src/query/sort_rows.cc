// Sorting. Rows are kept with their keys until all have come. Where only so many are wanted, a heap with the
// last of them on top is kept at that number. Where they pass the memory, all that is kept is sorted and
// written to a temporary file as a run, and the runs are merged at the end.
#include "query/sort_rows.h"

#include <algorithm>

#include "query/sorted_run.h"

namespace quire::query {

namespace {

bool kept_before(const KeptRow& left, const KeptRow& right) { return left.view().is_before(right.view()); }

class SortedRows final : public PlacedSource {
 public:
  SortedRows(std::unique_ptr<RowSource> input, const Sort& sort, const SortOptions& options, Watch& watch)
      : input_(std::move(input)), sort_(sort), options_(options), watch_(watch) {
    if (options_.after) after_ = {.key = options_.after->key, .row = {.id = options_.after->id, .body = {}}};
  }

  Result<bool> next(Row& row) override {
    if (input_ != nullptr) QUIRE_TRY_STATUS(gather());
    QUIRE_TRY_STATUS(watch_.step());
    if (runs_.empty()) {
      if (next_ == rows_.size()) return false;
      current_ = rows_[next_++].view();
    } else {
      QUIRE_TRY(const bool more, next_of_runs());
      if (!more) return false;
    }
    row = current_.row;
    return true;
  }

  CursorPlace place() const override {
    CursorPlace place;
    place.walk = CursorPlace::Walk::sorted;
    place.key = current_.key;
    place.id = current_.row.id;
    return place;
  }

 private:
  // Of the runs in the heap, the one whose row comes first stands on top.
  auto later() const {
    return [this](std::size_t left, std::size_t right) {
      return runs_[right].current().is_before(runs_[left].current());
    };
  }

  Status gather() {
    std::string key;
    Row row;
    for (;;) {
      QUIRE_TRY(const bool more, input_->next(row));
      if (!more) break;
      key.clear();
      QUIRE_TRY_STATUS(sort_.append_key(row.body, row.id, scratch_, key));
      QUIRE_TRY_STATUS(take({.key = key, .row = row}));
    }
    input_.reset();
    return finish();
  }

  Status take(const KeyedRow& row) {
    if (options_.after && !after_.is_before(row)) return ok();
    const bool full = options_.most != 0 && rows_.size() == options_.most && runs_.empty();
    if (full) {
      if (!row.is_before(rows_.front().view())) return ok();
      std::pop_heap(rows_.begin(), rows_.end(), kept_before);
      kept_bytes_ -= rows_.back().bytes() + tuning::kSortedRowBytes;
      rows_.pop_back();
    }
    rows_.emplace_back(row);
    kept_bytes_ += rows_.back().bytes() + tuning::kSortedRowBytes;
    if (options_.most != 0 && runs_.empty()) std::push_heap(rows_.begin(), rows_.end(), kept_before);
    return kept_bytes_ > watch_.run().budget.memory_bytes ? spill() : ok();
  }

  Status spill() {
    if (!file_) {
      QUIRE_TRY(file_, SpillFile::make(watch_.run().budget.spill_directory));
    }
    std::sort(rows_.begin(), rows_.end(), kept_before);
    QUIRE_TRY(SortedRun run, SortedRun::write(rows_, *file_));
    runs_.push_back(std::move(run));
    rows_.clear();
    kept_bytes_ = 0;
    watch_.run().spilled = std::max(watch_.run().spilled, file_->size());
    if (file_->size() <= watch_.run().budget.spilled_bytes) return watch_.look();
    return Error(ErrorCode::exhausted, "the sort needs more than the " +
                                           std::to_string(watch_.run().budget.spilled_bytes) +
                                           " bytes on the disk that the setting queries.disk allows")
        .over(watch_.run().budget.spilled_bytes);
  }

  Status finish() {
    if (runs_.empty()) {
      std::sort(rows_.begin(), rows_.end(), kept_before);
      return watch_.look();
    }
    if (!rows_.empty()) QUIRE_TRY_STATUS(spill());
    const std::size_t piece = std::clamp<std::size_t>(watch_.run().budget.memory_bytes / runs_.size(),
                                                      tuning::kSpillReadLeastBytes, tuning::kSpillReadBytes);
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      runs_[i].set_buffer(piece);
      QUIRE_TRY(const bool more, runs_[i].next(*file_));
      if (more) heads_.push_back(i);
    }
    std::make_heap(heads_.begin(), heads_.end(), later());
    return ok();
  }

  Result<bool> next_of_runs() {
    // The row that was given last is read over only now.
    if (given_) {
      SortedRun& run = runs_[heads_.back()];
      QUIRE_TRY(const bool more, run.next(*file_));
      if (more) {
        std::push_heap(heads_.begin(), heads_.end(), later());
      } else {
        heads_.pop_back();
      }
    }
    given_ = !heads_.empty();
    if (!given_) return false;
    std::pop_heap(heads_.begin(), heads_.end(), later());
    current_ = runs_[heads_.back()].current();
    return true;
  }

  std::unique_ptr<RowSource> input_;  // null: all has been gathered
  const Sort sort_;
  const SortOptions options_;
  Watch& watch_;
  KeyedRow after_;
  document::Arena scratch_;
  std::vector<KeptRow> rows_;
  std::size_t kept_bytes_ = 0;
  std::size_t next_ = 0;
  std::optional<SpillFile> file_;
  std::vector<SortedRun> runs_;
  std::vector<std::size_t> heads_;  // runs with a row, a heap; while given_ the last one is out of it
  bool given_ = false;
  KeyedRow current_;
};

}  // namespace

std::unique_ptr<PlacedSource> sort_rows(std::unique_ptr<RowSource> input, const Sort& sort,
                                        const SortOptions& options, Watch& watch) {
  return std::make_unique<SortedRows>(std::move(input), sort, options, watch);
}

}  // namespace quire::query
