#pragma once

#include <memory>

#include "database/read_view.h"
#include "database/shard.h"
#include "document/filter.h"
#include "query/budget.h"
#include "query/row_source.h"
#include "query/sort.h"
#include "query/sources.h"
#include "query/watch.h"

namespace quire::engine {

// The documents that a filter finds in one state of a shard, no document twice, in the order of a sort where
// there is one. Holds that state. One thread at a time.
class CandidateSource final : public query::RowSource {
 public:
  // What is not visible is not there. Of a sort only the first kSortedCandidates are given: whoever sorts
  // wants one. `run` outlives the source. Errors: those of reading.
  static Result<std::unique_ptr<CandidateSource>> open(database::Shard& shard,
                                                       const database::CollectionInfo& collection,
                                                       const document::Filter& filter,
                                                       const query::Sort& sort, query::Visible visible,
                                                       query::Run& run);

  Result<bool> next(query::Row& row) override { return source_->next(row); }

 private:
  explicit CandidateSource(query::Run& run) : watch_(run) {}

  query::Watch watch_;
  std::unique_ptr<database::ReadView> view_;
  std::unique_ptr<query::RowSource> source_;  // of the view
};

}  // namespace quire::engine
