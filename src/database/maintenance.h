#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "database/blob_store.h"
#include "database/collections.h"
#include "database/committer.h"
#include "database/head_reader.h"
#include "database/shard.h"
#include "storage/store.h"

namespace quire::database {

// One round of care for a shard: takes what retention lets go, and gives the space back. Each step looks on
// its own, and changes things in small jobs of the committer, so writers wait for milliseconds; stopped or
// killed anywhere, the next round goes on. One at a time for a shard.
class Maintenance {
 public:
  struct Parts {
    storage::Store& store;
    const HeadReader& heads;
    Committer& committer;
    const Collections& collections;
    BlobStore& blobs;
    const Clock& clock;
    std::atomic<Sequence>& edge;  // of the history; raised before what lies below it goes
  };
  Maintenance(const Parts& parts, const ShardSettings& settings, const CallLimits& limits);

  // When the next round is due; nullopt: not before something is written.
  Result<std::optional<WallMs>> run();

 private:
  // A superseded entry that is to go, with what waits for it.
  struct Superseded {
    Sequence sequence = 0;
    std::uint64_t kept_bytes = 0;
    std::uint64_t text_bytes = 0;
    std::vector<std::string> texts;       // keys of replaced texts
    std::vector<std::string> references;  // keys of their references to blobs
  };

  Status trim_history();
  Result<Superseded> look_at(Sequence sequence, const SupersededRecord& mark);
  Status look_at_text(CollectionId collection, std::string_view id, const document::Revision& revision,
                      Superseded& found);
  Status erase(const std::vector<Superseded>& trimmed);

  Status trim_tombstones();
  Status make_stub(Sequence sequence, const HistoryEntry& entry);
  Status expire_requests();
  Status sweep_blobs();
  Result<bool> referred_to(std::string_view digest, std::vector<std::string>* stale);
  Status give_space_back();

  void due_at(WallMs time) { due_ = due_ ? std::min(*due_, time) : time; }
  Status check() const { return limits_.check(parts_.clock); }

  Parts parts_;
  const ShardSettings settings_;
  const CallLimits limits_;
  const WallMs now_;
  TrimRecord trim_;
  std::optional<WallMs> due_;
};

}  // namespace quire::database
