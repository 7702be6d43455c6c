#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "document/filter.h"
#include "query/plan.h"
#include "query/sort.h"

namespace quire::query {

// A query as it was parsed.
struct Find {
  document::Filter filter;
  Sort sort;
  std::string hint;
  std::string collation;  // as document/collation.h prints it; empty: by code point. See compare_by()
  std::uint64_t skip = 0;
  std::uint64_t limit = 0;           // 0: none
  std::optional<CursorPlace> after;  // where the page before ended; nothing is skipped then
  bool ids_alone = false;            // bodies are not wanted; rows may come with an empty one

  // The collation that the filter was parsed with, for the sort and the plan too; null: none.
  void compare_by(const std::shared_ptr<const document::Collation>& by) {
    collation = by == nullptr ? std::string() : by->print();
    sort.use(by);
  }
};

// What a query is about: a collection in one state, and what serves it. All of it outlives the query.
struct Collection {
  Documents documents;
  std::uint64_t count = 0;  // of its documents, an estimate
  std::span<const UsableIndex> indexes;
  Visible visible;  // which of them the caller may see; empty: all
};

// A query under way: the documents that a filter finds, in the order of its sort, without those that are
// skipped and not beyond the limit. One thread at a time.
class Execution final : public RowSource {
 public:
  // Plans. Errors: invalid (the hint, the cursor; the field says which), and what reading meets.
  static Result<std::unique_ptr<Execution>> plan(const Collection& collection, const Find& find, Run& run);
  // Opens what the plan needs, once, before the first row. `measured`: the operators count their rows and
  // their time, for print().
  Status open(bool measured = false);
  // Both.
  static Result<std::unique_ptr<Execution>> start(const Collection& collection, const Find& find, Run& run);
  ~Execution() override;

  Result<bool> next(Row& row) override;
  // How many there are, instead of the rows themselves and of open(): where the index tells, without their
  // documents.
  Result<std::uint64_t> count();

  const Collection& collection() const { return collection_; }
  const Plan& plan() const { return plan_; }
  std::uint64_t returned() const { return returned_; }
  // Whether the limit ended it, so that there may be more behind place().
  bool stopped() const { return find_.limit != 0 && returned_ == find_.limit; }
  // Where the row that was given last stands; before the next is asked for.
  CursorPlace place() const;
  // The operators as a tree, a line each, the last to work on top.
  std::string print() const;

 private:
  class Measured;
  struct Step {
    std::string text;
    std::uint64_t rows = 0;
    std::chrono::nanoseconds time{0};
  };

  Execution(const Collection& collection, const Find& find, Run& run);
  std::unique_ptr<PlacedSource> measure(std::unique_ptr<PlacedSource> source, std::string text,
                                        bool measured);
  std::string describe_path() const;
  std::uint64_t wanted() const;
  bool is_covered() const;

  const Collection collection_;
  const Find find_;
  Run& run_;
  Watch watch_;
  Plan plan_;
  std::vector<std::unique_ptr<Step>> steps_;  // the first to work first
  std::unique_ptr<PlacedSource> source_;
  std::uint64_t to_skip_ = 0;
  std::uint64_t returned_ = 0;
  Row last_;
  bool measured_ = false;
};

}  // namespace quire::query
