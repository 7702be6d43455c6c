#include "query/plan.h"
#include "query/value_index.h"

namespace quire::query {

namespace {

// The part of a walk over ids that is still to come.
database::IdRange behind(database::IdRange range, const std::string& id) {
  if (range.walk == database::Walk::backward) {
    if (range.to.empty() || id < range.to) range.to = id;
    return range;
  }
  // No id holds a NUL, so that this is next.
  range.from = std::max(range.from, id + '\0');
  return range;
}

Result<std::unique_ptr<PlacedSource>> open_ids(const Documents& documents, const AccessPath& path,
                                               const std::optional<CursorPlace>& after, Watch& watch) {
  if (path.kind == AccessPath::Kind::range) {
    const auto range = after ? behind(path.range, after->id) : path.range;
    return walk_ids(documents, range, watch);
  }
  std::vector<std::string> ids = path.ids;
  if (after) {
    std::erase_if(ids,
                  [&](const std::string& id) { return path.backward ? id >= after->id : id <= after->id; });
  }
  return look_up_ids(documents, std::move(ids), watch);
}

Result<std::unique_ptr<PlacedSource>> open_index(const Documents& documents, const AccessPath& path,
                                                 const std::optional<CursorPlace>& after, Watch& watch,
                                                 bool ids_alone) {
  EntryWalk walk;
  walk.index = path.index->id;
  walk.name = std::to_string(path.index->id);
  walk.spans = path.spans;
  walk.backward = path.backward;
  walk.after = after;
  if (after && after->walk == CursorPlace::Walk::sorted) {
    // The sort's key is the index's, behind what all entries begin with, or its inverse.
    std::string key = after->key;
    if (path.backward) document::invert_key(key.data(), key.data() + key.size());
    walk.after->key = path.prefix + key;
  }
  if (path.several) walk.keys = std::make_shared<ValueIndex>(path.index->definition);
  return ids_alone ? walk_index_alone(documents, walk, watch) : walk_index(documents, walk, watch);
}

}  // namespace

Result<std::unique_ptr<PlacedSource>> open_path(const Documents& documents, const AccessPath& path,
                                                const std::optional<CursorPlace>& after, Watch& watch,
                                                bool ids_alone) {
  if (path.kind == AccessPath::Kind::index) return open_index(documents, path, after, watch, ids_alone);
  if (path.kind != AccessPath::Kind::any_of) return open_ids(documents, path, after, watch);
  const unsigned first = after ? after->branch - 1 : 0;
  std::vector<Part> parts;
  for (unsigned i = 0; i < path.parts.size(); ++i) {
    std::unique_ptr<PlacedSource> source;
    if (i >= first) {
      QUIRE_TRY(source, open_path(documents, path.parts[i], i == first ? after : std::nullopt, watch));
    }
    parts.push_back({std::move(source), path.filters[i]});
  }
  return join_parts(std::move(parts), first);
}

}  // namespace quire::query
