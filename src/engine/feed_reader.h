#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "database/shard.h"
#include "engine/decide.h"
#include "engine/feeds.h"

namespace quire::engine {

// Whether this is a position of the shard's history. Errors: history_lost.
Status check_since(const database::Shard& shard, const Position& since);

// Reads one page of a shard's history for one caller. Used once; what it is given outlives it.
class FeedReader {
 public:
  FeedReader(database::Shard& shard, const Caller& caller, const DatabaseAddress& address,
             const Authority& authority, const FeedOptions& options)
      : shard_(shard), caller_(caller), address_(address), authority_(authority), options_(options) {}

  // Errors also: history_lost, where a change that the page would show is no longer kept.
  Result<FeedPage> read(const Position& since, const CallLimits& limits, const Clock& clock);

 private:
  // A collection that the page has met.
  struct Place {
    database::CollectionId id;
    bool shown;
    std::string_view name;  // in the page's arena
    Predicate predicate;
  };
  Result<const Place*> place(database::CollectionId id);
  Result<std::optional<database::CollectionId>> wanted_collection();
  Status check_edge(database::HistoryCursor& history, const Position& since,
                    std::optional<database::CollectionId> collection);
  Status add(Sequence sequence, database::HistoryEntry& entry);
  void add_collection_change(Sequence sequence, const database::HistoryEntry& entry);
  // False where the caller may not see the document.
  Result<bool> add_body(const Place& place, FeedRow& row);
  Status add_leaves(const Place& place, FeedRow& row);
  bool full() const;

  database::Shard& shard_;
  const Caller caller_;
  const DatabaseAddress address_;
  const Authority& authority_;
  const FeedOptions& options_;
  FeedPage page_;
  std::size_t body_bytes_ = 0;
  std::vector<Place> places_;
  std::size_t last_place_ = 0;
};

}  // namespace quire::engine
