#include "query/plan.h"

#include <algorithm>

#include "document/filter_node.h"
#include "document/json.h"
#include "query/advice.h"
#include "query/plan_index.h"
#include "query/tuning.h"

namespace quire::query {

using document::FilterNode;

namespace {

Error bad_hint(const char* message) { return Error(ErrorCode::invalid, message).at("hint"); }

class Planner {
 public:
  Planner(const Documents& documents, std::span<const UsableIndex> indexes, const PlanRequest& request,
          Watch& watch)
      : documents_(documents), indexes_(indexes), request_(request), watch_(watch) {}

  Result<Plan> make(const std::optional<CursorPlace>& after) {
    Conjuncts conjuncts;
    conjuncts.add(request_.filter.root());
    Plan plan;
    QUIRE_TRY(plan.path, choose(conjuncts, after, plan));
    plan.sorts = !request_.sort.empty() && !plan.path.sorted;
    if (plan.path.kind == AccessPath::Kind::range && !plan.path.narrow) {
      plan.advice = advice_for(conjuncts, request_, indexes_);
    }
    return plan;
  }

 private:
  Result<AccessPath> choose(const Conjuncts& conjuncts, const std::optional<CursorPlace>& after, Plan& plan) {
    const bool goes_on = after && after->walk != CursorPlace::Walk::sorted;
    if (goes_on) return same_path(conjuncts, *after, plan);
    if (!request_.hint.empty()) return hinted(conjuncts, plan);
    AccessPath by_id = id_path(conjuncts, request_.sort, request_.collation);
    if (by_id.kind != AccessPath::Kind::range) {
      plan.reason = "the filter names ids";
      return by_id;
    }
    QUIRE_TRY(std::optional<AccessPath> best, best_index(conjuncts, plan));
    if (best && (best->unique || best->sorted || best->estimate < tuning::kProbedEntries))
      return *std::move(best);
    if (by_id.narrow && !best) {
      plan.reason = "the filter gives a range of ids";
      return by_id;
    }
    if (by_id.sorted && request_.limit > 0 && (by_id.narrow || request_.filter.matches_everything())) {
      plan.reason = "the sort is by id";
      return by_id;
    }
    if (!best) {
      QUIRE_TRY(best, best_choice(conjuncts, plan));
    }
    QUIRE_TRY(std::optional<AccessPath> ordered, sorted_index(conjuncts, plan, best.has_value()));
    if (ordered) return *std::move(ordered);
    if (best) return *std::move(best);
    if (plan.reason.empty()) plan.reason = "no index serves";
    return by_id;
  }

  // The index under whose bounds the fewest entries stand.
  Result<std::optional<AccessPath>> best_index(const Conjuncts& conjuncts, Plan& plan) {
    std::vector<AccessPath> paths;
    for (const UsableIndex& index : indexes_) {
      auto path = index_path(index, conjuncts, request_);
      if (!path || !path->narrow) continue;
      if (path->unique) {
        plan.reason = "all keys of a unique index are given";
        return path;
      }
      paths.push_back(*std::move(path));
    }
    if (paths.empty()) return std::optional<AccessPath>();
    const bool alone = paths.size() == 1 && (request_.sort.empty() || paths[0].sorted || request_.limit == 0);
    plan.reason = "it is the one index that narrows the search";
    if (alone) return std::optional(std::move(paths[0]));
    for (AccessPath& path : paths) {
      QUIRE_TRY(path.estimate, probe(path));
    }
    std::sort(paths.begin(), paths.end(), &Planner::is_better);
    if (paths.size() > 1) {
      plan.reason = "of " + std::to_string(paths.size()) + " indexes the one with the fewest entries (" +
                    std::to_string(paths[0].estimate) +
                    (paths[0].estimate == tuning::kProbedEntries ? " or more)" : ")");
    }
    return std::optional(std::move(paths[0]));
  }

  static bool is_better(const AccessPath& left, const AccessPath& right) {
    if (left.estimate != right.estimate) return left.estimate < right.estimate;
    if (left.sorted != right.sorted) return left.sorted;
    if (left.bounds.size() != right.bounds.size()) return left.bounds.size() > right.bounds.size();
    return left.index->definition->name < right.index->definition->name;
  }

  Result<std::uint64_t> probe(const AccessPath& path) {
    EntryWalk walk;
    walk.index = path.index->id;
    walk.spans = path.spans;
    const auto entries = walk_entries(documents_, walk, watch_);
    std::uint64_t counted = 0;
    while (counted < tuning::kProbedEntries) {
      QUIRE_TRY(const bool more, entries->next());
      if (!more) break;
      ++counted;
    }
    return counted;
  }

  // Conditions of which one has to hold, each of them served by an index or by ids.
  Result<std::optional<AccessPath>> best_choice(const Conjuncts& conjuncts, Plan& plan) {
    for (const FilterNode* const node : conjuncts.choices()) {
      QUIRE_TRY(auto path, choice(*node, plan));
      if (!path) continue;
      plan.reason = "each part of an $or narrows the search";
      return path;
    }
    return std::optional<AccessPath>();
  }

  Result<std::optional<AccessPath>> choice(const FilterNode& node, Plan& plan) {
    AccessPath all;
    all.kind = AccessPath::Kind::any_of;
    all.narrow = true;
    for (const FilterNode& child : node.children) {
      Conjuncts conjuncts;
      conjuncts.add(request_.filter.root());
      conjuncts.add(child);
      AccessPath path = id_path(conjuncts, Sort(), request_.collation);
      if (!path.narrow) {
        QUIRE_TRY(auto best, best_index(conjuncts, plan));
        if (!best) return std::optional<AccessPath>();
        path = *std::move(best);
      }
      path.sorted = path.backward = path.exact = false;
      all.estimate += path.estimate;
      all.parts.push_back(std::move(path));
      std::string text;
      document::print_query(child, text);
      QUIRE_TRY(document::Filter filter,
                document::Filter::parse(text, {.depth = 64}, request_.filter.collation()));
      all.filters.push_back(std::move(filter));
    }
    return std::optional(std::move(all));
  }

  // An index in the order of the sort, where walking it fills the limit sooner than all else finds what there
  // is.
  Result<std::optional<AccessPath>> sorted_index(const Conjuncts& conjuncts, Plan& plan, bool has_other) {
    if (request_.sort.empty() || request_.limit == 0) return std::optional<AccessPath>();
    for (const UsableIndex& index : indexes_) {
      auto path = index_path(index, conjuncts, request_);
      if (!path || !path->sorted) continue;
      QUIRE_TRY(const double share, sample(*path));
      const double looks = share == 0 ? 1e300 : static_cast<double>(request_.limit) / share;
      const double all = has_other ? static_cast<double>(request_.documents) / 2
                                   : static_cast<double>(request_.documents) / tuning::kFetchCost;
      if (looks >= all) continue;
      plan.reason = "its order is the sort's, and the limit is near";
      return path;
    }
    return std::optional<AccessPath>();
  }

  // The share of the first documents of a walk that the filter finds.
  Result<double> sample(const AccessPath& path) {
    if (request_.filter.matches_everything()) return 1;
    QUIRE_TRY(const auto source, open_path(documents_, path, std::nullopt, watch_));
    document::Arena scratch;
    std::uint64_t looked = 0;
    std::uint64_t found = 0;
    Row row;
    for (; looked < tuning::kSampledDocuments; ++looked) {
      QUIRE_TRY(const bool more, source->next(row));
      if (!more) break;
      QUIRE_TRY(const bool matches, request_.filter.matches_text(row.body, row.id, scratch));
      if (matches) ++found;
    }
    return looked == 0 ? 1 : static_cast<double>(found) / static_cast<double>(looked);
  }

  Result<AccessPath> hinted(const Conjuncts& conjuncts, Plan& plan) {
    plan.reason = "the hint";
    if (request_.hint == "$natural") return id_path(Conjuncts(), request_.sort, request_.collation);
    for (const UsableIndex& index : indexes_) {
      if (index.definition->name != request_.hint) continue;
      auto path = index_path(index, conjuncts, request_);
      if (path) return *std::move(path);
      return bad_hint("the index may lack documents that the filter finds");
    }
    return bad_hint("there is no such index that is ready");
  }

  Result<AccessPath> same_path(const Conjuncts& conjuncts, const CursorPlace& place, Plan& plan) {
    plan.reason = "the cursor's way";
    if (place.branch != 0) {
      QUIRE_TRY(auto path, best_choice(conjuncts, plan));
      if (path && place.branch <= path->parts.size()) {
        const AccessPath& part = path->parts[place.branch - 1];
        const bool same = place.walk == CursorPlace::Walk::index
                              ? part.index != nullptr && std::to_string(part.index->id) == place.index
                              : part.index == nullptr;
        if (same) return *std::move(path);
      }
    } else if (place.walk == CursorPlace::Walk::ids) {
      return id_path(conjuncts, request_.sort, request_.collation);
    } else {
      for (const UsableIndex& index : indexes_) {
        if (std::to_string(index.id) != place.index) continue;
        if (auto path = index_path(index, conjuncts, request_)) return *std::move(path);
      }
    }
    return Error(ErrorCode::invalid, "the index that the cursor walks is gone; begin without it")
        .at("cursor");
  }

  const Documents documents_;
  const std::span<const UsableIndex> indexes_;
  const PlanRequest& request_;
  Watch& watch_;
};

}  // namespace

std::string AccessPath::name() const {
  switch (kind) {
    case Kind::nothing: return "nothing";
    case Kind::ids: return "ids";
    case Kind::range: return narrow ? "a range of ids" : "all documents";
    case Kind::index: return "index " + index->definition->name;
    case Kind::any_of: break;
  }
  std::string names;
  for (const AccessPath& part : parts) names += (names.empty() ? "" : ", ") + part.name();
  return "any of: " + names;
}

Result<Plan> make_plan(const Documents& documents, std::span<const UsableIndex> indexes,
                       const PlanRequest& request, const std::optional<CursorPlace>& after, Watch& watch) {
  return Planner(documents, indexes, request, watch).make(after);
}

}  // namespace quire::query
