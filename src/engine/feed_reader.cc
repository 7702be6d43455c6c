#include "engine/feed_reader.h"

#include <algorithm>

#include "base/bytes.h"
#include "database/history.h"
#include "document/value.h"
#include "engine/body.h"
#include "engine/tuning.h"

// A million rows a second is the measure here: a row costs a move of the history's cursor, its id copied into
// the page's arena, and nothing else. What a collection is called and who may see it is asked once a page.

namespace quire::engine {

using database::CollectionId;
using database::HistoryEntry;

namespace {
bool is_of_collection(const HistoryEntry& entry) {
  return entry.operation == Operation::create_collection || entry.operation == Operation::drop_collection;
}

// What decides which rows a feed has, beside its caller.
std::string name_of_feed(const DatabaseAddress& address, const FeedOptions& options) {
  std::string name;
  for (const std::string_view part :
       {address.owner, address.name, std::string_view(options.collection), std::string_view(options.named)}) {
    put_string(name, part);
  }
  name += options.current_only ? '1' : '0';
  name += options.documents_only ? '1' : '0';
  return name;
}
}  // namespace

Status check_since(const database::Shard& shard, const Position& since) {
  if (since.sequence == 0) return ok();
  const Position now = shard.position();
  if (!means_incarnation(since.incarnation, now.incarnation)) {
    return Error(ErrorCode::history_lost, "the position " + to_string(since) +
                                              " is of another history; that of the database is at " +
                                              to_string(now))
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
  const auto consider = [&](CollectionId id, const std::string& name) -> Status {
    if (collection && id != *collection) return ok();
    if (!options_.named.empty() && name != options_.named) return ok();
    QUIRE_TRY(const Place* const place, this->place(id));
    if (place->shown) shown.push_back(id);
    return ok();
  };
  for (const database::CollectionInfo& one : shard_.collections().list())
    QUIRE_TRY_STATUS(consider(one.id, one.name));
  QUIRE_TRY(const auto dropped, history.dropped());
  for (const auto& [id, record] : dropped) QUIRE_TRY_STATUS(consider(id, record.name));
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
  QUIRE_TRY_STATUS(name_documents());
  incarnation_ = shard_.position().incarnation;
  page_.rows.reserve(std::min(options_.limit, tuning::kFeedPageRows));
  database::HistoryOptions walk{
      .since = since.sequence, .collection = collection, .current_only = options_.current_only};
  if (options_.descending) {
    walk.since = 0;
    walk.descending = true;
    walk.before = since.sequence;
  }
  const auto history = shard_.history(walk);
  history_ = history.get();
  const bool every_change = !options_.current_only && !options_.descending;
  const bool may_be_lost = since.sequence != 0 && since.sequence < shard_.history_edge();
  if (may_be_lost && every_change) QUIRE_TRY_STATUS(check_edge(*history, since, collection));
  const bool few = !options_.documents.empty() && options_.documents.size() <= tuning::kFeedHeads;
  if (few && options_.current_only) return read_heads(*history, since, limits, clock);
  for (std::uint32_t looked_at = 0; looked_at < tuning::kFeedPageEntries && !full(); ++looked_at) {
    if (looked_at % tuning::kLimitsCheckRows == 0) QUIRE_TRY_STATUS(limits.check(clock));
    QUIRE_TRY(const bool there, history->advance());
    if (!there) {
      page_.at_end = true;
      break;
    }
    QUIRE_TRY_STATUS(add(history->sequence(), history->entry()));
  }
  const Sequence reached = options_.descending && page_.rows.empty() && history->position() > history->until()
                               ? since.sequence
                               : history->position();
  if (options_.pending) QUIRE_TRY_STATUS(count_pending(*history, since, reached));
  return finish(reached);
}

FeedPage FeedReader::finish(Sequence position) {
  page_.next = {.incarnation = incarnation_, .sequence = position};
  if (page_.next.sequence == 0) page_.next = {};
  return std::move(page_);
}

// --- documents by name

Status FeedReader::name_documents() {
  if (options_.documents.size() > tuning::kFeedDocuments) {
    return Error(ErrorCode::too_large, "a feed is asked for too many documents by name")
        .at("documents")
        .over(tuning::kFeedDocuments);
  }
  for (const FeedDocument& name : options_.documents) {
    if (!options_.collection.empty() && name.collection != options_.collection) continue;
    if (const auto collection = shard_.collections().find(name.collection))
      named_.emplace(collection->id, name.id);
  }
  return ok();
}

bool FeedReader::is_named(const HistoryEntry& entry) const {
  return options_.documents.empty() || named_.contains({entry.collection, entry.id});
}

// Where the last changes of the named documents stand. A document that moves past `until` meanwhile is shown
// by the next page.
Result<std::vector<Sequence>> FeedReader::changes_of_named(Sequence after, Sequence until,
                                                           const CallLimits& limits, const Clock& clock) {
  std::vector<Sequence> changes;
  std::size_t looked_at = 0;
  for (const auto& [collection, id] : named_) {
    if (looked_at++ % tuning::kLimitsCheckDocuments == 0) QUIRE_TRY_STATUS(limits.check(clock));
    QUIRE_TRY(const auto head, shard_.head(collection, id));
    if (head && head->sequence > after && head->sequence <= until) changes.push_back(head->sequence);
  }
  std::sort(changes.begin(), changes.end());
  return changes;
}

Result<FeedPage> FeedReader::read_heads(database::HistoryCursor& history, const Position& since,
                                        const CallLimits& limits, const Clock& clock) {
  const bool backwards = options_.descending;
  const Sequence after = backwards ? 0 : since.sequence;
  const Sequence until =
      backwards && since.sequence != 0 ? std::min(since.sequence - 1, history.until()) : history.until();
  QUIRE_TRY(auto changes, changes_of_named(after, until, limits, clock));
  if (backwards) std::reverse(changes.begin(), changes.end());
  Sequence reached = since.sequence;
  std::size_t done = 0;
  for (; done < changes.size() && !full(); ++done) {
    QUIRE_TRY(const bool there, history.find(changes[done]));
    if (there) QUIRE_TRY_STATUS(add(changes[done], history.entry()));
    reached = changes[done];
  }
  page_.at_end = done == changes.size() && options_.limit != 0;
  if (page_.at_end && !backwards) reached = std::max(reached, history.until());
  if (options_.pending && page_.at_end) page_.pending = 0;
  return finish(reached);
}

// --- what follows

Status FeedReader::count_pending(database::HistoryCursor& history, const Position& since, Sequence reached) {
  if (page_.at_end) {
    page_.pending = 0;
    return ok();
  }
  if (options_.filter) return ok();
  const bool remembers = counts_ != nullptr && options_.documents.empty() && !options_.descending;
  PendingCounts::Question question;
  std::optional<PendingCounts::Count> count;
  if (remembers) {
    question = {.caller = caller_,
                .feed = name_of_feed(address_, options_),
                .until = history.until(),
                .edge = shard_.history_edge()};
    count = counts_->take(question, {.incarnation = incarnation_, .sequence = since.sequence});
    if (count) count->rows -= std::min<std::uint64_t>(count->rows, page_.rows.size());
  }
  // What is known to be far away is counted again when half of that is gone.
  if (!count || (!count->exact && count->rows < tuning::kPendingEntries / 2)) {
    QUIRE_TRY(count, count_rows(history));
  }
  if (!count) return ok();
  if (count->exact) page_.pending = count->rows;
  if (remembers)
    counts_->keep(std::move(question), {.incarnation = incarnation_, .sequence = reached}, *count);
  return ok();
}

// Rows are counted as add() shows them. Where that needs a text, nothing is counted.
Result<std::optional<PendingCounts::Count>> FeedReader::count_rows(database::HistoryCursor& history) {
  PendingCounts::Count count;
  for (std::uint32_t looked_at = 0; looked_at < tuning::kPendingEntries; ++looked_at) {
    QUIRE_TRY(const bool there, history.advance());
    if (!there) return std::optional(count);
    const HistoryEntry& entry = history.entry();
    if (is_of_collection(entry)) {
      count.rows += shows_collection_change(entry) ? 1 : 0;
      continue;
    }
    if (!is_named(entry)) continue;
    QUIRE_TRY(const Place* const place, this->place(entry.collection));
    if (!place->shown || (!options_.named.empty() && place->name != options_.named)) continue;
    if (!place->predicate.always()) return std::optional<PendingCounts::Count>();
    ++count.rows;
  }
  count.exact = false;
  return std::optional(count);
}

Result<const FeedReader::Place*> FeedReader::place(CollectionId id) {
  if (last_place_ < places_.size() && places_[last_place_].id == id) return &places_[last_place_];
  const auto known =
      std::find_if(places_.begin(), places_.end(), [id](const Place& place) { return place.id == id; });
  last_place_ = static_cast<std::size_t>(known - places_.begin());
  if (known != places_.end()) return &*known;
  Place place{.id = id, .shown = false, .name = {}, .predicate = {}};
  QUIRE_TRY(const auto name, name_of(id));
  if (name) {
    auto decision = authority_.decide(caller_, Action::follow, {.database = address_, .collection = *name});
    place.shown = decision.has_value();
    if (decision) place.predicate = *std::move(decision);
    place.name = page_.arena().copy(*name);
  }
  places_.push_back(std::move(place));
  return &places_.back();
}

// A drop supersedes all that was in the collection.
Result<std::optional<std::string>> FeedReader::name_of(CollectionId id) {
  if (auto found = shard_.collections().find(id)) return std::optional(std::move(found->name));
  if (options_.current_only) return std::optional<std::string>();
  QUIRE_TRY(auto dropped, history_->find_dropped(id));
  return dropped ? std::optional(std::move(dropped->name)) : std::nullopt;
}

bool FeedReader::shows_collection_change(const HistoryEntry& entry) const {
  if (options_.documents_only || !options_.documents.empty() || options_.filter) return false;
  if (!options_.named.empty() && entry.id != options_.named) return false;
  return authority_.decide(caller_, Action::follow, {.database = address_, .collection = entry.id})
      .has_value();
}

void FeedReader::add_collection_change(Sequence sequence, const HistoryEntry& entry) {
  if (!shows_collection_change(entry)) return;
  const auto name = page_.arena().copy(entry.id);
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
  if (is_of_collection(entry)) {
    add_collection_change(sequence, entry);
    return ok();
  }
  if (!is_named(entry)) return ok();
  if (options_.winners && entry.winner) entry.revision = *std::move(entry.winner);
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
  if (options_.bodies || options_.filter || !place->predicate.always()) {
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
    if (found.error().code() == ErrorCode::not_found) return place.predicate.always() && !options_.filter;
    return std::move(found).error();
  }
  if (options_.filter) {
    QUIRE_TRY(const bool wanted, passes(row, found->deleted, found->body));
    if (!wanted) return false;
  }
  if (!place.predicate.holds({.collection = place.name, .id = row.id, .body = found->body})) return false;
  if (!options_.bodies) return true;
  row.has_body = true;
  row.body = page_.arena().copy(found->body);
  body_bytes_ += row.body.size();
  return true;
}

// Of a trimmed tombstone no text is left: it is a deletion that carries nothing.
Result<bool> FeedReader::passes(const FeedRow& row, bool deleted, std::string_view body) {
  if (body.empty()) body = "{}";
  const auto names = options_.filter->top_level_names();
  const bool looks_beside = std::any_of(
      names.begin(), names.end(), [](std::string_view name) { return name == "_rev" || name == "_deleted"; });
  if (!looks_beside) return options_.filter->matches_text(body, row.id, scratch_);
  printed_.clear();
  print_document(row.id, row.revision.to_string(), deleted, body, printed_);
  scratch_.reset();
  QUIRE_TRY(const document::Value value, document::Value::parse(scratch_, printed_));
  return options_.filter->matches(value);
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
