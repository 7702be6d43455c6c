#include "engine/candidate_source.h"

#include "engine/tuning.h"
#include "query/index_catalog.h"

namespace quire::engine {

Result<std::unique_ptr<CandidateSource>> CandidateSource::open(database::Shard& shard,
                                                               const database::CollectionInfo& collection,
                                                               const document::Filter& filter,
                                                               const query::Sort& sort,
                                                               query::Visible visible, query::Run& run) {
  std::unique_ptr<CandidateSource> opened(new CandidateSource);
  QUIRE_TRY(opened->view_, shard.view());
  opened->indexes_ = query::usable_indexes(shard, *opened->view_, collection.id);
  const query::Collection searched{.documents = {.view = *opened->view_, .collection = collection.id},
                                   .count = collection.counts.documents,
                                   .indexes = opened->indexes_,
                                   .visible = std::move(visible)};
  query::Find find;
  find.filter = filter;
  find.sort = sort;
  find.compare_by(filter.collation());
  find.limit = sort.empty() ? 0 : tuning::kSortedCandidates;
  QUIRE_TRY(opened->execution_, query::Execution::start(searched, find, run));
  return opened;
}

void CandidateSource::add_to(QueryStats& stats) const {
  const query::Plan& plan = execution_->plan();
  if (plan.path.index != nullptr) stats.index = plan.path.index->definition->name;
  stats.advice = plan.advice;
}

}  // namespace quire::engine
