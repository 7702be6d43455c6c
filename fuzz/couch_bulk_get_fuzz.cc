#include <string>
#include <vector>

#include "api/couch/bulk_in.h"
#include "api/tuning.h"
#include "base/check.h"
#include "input.h"
#include "replication/couch_text.h"

// Questions of `_bulk_get`: revisions that are read are written by the replicator as what was read.

namespace {

using namespace quire;
using namespace quire::api::couch;

void check_one(const WantedRevision& wanted) {
  QUIRE_CHECK(!wanted.revision || !wanted.bad, "a revision is there or at fault");
  QUIRE_CHECK(wanted.revision_text.empty() == (!wanted.revision && !wanted.bad), "no text goes unread");
  if (!wanted.revision) return;
  QUIRE_CHECK(wanted.revision->to_string() == wanted.revision_text, "a revision is the text that came");
  QUIRE_CHECK(wanted.revision->generation >= 1 && wanted.revision->generation <= document::kMaxGeneration &&
                  wanted.revision->hash.text().size() <= document::kHashTextBytes,
              "a revision is bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto all = parse_wanted({reinterpret_cast<const char*>(data), size});
  if (!all) {
    QUIRE_CHECK(all.error().code() == ErrorCode::invalid || all.error().code() == ErrorCode::too_large,
                "a body is at fault, not we");
    return 0;
  }
  QUIRE_CHECK(all->size() <= api::tuning::kBulkDocuments, "no more documents than may be");
  std::vector<replication::WantedRevisions> wanted;
  for (const auto& one : *all) {
    check_one(one);
    if (one.revision) wanted.push_back({{"", one.id}, {*one.revision}, {}});
  }
  const auto again = parse_wanted(replication::bulk_get_body(wanted, wanted.size()));
  QUIRE_CHECK(again && again->size() == wanted.size(), "what is written again is read");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    QUIRE_CHECK((*again)[i].id == wanted[i].name.id && (*again)[i].revision == wanted[i].revisions.front(),
                "a question is what it was");
  }
  return 0;
}
