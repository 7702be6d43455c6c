#pragma once

#include <memory>
#include <vector>

#include "database/read_view.h"
#include "database/shard.h"
#include "document/filter.h"
#include "engine/queries.h"
#include "query/budget.h"
#include "query/find.h"

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

  Result<bool> next(query::Row& row) override { return execution_->next(row); }
  // How the documents were found.
  void add_to(QueryStats& stats) const;

 private:
  CandidateSource() = default;

  std::unique_ptr<database::ReadView> view_;
  std::vector<query::UsableIndex> indexes_;
  std::unique_ptr<query::Execution> execution_;  // of the view
};

}  // namespace quire::engine
