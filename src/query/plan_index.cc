#include "query/plan_index.h"

#include <algorithm>

#include "database/keys.h"
#include "query/tuning.h"

namespace quire::query {

using document::Direction;

namespace {

Interval directed(const Interval& interval, Direction direction) {
  return direction == Direction::ascending ? interval : interval.descending();
}

std::string first_step(std::string_view path) { return std::string(path.substr(0, path.find('.'))); }

Bounds strings() {
  const auto range = document::key_range(document::Type::string);
  return Bounds(std::vector<Interval>{{.low = {std::string(1, static_cast<char>(range.first)), false},
                                       .high = {std::string(1, static_cast<char>(range.last)), true}}});
}

// Makes the path through one index.
class IndexPath {
 public:
  IndexPath(const UsableIndex& index, const Conjuncts& conjuncts, const PlanRequest& request)
      : index_(index),
        definition_(*index.definition),
        conjuncts_(conjuncts),
        request_(request),
        same_collation_(definition_.collation == request.collation) {}

  std::optional<AccessPath> make() {
    if (!holds_all()) return std::nullopt;
    path_.kind = AccessPath::Kind::index;
    path_.index = &index_;
    gather_bounds();
    make_spans();
    path_.narrow = !path_.bounds.empty() && !path_.bounds[0].is_everything();
    path_.exact = !index_.multikey && met_ == conjuncts_.conditions();
    find_order();
    return std::move(path_);
  }

 private:
  bool holds_all() const {
    if (definition_.partial) {
      const auto& partial = definition_.partial->root();
      if (!same_collation_ && compares_strings(partial)) return false;
      if (!conjuncts_.imply(partial)) return false;
    }
    if (!definition_.sparse) return true;
    return std::any_of(definition_.keys.begin(), definition_.keys.end(),
                       [&](const auto& key) { return conjuncts_.imply_presence(key.path.text()); });
  }

  void gather_bounds() {
    std::vector<std::string> bounded;  // first steps
    for (const auto& key : definition_.keys) {
      const std::string path = key.path.text();
      // Under one document several entries stand for the elements of an array; two conditions may be met by
      // two of them.
      const bool shares = index_.multikey && std::count(bounded.begin(), bounded.end(), first_step(path)) > 0;
      Bounds bounds = shares ? Bounds::everything() : bounds_at(path);
      if (bounds.is_everything()) break;
      bounded.push_back(first_step(path));
      const bool points = bounds.is_points();
      path_.bounds.push_back(std::move(bounds));
      if (!points) break;
    }
  }

  Bounds bounds_at(const std::string& path) {
    Bounds all = Bounds::everything();
    std::size_t met = 0;
    for (const auto& predicate : conjuncts_.predicates()) {
      if (predicate.path != path) continue;
      const Bounds& one = predicate.bounds.bounds;
      if (!same_collation_ && may_hold_strings(one)) continue;
      if (!index_.multikey) {
        all = all.intersected(one);
        if (predicate.bounds.exact && predicate.whole) ++met;
      } else if (is_better(one, all)) {
        all = one;
      }
    }
    met_ += met;
    return all;
  }

  static bool is_better(const Bounds& one, const Bounds& other) {
    if (one.is_everything()) return false;
    if (other.is_everything() || one.is_points() != other.is_points()) {
      return other.is_everything() || one.is_points();
    }
    return one.intervals().size() < other.intervals().size();
  }

  void make_spans() {
    std::vector<std::string> prefixes(1);
    std::vector<Interval> last{Interval::everything()};
    for (std::size_t i = 0; i < path_.bounds.size(); ++i) {
      last.clear();
      for (const Interval& one : path_.bounds[i].intervals()) {
        last.push_back(directed(one, definition_.keys[i].direction));
      }
      const bool fits = prefixes.size() * last.size() <= tuning::kSpans;
      if (!fits && i > 0) {
        // The keys so far do.
        path_.bounds.resize(i);
        met_ = 0;
        last.assign(1, Interval::everything());
        break;
      }
      if (i + 1 < path_.bounds.size()) prefixes = extended(prefixes, last);
    }
    for (const std::string& prefix : prefixes) {
      for (const Interval& one : last) path_.spans.push_back(span_of(prefix, one));
    }
    std::sort(path_.spans.begin(), path_.spans.end(),
              [](const KeySpan& left, const KeySpan& right) { return left.from < right.from; });
    const bool points = std::all_of(path_.bounds.begin(), path_.bounds.end(),
                                    [](const Bounds& bounds) { return bounds.is_points(); });
    const bool whole = points && path_.bounds.size() == definition_.keys.size();
    path_.several = index_.multikey && !(whole && path_.spans.size() == 1);
    path_.unique = definition_.unique && whole && path_.spans.size() == 1 && !definition_.sparse;
  }

  static std::vector<std::string> extended(const std::vector<std::string>& prefixes,
                                           const std::vector<Interval>& points) {
    std::vector<std::string> longer;
    for (const std::string& prefix : prefixes) {
      for (const Interval& point : points) longer.push_back(prefix + point.low.bytes);
    }
    return longer;
  }

  static KeySpan span_of(const std::string& prefix, const Interval& interval) {
    const auto place = [&](const Cut& cut) {
      return cut.behind ? database::keys::after_prefix(prefix + cut.bytes) : prefix + cut.bytes;
    };
    return {.from = place(interval.low), .to = place(interval.high)};
  }

  // Whether the entries come in the order of the sort: its keys are the last of the index, all in its
  // directions or all against them, and those in front of them have one value each.
  void find_order() {
    const std::span<const Sort::Key> wanted = without_ties(request_.sort.keys());
    const auto& keys = definition_.keys;
    if (!same_collation_ || index_.multikey || wanted.empty() || wanted.size() > keys.size()) return;
    const std::size_t first = keys.size() - wanted.size();
    std::string prefix;
    for (std::size_t i = 0; i < first; ++i) {
      if (i >= path_.bounds.size() || path_.bounds[i].intervals().size() != 1 ||
          !path_.bounds[i].intervals()[0].is_point()) {
        return;
      }
      prefix += directed(path_.bounds[i].intervals()[0], keys[i].direction).low.bytes;
    }
    const bool against = wanted[0].direction != keys[first].direction;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].path != keys[first + i].path) return;
      if ((wanted[i].direction != keys[first + i].direction) != against) return;
    }
    path_.sorted = true;
    path_.backward = against;
    path_.prefix = std::move(prefix);
  }

  // What the keys find equal is in the order of the ids anyway.
  std::span<const Sort::Key> without_ties(std::span<const Sort::Key> keys) const {
    const bool by_id = keys.size() > 1 && keys.back().path.text() == "_id" &&
                       keys.back().direction == document::Direction::ascending;
    return by_id && request_.collation.empty() ? keys.first(keys.size() - 1) : keys;
  }

  const UsableIndex& index_;
  const IndexDefinition& definition_;
  const Conjuncts& conjuncts_;
  const PlanRequest& request_;
  const bool same_collation_;
  AccessPath path_;
  std::size_t met_ = 0;
};

// The text of a string's key, which may lack its end.
std::optional<std::string> text_of(std::string key, bool& whole) {
  document::Arena arena;
  std::string_view rest = key;
  auto value = document::take_key(rest, Direction::ascending, arena);
  whole = value && rest.empty();
  if (!whole) {
    key.push_back('\0');
    rest = key;
    value = document::take_key(rest, Direction::ascending, arena);
    if (!value || !rest.empty()) return std::nullopt;
  }
  if (!value->is_string()) return std::nullopt;
  return value->to_string();
}

// The least id that is not in front of the cut.
std::string id_at(const Cut& cut) {
  bool whole = false;
  auto text = text_of(cut.bytes, whole);
  if (!text) return {};
  if (!cut.behind) return *std::move(text);
  // No id holds a NUL, so that this one is next.
  if (whole) return *text + '\0';
  return database::keys::after_prefix(*text);
}

}  // namespace

std::optional<AccessPath> index_path(const UsableIndex& index, const Conjuncts& conjuncts,
                                     const PlanRequest& request) {
  return IndexPath(index, conjuncts, request).make();
}

AccessPath id_path(const Conjuncts& conjuncts, const Sort& sort, std::string_view collation) {
  AccessPath path;
  Bounds bounds = strings();
  for (const auto& predicate : conjuncts.predicates()) {
    if (predicate.path != "_id") continue;
    if (!collation.empty() && may_hold_strings(predicate.bounds.bounds)) continue;
    path.narrow = path.narrow || !predicate.bounds.bounds.is_everything();
    bounds = bounds.intersected(predicate.bounds.bounds);
  }
  const auto& keys = sort.keys();
  path.sorted = collation.empty() && !keys.empty() && keys[0].path.text() == "_id";
  path.backward = path.sorted && keys[0].direction == Direction::descending;
  path.range.walk = path.backward ? database::Walk::backward : database::Walk::forward;
  if (!path.narrow) return path;
  if (bounds.is_points()) {
    path.kind = bounds.intervals().empty() ? AccessPath::Kind::nothing : AccessPath::Kind::ids;
    bool whole = false;
    for (const Interval& one : bounds.intervals()) {
      if (auto id = text_of(one.low.bytes, whole)) path.ids.push_back(*std::move(id));
    }
    std::sort(path.ids.begin(), path.ids.end());
    if (path.backward) std::reverse(path.ids.begin(), path.ids.end());
    return path;
  }
  path.range.from = id_at(bounds.intervals().front().low);
  const Cut& high = bounds.intervals().back().high;
  path.range.to = high.bytes.size() > 1 ? id_at(high) : std::string();
  return path;
}

}  // namespace quire::query
