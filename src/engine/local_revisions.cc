#include "engine/local_revisions.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "database/shard.h"
#include "engine/tuning.h"
#include "engine/write_plan.h"

namespace quire::engine {

using document::Leaf;
using document::Revision;

namespace {

Status check_size(const std::vector<NamedRevisions>& documents) {
  if (documents.size() > tuning::kNamedDocuments) {
    return Error(ErrorCode::too_large, "a request names too many documents").over(tuning::kNamedDocuments);
  }
  std::size_t revisions = 0;
  for (const NamedRevisions& document : documents) revisions += document.revisions.size();
  if (revisions <= tuning::kNamedRevisions) return ok();
  return Error(ErrorCode::too_large, "a request names too many revisions").over(tuning::kNamedRevisions);
}

// Answers what documents of one shard do not have.
class Difference {
 public:
  Difference(database::Shard& shard, const Caller& caller, const DatabaseAddress& address,
             const Authority& authority)
      : shard_(shard), caller_(caller), address_(address), authority_(authority) {}

  // The documents are asked for next; of some their collection's name differs.
  Status read_ahead(std::span<const NamedRevisions> asked) {
    std::vector<std::string_view> ids;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      ids.push_back(asked[i].id);
      if (i + 1 < asked.size() && asked[i + 1].collection == asked[i].collection) continue;
      QUIRE_TRY(const Place* const place, this->place(asked[i].collection));
      if (place->id) QUIRE_TRY_STATUS(shard_.read_heads_ahead(*place->id, ids));
      ids.clear();
    }
    return ok();
  }

  Result<MissingRevisions> of(const NamedRevisions& asked) {
    MissingRevisions all{.missing = asked.revisions};
    QUIRE_TRY(const Place* const place, this->place(asked.collection));
    if (!place->id || asked.revisions.empty()) return all;
    // Nearly always one revision is asked for, and the document is there with it, or not there.
    QUIRE_TRY(const auto head, shard_.head(*place->id, asked.id));
    if (!head) return all;
    if (!place->predicate.holds({.collection = asked.collection, .id = asked.id, .body = head->body}))
      return all;
    if (asked.revisions.size() == 1 && asked.revisions.front() == head->revision) return MissingRevisions{};
    QUIRE_TRY(const auto view, shard_.document(*place->id, asked.id));
    if (view == nullptr) return all;
    return difference(*view, asked.revisions);
  }

 private:
  struct Place {
    std::optional<database::CollectionId> id;
    Predicate predicate;
  };

  Result<const Place*> place(const std::string& collection) {
    if (const auto known = places_.find(collection); known != places_.end()) return &known->second;
    Place place;
    QUIRE_TRY(place.predicate,
              authority_.decide(caller_, Action::read, {.database = address_, .collection = collection}));
    if (const auto found = shard_.collections().find(collection)) place.id = found->id;
    return &places_.emplace(collection, std::move(place)).first->second;
  }

  static MissingRevisions difference(const database::DocumentView& view,
                                     const std::vector<Revision>& revisions) {
    MissingRevisions answer;
    answer.missing = view.tree().missing(revisions);
    if (view.stub()) {
      std::erase_if(answer.missing, [&](const Revision& revision) {
        return revision.generation <= view.winner().revision.generation;
      });
    }
    std::uint64_t newest = 0;
    for (const Revision& revision : answer.missing) newest = std::max(newest, revision.generation);
    if (newest == 0) return answer;
    for (Leaf& leaf : view.tree().leaves()) {
      if (answer.possible_ancestors.size() == tuning::kPossibleAncestors) break;
      if (leaf.revision.generation < newest) answer.possible_ancestors.push_back(std::move(leaf.revision));
    }
    return answer;
  }

  database::Shard& shard_;
  const Caller& caller_;
  const DatabaseAddress& address_;
  const Authority& authority_;
  std::map<std::string, Place> places_;
};

}  // namespace

Result<std::vector<MissingRevisions>> LocalRevisions::missing(const Caller& caller, const CallLimits& limits,
                                                              const DatabaseAddress& address,
                                                              const std::vector<NamedRevisions>& asked) {
  QUIRE_TRY_STATUS(limits.check(clock_));
  QUIRE_TRY_STATUS(authority_.decide(caller, Action::read, {.database = address}));
  QUIRE_TRY_STATUS(check_size(asked));
  QUIRE_TRY(const auto shard, databases_.use(address));
  Difference difference(*shard, caller, address, authority_);
  std::vector<MissingRevisions> rows;
  rows.reserve(asked.size());
  for (std::span rest(asked); !rest.empty();) {
    const auto next = rest.first(std::min(rest.size(), tuning::kLimitsCheckDocuments));
    rest = rest.subspan(next.size());
    QUIRE_TRY_STATUS(limits.check(clock_));
    QUIRE_TRY_STATUS(difference.read_ahead(next));
    for (const NamedRevisions& document : next) {
      QUIRE_TRY(rows.emplace_back(), difference.of(document));
    }
  }
  // Whoever asks will not send what is here, and may count on it.
  QUIRE_TRY_STATUS(shard->sync_seen());
  return rows;
}

void LocalRevisions::purge(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                           std::vector<NamedRevisions> leaves, Completion<Purged> done) {
  if (auto status = limits.check(clock_); !status) return done(std::move(status).error());
  database::Fence fence = authority_.fence(address);  // before anything is decided
  const auto decision = authority_.decide(caller, Action::administer, {.database = address});
  if (!decision) return done(decision.error());
  if (!decision->always()) return done(Error(ErrorCode::forbidden, "only who sees all of it may purge"));
  if (auto fits = check_size(leaves); !fits) return done(std::move(fits).error());
  auto shard = databases_.use(address);
  if (!shard) return done(std::move(shard).error());
  RefusedRows refused;
  std::vector<database::Edit> edits;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const auto collection = find_collection(**shard, leaves[i].collection);
    if (!collection) {
      refused.emplace_back(i, collection.error());
      continue;
    }
    database::Edit edit;
    edit.kind = database::Edit::Kind::purge;
    edit.collection = collection->id;
    edit.id = std::move(leaves[i].id);
    edit.path = std::move(leaves[i].revisions);
    edits.push_back(std::move(edit));
  }
  auto& writer = **shard;
  auto finish = [refused = std::move(refused), shard = *std::move(shard),
                 done = std::move(done)](Result<WriteResult> result) mutable {
    if (!result) return done(std::move(result).error());
    Purged purged;
    for (auto& row : merge_rows(std::move(refused), *std::move(result)).rows) {
      if (row) {
        purged.rows.emplace_back(std::move(row->purged));
      } else {
        purged.rows.emplace_back(std::move(row).error());
      }
    }
    purged.purge_sequence = shard->purges();
    done(std::move(purged));
  };
  if (edits.empty()) return finish(WriteResult{});
  writer.write_async(std::move(edits), {.fence = std::move(fence)}, limits, std::move(finish));
}

}  // namespace quire::engine
