#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "database/shard.h"
#include "engine/decide.h"
#include "engine/feeds.h"
#include "engine/pending_counts.h"

namespace quire::engine {

// Whether this is a position of the shard's history. Errors: history_lost.
Status check_since(const database::Shard& shard, const Position& since);

// Reads one page of a shard's history for one caller. Used once; what it is given outlives it.
class FeedReader {
 public:
  FeedReader(database::Shard& shard, const Caller& caller, const DatabaseAddress& address,
             const Authority& authority, const FeedOptions& options, PendingCounts* counts = nullptr)
      : shard_(shard),
        caller_(caller),
        address_(address),
        authority_(authority),
        options_(options),
        counts_(counts) {}

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
  Result<std::optional<std::string>> name_of(database::CollectionId id);
  Result<std::optional<database::CollectionId>> wanted_collection();
  Status check_edge(database::HistoryCursor& history, const Position& since,
                    std::optional<database::CollectionId> collection);
  // The documents that are asked for, by collection; those of collections that are not there are left out.
  Status name_documents();
  bool is_named(const database::HistoryEntry& entry) const;
  Result<FeedPage> read_heads(database::HistoryCursor& history, const Position& since,
                              const CallLimits& limits, const Clock& clock);
  Result<std::vector<Sequence>> changes_of_named(Sequence after, Sequence until, const CallLimits& limits,
                                                 const Clock& clock);
  // Fills FeedPage::pending; the page ends at `reached`.
  Status count_pending(database::HistoryCursor& history, const Position& since, Sequence reached);
  Result<std::optional<PendingCounts::Count>> count_rows(database::HistoryCursor& history);
  FeedPage finish(Sequence position);
  Status add(Sequence sequence, database::HistoryEntry& entry);
  bool shows_collection_change(const database::HistoryEntry& entry) const;
  void add_collection_change(Sequence sequence, const database::HistoryEntry& entry);
  // False where the caller may not see the document, or the filter does not let it pass.
  Result<bool> add_body(const Place& place, FeedRow& row);
  Result<bool> passes(const FeedRow& row, bool deleted, std::string_view body);
  Status add_leaves(const Place& place, FeedRow& row);
  bool full() const;

  database::Shard& shard_;
  const Caller caller_;
  const DatabaseAddress address_;
  const Authority& authority_;
  const FeedOptions& options_;
  PendingCounts* const counts_;  // null: nothing is remembered
  FeedPage page_;
  std::size_t body_bytes_ = 0;
  std::uint64_t incarnation_ = 0;
  database::HistoryCursor* history_ = nullptr;                           // of the page
  std::set<std::pair<database::CollectionId, std::string_view>> named_;  // the ids are those of the options
  document::Arena scratch_;
  std::string printed_;
  std::vector<Place> places_;
  std::size_t last_place_ = 0;
};

}  // namespace quire::engine
