#include "engine/candidate_source.h"

#include "engine/candidates.h"
#include "engine/tuning.h"
#include "query/sort_rows.h"

namespace quire::engine {

Result<std::unique_ptr<CandidateSource>> CandidateSource::open(database::Shard& shard,
                                                               const database::CollectionInfo& collection,
                                                               const document::Filter& filter,
                                                               const query::Sort& sort,
                                                               query::Visible visible, query::Run& run) {
  std::unique_ptr<CandidateSource> opened(new CandidateSource(run));
  QUIRE_TRY(opened->view_, shard.view());
  const query::Documents documents{.view = *opened->view_, .collection = collection.id};
  const auto id = id_of(filter);
  auto all = id ? query::look_up_ids(documents, {*id}, opened->watch_)
                : query::walk_ids(documents, {}, opened->watch_);
  auto matching = query::keep_matching(std::move(all), std::move(visible), filter);
  if (sort.empty()) {
    opened->source_ = std::move(matching);
  } else {
    opened->source_ = query::sort_rows(std::move(matching), sort, {.most = tuning::kSortedCandidates, .after = {}},
                                         opened->watch_);
  }
  return opened;
}

}  // namespace quire::engine
