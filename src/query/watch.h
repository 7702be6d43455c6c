#pragma once

#include <chrono>
#include <string>

#include "query/budget.h"
#include "query/tuning.h"

namespace quire::query {

// What the operators of a running query ask while they work: whether it may go on. One thread at a time.
class Watch {
 public:
  explicit Watch(Run& run) : run_(run) {}

  // Before a document is looked at. Errors: exhausted, deadline, cancelled.
  Status document() {
    if (++run_.scanned > run_.budget.scanned_documents) return too_many();
    return step();
  }
  // Before an entry of an index is.
  Status entry() {
    ++run_.entries;
    return step();
  }
  // Of whatever else takes long.
  Status step() { return ++steps_ % tuning::kCheckRows == 0 ? look() : ok(); }
  Status look() const {
    QUIRE_TRY_STATUS(run_.limits.check(run_.clock));
    if (run_.clock.steady() - run_.started < run_.budget.time) return ok();
    return Error(ErrorCode::exhausted, "the query takes longer than the " +
                                           std::to_string(run_.budget.time.count()) +
                                           " ms that the setting queries.time allows")
        .over(static_cast<std::uint64_t>(run_.budget.time.count()));
  }
  Run& run() { return run_; }

 private:
  Error too_many() const {
    const Budget& budget = run_.budget;
    const std::string bound = budget.scan_limited ? "its scanLimit" : "the setting queries.scanned";
    return Error(ErrorCode::exhausted, "the query looks at more than the " +
                                           std::to_string(budget.scanned_documents) + " documents that " +
                                           bound + " allows")
        .at(budget.scan_limited ? "scanLimit" : "")
        .over(budget.scanned_documents);
  }

  Run& run_;
  std::uint32_t steps_ = 0;
};

}  // namespace quire::query
