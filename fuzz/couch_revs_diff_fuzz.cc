#include <set>
#include <string>
#include <vector>

#include "api/couch/bulk_in.h"
#include "api/tuning.h"
#include "base/check.h"
#include "input.h"
#include "replication/couch_text.h"

// Questions of `_revs_diff`: what is read is written by the replicator as what was read.

namespace {

using namespace quire;
using namespace quire::api::couch;

std::string written(const std::vector<AskedRevisions>& all) {
  std::vector<replication::RevisionsOf> documents;
  documents.reserve(all.size());
  for (const auto& asked : all) documents.push_back({{"", asked.id}, asked.revisions});
  return replication::revs_diff_body(documents);
}

void check_bounds(const std::vector<AskedRevisions>& all) {
  QUIRE_CHECK(all.size() <= api::tuning::kBulkDocuments, "no more documents than may be");
  std::set<std::string_view> ids;
  for (const auto& asked : all) {
    QUIRE_CHECK(ids.insert(asked.id).second, "a document is asked about once");
    for (const auto& revision : asked.revisions) {
      QUIRE_CHECK(revision.generation >= 1 && revision.generation <= document::kMaxGeneration &&
                      revision.hash.text().size() <= document::kHashTextBytes,
                  "a revision is bounded");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto all = parse_asked({reinterpret_cast<const char*>(data), size});
  if (!all) {
    QUIRE_CHECK(all.error().code() == ErrorCode::invalid, "a body is at fault, not we");
    return 0;
  }
  check_bounds(*all);
  const auto again = parse_asked(written(*all));
  QUIRE_CHECK(again && again->size() == all->size(), "what is written again is read");
  for (std::size_t i = 0; i < all->size(); ++i) {
    QUIRE_CHECK((*again)[i].id == (*all)[i].id && (*again)[i].revisions == (*all)[i].revisions,
                "a question is what it was");
  }
  return 0;
}
