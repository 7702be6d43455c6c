#include "query/plan.h"

#include <algorithm>
#include <limits>

#include "document/filter_node.h"
#include "document/json.h"
#include "query/advice.h"
#include "query/plan_index.h"
#include "query/tuning.h"

namespace quire::query {

using document::FilterNode;

namespace {

Error bad_hint(const char* message) { return Error(ErrorCode::invalid, message).at("hint"); }

// A cost that nothing tells.
constexpr double kUnknown = std::numeric_limits<double>::infinity();

class Planner {
 public:
  Planner(const Documents& documents, std::span<const UsableIndex> indexes, const PlanRequest& request,
          const std::optional<CursorPlace>& after, Watch& watch)
      : documents_(documents), indexes_(indexes), request_(request), after_(after), watch_(watch) {}

  Result<Plan> make() {
    Conjuncts conjuncts;
    conjuncts.add(request_.filter.root());
    Plan plan;
    QUIRE_TRY(plan.path, choose(conjuncts, plan));
    plan.sorts = !request_.sort.empty() && !plan.path.sorted;
    if (plan.path.kind == AccessPath::Kind::range && !plan.path.narrow) {
      plan.advice = advice_for(conjuncts, request_, indexes_);
    }
    return plan;
  }

 private:
  Result<AccessPath> choose(const Conjuncts& conjuncts, Plan& plan) {
    const bool goes_on = after_ && after_->walk != CursorPlace::Walk::sorted;
    if (goes_on) return same_path(conjuncts, *after_, plan);
    if (!request_.hint.empty()) return hinted(conjuncts, plan);
    AccessPath by_id = id_path(conjuncts, request_.sort, request_.collation);
    if (by_id.kind != AccessPath::Kind::range) {
      plan.reason = "the filter names ids";
      return by_id;
    }
    QUIRE_TRY(std::optional<AccessPath> best, best_index(conjuncts, plan));
    if (best && (best->unique || best->estimate < tuning::kProbedEntries)) return *std::move(best);
    if (by_id.narrow && !best) {
      plan.reason = "the filter gives a range of ids";
      return by_id;
    }
    if (by_id.sorted && request_.filter.matches_everything()) {
      plan.reason = "the sort is by id";
      return by_id;
    }
    if (!best) {
      QUIRE_TRY(best, cheap_choice(conjuncts, plan));
    }
    if (has_page()) {
      const AccessPath& other = best ? *best : by_id;
      QUIRE_TRY(std::optional<AccessPath> ordered, path_in_order(conjuncts, by_id, other, plan));
      if (ordered) return *std::move(ordered);
    }
    if (best) return *std::move(best);
    if (plan.reason.empty()) plan.reason = "no index serves";
    return by_id;
  }

  // Whether a walk in the order of the sort may end before all of its documents have been looked at.
  bool has_page() const { return !request_.sort.empty() && request_.limit > 0; }

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
    QUIRE_TRY_STATUS(count_entries(paths));
    std::sort(paths.begin(), paths.end(), &Planner::is_better);
    if (paths.size() > 1) {
      plan.reason = "of " + std::to_string(paths.size()) + " indexes the one with the fewest entries (" +
                    std::to_string(paths[0].estimate) + (paths[0].counted ? ")" : " or more)");
    }
    return std::optional(std::move(paths[0]));
  }

  static bool is_better(const AccessPath& left, const AccessPath& right) {
    if (left.estimate != right.estimate) return left.estimate < right.estimate;
    if (left.sorted != right.sorted) return left.sorted;
    if (left.bounds.size() != right.bounds.size()) return left.bounds.size() > right.bounds.size();
    return left.index->definition->name < right.index->definition->name;
  }

  // The entries of each path, until those of one have all been counted. Where all of them are wanted it is
  // worth to count more.
  Status count_entries(std::vector<AccessPath>& paths) {
    std::uint64_t most = tuning::kProbedEntries;
    const bool wants_all = request_.limit == 0 || has_page();
    if (paths.size() > 1 && wants_all) most = std::max(most, request_.documents / tuning::kProbedShare);
    std::vector<std::unique_ptr<EntrySource>> walks;
    for (const AccessPath& path : paths) walks.push_back(entries_of(path));
    bool counted = false;
    for (std::uint64_t up_to = tuning::kProbedEntries;; up_to = std::min(most, up_to * 2)) {
      for (std::size_t i = 0; i < paths.size(); ++i) {
        QUIRE_TRY(paths[i].counted, count_on(*walks[i], up_to, paths[i].estimate));
        counted = counted || paths[i].counted;
      }
      if (counted || up_to == most) return ok();
    }
  }

  std::unique_ptr<EntrySource> entries_of(const AccessPath& path) const {
    EntryWalk walk;
    walk.index = path.index->id;
    walk.spans = path.spans;
    return walk_entries(documents_, walk, watch_);
  }

  // Counts up to this number; whether there are no more.
  static Result<bool> count_on(EntrySource& entries, std::uint64_t up_to, std::uint64_t& counted) {
    for (; counted < up_to; ++counted) {
      QUIRE_TRY(const bool more, entries.next());
      if (!more) return true;
    }
    return false;
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

  // The same where it leads to a small part of the documents. Each of those is looked at behind an index, and
  // then by the filters of all earlier parts.
  Result<std::optional<AccessPath>> cheap_choice(const Conjuncts& conjuncts, Plan& plan) {
    QUIRE_TRY(auto path, best_choice(conjuncts, plan));
    if (!path) {
      plan.reason.clear();  // that of a part
      return path;
    }
    const double most = std::max<double>(tuning::kProbedEntries,
                                         static_cast<double>(request_.documents) / tuning::kJoinedCost);
    QUIRE_TRY(const double cost, cost_of_all(*path, most));
    if (cost < most) return path;
    plan.reason = "the parts of an $or lead to much of the collection";
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
      QUIRE_TRY(document::Filter filter, document::Filter::parse(text, {.depth = 64, .plain_json = true},
                                                                 request_.filter.collation()));
      all.filters.push_back(std::move(filter));
    }
    return std::optional(std::move(all));
  }

  // The path in the order of the sort that fills the page soonest, where that is sooner than all that `other`
  // leads to has been looked at.
  Result<std::optional<AccessPath>> path_in_order(const Conjuncts& conjuncts, const AccessPath& by_id,
                                                  const AccessPath& other, Plan& plan) {
    std::optional<AccessPath> best;
    double least = kUnknown;
    const auto consider = [&](AccessPath path) -> Status {
      QUIRE_TRY(const double cost, cost_of_page(path));
      if (cost >= least) return ok();
      least = cost;
      best = std::move(path);
      return ok();
    };
    if (by_id.sorted) QUIRE_TRY_STATUS(consider(by_id));
    for (const UsableIndex& index : indexes_) {
      auto path = index_path(index, conjuncts, request_);
      if (path && path->sorted) QUIRE_TRY_STATUS(consider(*std::move(path)));
    }
    if (!best) return best;
    QUIRE_TRY(const double all, cost_of_all(other, least));
    if (least >= all) return std::optional<AccessPath>();
    plan.reason = "its order is the sort's, and the limit is near";
    return best;
  }

  // Costs are in documents behind an index.
  static double cost_of(std::uint64_t documents, const AccessPath& path) {
    const auto cost = static_cast<double>(documents);
    return path.kind == AccessPath::Kind::range ? cost / tuning::kFetchCost : cost;
  }

  // Of walking a path in the order of the sort until the page is full, by the share of its first documents
  // that the filter finds; kUnknown where it finds none of them.
  Result<double> cost_of_page(const AccessPath& path) {
    if (request_.filter.matches_everything()) return cost_of(request_.limit, path);
    QUIRE_TRY(const auto source, open_path(documents_, path, after_, watch_));
    document::Arena scratch;
    std::uint64_t looked = 0;
    std::uint64_t found = 0;
    Row row;
    for (; looked < tuning::kSampledDocuments && found < request_.limit; ++looked) {
      QUIRE_TRY(const bool more, source->next(row));
      if (!more) return cost_of(looked, path);
      QUIRE_TRY(const bool matches, request_.filter.matches_text(row.body, row.id, scratch));
      if (matches) ++found;
    }
    if (found == 0) return kUnknown;
    return cost_of(looked, path) * static_cast<double>(request_.limit) / static_cast<double>(found);
  }

  // Of looking at all that a path leads to, as far as it is less than `most`.
  Result<double> cost_of_all(const AccessPath& path, double most) {
    switch (path.kind) {
      case AccessPath::Kind::nothing: return 0.0;
      case AccessPath::Kind::ids: return cost_of(path.ids.size(), path);
      case AccessPath::Kind::range: return cost_of(request_.documents, path);
      case AccessPath::Kind::index: {
        std::uint64_t counted = path.estimate;
        if (!path.counted) {
          const double end = std::min(most, static_cast<double>(request_.documents));
          counted = 0;
          QUIRE_TRY_STATUS(count_on(*entries_of(path), static_cast<std::uint64_t>(end) + 1, counted));
        }
        return cost_of(counted, path);
      }
      case AccessPath::Kind::any_of: break;
    }
    double sum = 0;
    for (const AccessPath& part : path.parts) {
      if (sum >= most) break;
      QUIRE_TRY(const double cost, cost_of_all(part, most - sum));
      sum += cost;
    }
    return sum;
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
  const std::optional<CursorPlace>& after_;
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
  return Planner(documents, indexes, request, after, watch).make();
}

}  // namespace quire::query
