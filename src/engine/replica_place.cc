#include "engine/replica_place.h"

#include <algorithm>
#include <set>

#include "document/arena.h"
#include "engine/position.h"

namespace quire::engine {

using replication::ChangesOptions;
using replication::ChangesPage;
using replication::DocumentName;
using replication::SourcePosition;

replication::AttachmentInfo travelling(const Attachment& attachment) {
  return {.name = attachment.name,
          .content_type = attachment.content_type,
          .length = attachment.length,
          .revpos = attachment.revpos,
          .digest = attachment.digest,
          .md5 = attachment.md5};
}

SourcePosition LocalReplica::Place::text_of(const Position& position) const {
  if (position == Position{}) return {};
  return id + "/" + to_string(position);
}

Result<Position> LocalReplica::Place::position_of(const SourcePosition& text) const {
  if (text.empty()) return Position{};
  const auto lost = [] { return Error(ErrorCode::history_lost, "the position is not one of this database"); };
  if (!text.starts_with(id + "/")) return lost();
  const auto position = parse_position(std::string_view(text).substr(id.size() + 1));
  if (!position) return lost();
  return *position;
}

// A selector asks for the winner's text, which the feed shows where the winner is what changed last.
Result<bool> LocalReplica::Place::in_scope(const CallLimits& limits, const FeedRow& row,
                                           const replication::Scope& scope) const {
  if (!scope.covers({std::string(row.collection), std::string(row.id)})) return false;
  if (scope.filter() == nullptr || row.leaf_count == 0 || row.leaves[0].deleted) return true;
  document::Arena scratch;
  if (row.has_body && row.revision == row.leaves[0].revision) {
    return scope.filter()->matches_text(row.body, row.id, scratch);
  }
  const auto winner = wait<Document>([&](auto done) {
    parts.documents.get(caller, limits, collection(row.collection), row.id, {}, std::move(done));
  });
  if (!winner) return winner.error().code() == ErrorCode::not_found ? Result<bool>(false) : winner.error();
  return scope.filter()->matches_text(winner->body, row.id, scratch);
}

Result<ChangesPage> LocalReplica::Place::read_changes(const CallLimits& limits, const Position& since,
                                                      const ChangesOptions& options) const {
  FeedOptions feed;
  feed.collection = options.scope.collection();
  feed.current_only = true;
  feed.leaves = true;
  feed.bodies = options.scope.filter() != nullptr;
  feed.limit = options.limit;
  QUIRE_TRY(FeedPage page, wait<FeedPage>([&](auto done) {
              parts.feeds.read(caller, limits, address(), since, feed, std::move(done));
            }));
  ChangesPage out;
  for (const FeedRow& row : page.rows) {
    if (row.id.empty() || row.leaf_count == 0) continue;
    QUIRE_TRY(const bool wanted, in_scope(limits, row, options.scope));
    if (!wanted) continue;
    out.rows.push_back(
        {{std::string(row.collection), std::string(row.id)}, {row.leaves, row.leaves + row.leaf_count}});
  }
  out.next = text_of(page.next);
  out.at_end = page.at_end;
  if (page.at_end) out.pending = 0;
  return out;
}

Status LocalReplica::Place::find_collections(const CallLimits& limits,
                                             std::vector<DocumentName*> names) const {
  std::erase_if(names, [](const DocumentName* of) { return !of->collection.empty(); });
  if (names.empty()) return ok();
  QUIRE_TRY(const auto collections, wait<std::vector<CollectionDescription>>([&](auto done) {
              parts.catalog.collections(caller, limits, address(), std::move(done));
            }));
  std::set<std::string, std::less<>> known;
  for (const auto& of : collections) known.insert(of.name);
  for (DocumentName* of : names) {
    const std::size_t colon = of->id.find(':');
    const std::string_view front = std::string_view(of->id).substr(0, colon);
    if (colon == std::string::npos || !known.contains(front)) {
      of->collection = database::kDefaultCollectionName;
      continue;
    }
    of->collection = front;
    of->id.erase(0, colon + 1);
  }
  return ok();
}

}  // namespace quire::engine
