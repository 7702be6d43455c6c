#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "database/blob_store.h"
#include "database/collections.h"
#include "database/committer.h"
#include "database/dropped.h"
#include "database/head_reader.h"
#include "database/indexes.h"
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
    const Indexes& indexes;
    std::function<Result<WriteResult>(std::vector<Edit>)> write;  // as every caller's
    const Clock& clock;
    std::atomic<Sequence>& edge;  // of the history; raised before what lies below it goes
  };
  Maintenance(const Parts& parts, const ShardSettings& settings, const CallLimits& limits);

  // When the next round is due; nullopt: not before something is written.
  Result<std::optional<WallMs>> run();
  // Takes all that is superseded now, whatever the retention, and gives all space back.
  Status compact();

 private:
  // A superseded entry that is to go.
  struct Superseded {
    Sequence sequence = 0;
    std::uint64_t kept_bytes = 0;  // of the text that waits for it, if one does
  };

  Status load_trim();
  Status trim_history();
  Status erase(const std::vector<Superseded>& trimmed);
  static Status erase_text(storage::Store& store, Sequence sequence, CommitJob& commit);

  Status trim_dropped();
  Status make_room(const DroppedCollections& dropped);
  Status erase_entries_of(const DroppedCollections& dropped);
  // The bytes of texts that only the history shows.
  std::uint64_t allowed_bytes() const;
  // Positions up to here are lost from now on; in the shard at once, on disk with the batch.
  void raise_edge(Sequence sequence);
  void put_trim(storage::Batch& batch) const;

  Status trim_tombstones();
  Status make_stub(Sequence sequence, const HistoryEntry& entry);
  Status expire_documents();
  Status expire_by(const OpenIndex& index, const IndexHook::Due& due);
  struct Expired {
    std::string id;
    std::string key;
  };
  Status remove_expired(const OpenIndex& index, const std::vector<Expired>& batch);
  Status expire_requests();
  Status sweep_blobs();
  Status remove_orphan(const std::string& digest, WallMs uploaded_before);
  Result<bool> referred_to(storage::Iterator& references, std::string_view digest,
                           std::vector<std::string>* stale);
  Status give_space_back();
  Status compact_files();

  void due_at(WallMs time) { due_ = due_ ? std::min(*due_, time) : time; }
  Status check() const { return limits_.check(parts_.clock); }

  Parts parts_;
  ShardSettings settings_;
  const CallLimits limits_;
  WallMs now_;
  TrimRecord trim_;
  std::optional<WallMs> due_;
};

}  // namespace quire::database
