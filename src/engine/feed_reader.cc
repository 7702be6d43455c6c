#include "engine/feed_reader.h"

#include <algorithm>

#include "database/history.h"
#include "engine/tuning.h"

// A million rows a second is the measure here: a row costs a move of the history's cursor, its id copied into
// the page's arena, and nothing else. What a collection is called and who may see it is asked once a page.

namespace quire::engine {

using database::CollectionId;
using database::HistoryEntry;

Status check_since(const database::Shard& shard, const Position& since) {
  if (since.sequence == 0) return ok();
  const Position now = shard.position();
  if (since.incarnation != now.incarnation) {
    return Error(ErrorCode::history_lost,
                 "the position " + to_string(since) +
                     " is of a history that ended; the database now writes incarnation " +
                     std::to_string(now.incarnation))
        .at("since");
  }
  if (since.sequence > now.sequence) {
    return Error(ErrorCode::history_lost, "the position " + to_string(since) +
                                              " is ahead of the history, which is at " + to_string(now))
        .at("since");
  }
  return ok();
}

// Looked at in the very state that is read, so that nobody is told of a loss that he does not suffer, and
// none is missed that happens meanwhile. What is gone of collections that the page does not show is nothing
// to it.
Status FeedReader::check_edge(database::HistoryCursor& history, const Position& since,
                              std::optional<CollectionId> collection) {
  std::vector<CollectionId> shown;
  for (const database::CollectionInfo& one : shard_.collections().list()) {
    if (collection && one.id != *collection) continue;
    if (!options_.named.empty() && one.name != options_.named) continue;
    QUIRE_TRY(const Place* const place, this->place(one.id));
    if (place->shown) shown.push_back(one.id);
  }
  QUIRE_TRY(const Sequence edge, history.edge(shown));
  if (since.sequence >= edge) return ok();
  return Error(ErrorCode::history_lost, "changes behind the position " + to_string(since) +
                                            " are no longer kept; the oldest position is " +
                                            to_string({since.incarnation, edge}))
      .at("since");
}

Result<std::optional<CollectionId>> FeedReader::wanted_collection() {
  if (options_.collection.empty()) return std::optional<CollectionId>();
  QUIRE_TRY_STATUS(
      authority_.decide(caller_, Action::follow, {.database = address_, .collection = options_.collection}));
  const auto found = shard_.collections().find(options_.collection);
  if (found) return std::optional<CollectionId>(found->id);
  return Error(ErrorCode::not_found, "there is no collection '" + options_.collection + "'").at("collection");
}

bool FeedReader::full() const {
  return page_.rows.size() >= std::min(options_.limit, tuning::kFeedPageRows) ||
         body_bytes_ >= tuning::kFeedPageBytes;
}

Result<FeedPage> FeedReader::read(const Position& since, const CallLimits& limits, const Clock& clock) {
  QUIRE_TRY(const auto collection, wanted_collection());
  const std::uint64_t incarnation = shard_.position().incarnation;
  page_.rows.reserve(std::min(options_.limit, tuning::kFeedPageRows));
  const auto history = shard_.history(
      {.since = since.sequence, .collection = collection, .current_only = options_.current_only});
  const bool may_be_lost = since.sequence != 0 && since.sequence < shard_.history_edge();
  if (may_be_lost && !options_.current_only) QUIRE_TRY_STATUS(check_edge(*history, since, collection));
  for (std::uint32_t looked_at = 0; looked_at < tuning::kFeedPageEntries && !full(); ++looked_at) {
    if (looked_at % tuning::kLimitsCheckRows == 0) QUIRE_TRY_STATUS(limits.check(clock));
    QUIRE_TRY(const bool there, history->advance());
    if (!there) {
      page_.at_end = true;
      break;
    }
    QUIRE_TRY_STATUS(add(history->sequence(), history->entry()));
  }
  page_.next = {.incarnation = incarnation, .sequence = history->position()};
  if (page_.next.sequence == 0) page_.next = {};
  return std::move(page_);
}

Result<const FeedReader::Place*> FeedReader::place(CollectionId id) {
  if (last_place_ < places_.size() && places_[last_place_].id == id) return &places_[last_place_];
  const auto known =
      std::find_if(places_.begin(), places_.end(), [id](const Place& place) { return place.id == id; });
  last_place_ = static_cast<std::size_t>(known - places_.begin());
  if (known != places_.end()) return &*known;
  Place place{.id = id, .shown = false, .name = {}, .predicate = {}};
  if (const auto found = shard_.collections().find(id)) {
    auto decision =
        authority_.decide(caller_, Action::follow, {.database = address_, .collection = found->name});
    place.shown = decision.has_value();
    if (decision) place.predicate = *std::move(decision);
    place.name = page_.arena().copy(found->name);
  }
  places_.push_back(std::move(place));
  return &places_.back();
}

void FeedReader::add_collection_change(Sequence sequence, const HistoryEntry& entry) {
  if (!options_.named.empty() && entry.id != options_.named) return;
  const auto name = page_.arena().copy(entry.id);
  if (!authority_.decide(caller_, Action::follow, {.database = address_, .collection = name})) return;
  page_.rows.push_back({.sequence = sequence,
                        .time_ms = database::wall_of(entry.time),
                        .tick = database::tick_of(entry.time),
                        .operation = entry.operation,
                        .deleted = entry.operation == Operation::drop_collection,
                        .has_body = false,
                        .collection = name,
                        .id = {},
                        .revision = {},
                        .body = {},
                        .changes = {},
                        .leaves = nullptr,
                        .leaf_count = 0});
}

Status FeedReader::add(Sequence sequence, HistoryEntry& entry) {
  if (entry.operation == Operation::create_collection || entry.operation == Operation::drop_collection) {
    add_collection_change(sequence, entry);
    return ok();
  }
  QUIRE_TRY(const Place* const place, this->place(entry.collection));
  if (!place->shown || (!options_.named.empty() && place->name != options_.named)) return ok();
  FeedRow row{.sequence = sequence,
              .time_ms = database::wall_of(entry.time),
              .tick = database::tick_of(entry.time),
              .operation = entry.operation,
              .deleted = entry.deleted,
              .has_body = false,
              .collection = place->name,
              .id = entry.id,
              .revision = std::move(entry.revision),
              .body = {},
              .changes = {},
              .leaves = nullptr,
              .leaf_count = 0};
  if (options_.bodies || !place->predicate.always()) {
    QUIRE_TRY(const bool visible, add_body(*place, row));
    if (!visible) return ok();
  }
  if (options_.leaves) QUIRE_TRY_STATUS(add_leaves(*place, row));
  row.id = page_.arena().copy(row.id);
  if (options_.bodies) row.changes = page_.arena().copy(entry.changes);
  page_.rows.push_back(std::move(row));
  return ok();
}

Result<bool> FeedReader::add_body(const Place& place, FeedRow& row) {
  auto found = shard_.get(place.id, row.id, {.revision = row.revision});
  if (!found) {
    // Replaced, and its text is no longer kept. What a rule would say of it cannot be known.
    if (found.error().code() == ErrorCode::not_found) return place.predicate.always();
    return std::move(found).error();
  }
  if (!place.predicate.holds({.collection = place.name, .id = row.id, .body = found->body})) return false;
  if (!options_.bodies) return true;
  row.has_body = true;
  row.body = page_.arena().copy(found->body);
  body_bytes_ += row.body.size();
  return true;
}

Status FeedReader::add_leaves(const Place& place, FeedRow& row) {
  QUIRE_TRY(const std::string encoded, shard_.tree(place.id, row.id));
  if (encoded.empty()) return ok();
  QUIRE_TRY(const document::RevisionTree tree, document::RevisionTree::decode(encoded));
  auto leaves = tree.leaves();
  auto block = std::make_unique<document::Leaf[]>(leaves.size());
  std::move(leaves.begin(), leaves.end(), block.get());
  row.leaves = block.get();
  row.leaf_count = leaves.size();
  page_.leaf_blocks().push_back(std::move(block));
  return ok();
}

}  // namespace quire::engine
