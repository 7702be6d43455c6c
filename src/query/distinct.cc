#include "query/distinct.h"

#include "database/keys.h"
#include "query/path_values.h"
#include "query/plan_index.h"

namespace quire::query {

using document::Value;

Status DistinctValues::add(const Row& row) {
  scratch_.reset();
  if (path_.text() == "_id") return add_value(Value::string(scratch_, row.id));
  const std::string_view name = path_.steps()[0].name;
  QUIRE_TRY(const auto document, Value::parse_members(scratch_, row.body, {&name, 1}));
  found_.clear();
  collect_elements(document, path_, found_);
  for (const Value* const value : found_) QUIRE_TRY_STATUS(add_value(*value));
  return ok();
}

// An array that an element of another one is stands in an index as it is.
Status DistinctValues::add_all(const Value& value) {
  if (!value.is_array()) return add_value(value);
  for (const Value& element : value.elements()) QUIRE_TRY_STATUS(add_value(element));
  return ok();
}

Status DistinctValues::add_value(const Value& value) {
  key_.clear();
  document::append_key(value, document::Direction::ascending, key_, collation_.get());
  const auto [at, is_new] = values_.try_emplace(key_);
  if (!is_new) return ok();
  at->second = value.to_json();
  bytes_ += 2 * key_.size() + at->second.size() + tuning::kSortedRowBytes;
  if (bytes_ <= most_bytes_) return ok();
  return Error(ErrorCode::exhausted,
               "the distinct values need more memory than the setting queries.memory allows")
      .over(most_bytes_);
}

std::string DistinctValues::print() const {
  std::string out = "[";
  for (const auto& [key, text] : values_) {
    if (out.size() > 1) out += ',';
    out += text;
  }
  return out += ']';
}

Result<bool> DistinctValues::add_from_index(const Collection& collection, const Find& find, Run& run) {
  if (collection.visible || !find.hint.empty() || find.skip != 0 || find.limit != 0) return false;
  if (collation_ != nullptr) return false;  // its keys do not tell the strings
  Conjuncts conjuncts;
  conjuncts.add(find.filter.root());
  const Sort none;
  const PlanRequest request{.filter = find.filter, .sort = none, .limit = 0, .hint = {}, .collation = {}};
  Watch watch(run);
  for (const UsableIndex& index : collection.indexes) {
    if (index.multikey || index.definition->keys[0].path != path_) continue;
    if (!index.definition->collation.empty()) continue;
    const auto path = index_path(index, conjuncts, request);
    if (!path || !path->exact || path->bounds.size() > 1) continue;
    QUIRE_TRY_STATUS(walk(collection, *path, watch));
    return true;
  }
  return false;
}

Status DistinctValues::walk(const Collection& collection, const AccessPath& path, Watch& watch) {
  const auto direction = path.index->definition->keys[0].direction;
  bool null_is_known = false;
  for (const KeySpan& span : path.spans) {
    const auto cursor = collection.documents.view.entries(path.index->id, {span.from, span.to});
    for (;;) {
      QUIRE_TRY(const bool more, cursor->advance());
      if (!more) break;
      QUIRE_TRY_STATUS(watch.entry());
      scratch_.reset();
      std::string_view rest = cursor->key();
      QUIRE_TRY(const Value value, document::take_key(rest, direction, scratch_));
      // What is missing stands under null too, and has no value.
      if (value.is_null() && !null_is_known) {
        QUIRE_TRY(null_is_known, holds_null(collection, cursor->id(), watch));
        if (!null_is_known) continue;
      }
      QUIRE_TRY_STATUS(add_all(value));
      const std::string_view taken = cursor->key().substr(0, cursor->key().size() - rest.size());
      const std::string next = database::keys::after_prefix(taken);
      if (next.empty()) break;
      cursor->skip_to(next);
    }
  }
  return ok();
}

Result<bool> DistinctValues::holds_null(const Collection& collection, std::string_view id, Watch& watch) {
  QUIRE_TRY_STATUS(watch.document());
  QUIRE_TRY(const auto document, collection.documents.view.get(collection.documents.collection, id));
  if (!document) return false;
  document::Arena arena;
  const std::string_view name = path_.steps()[0].name;
  QUIRE_TRY(const Value value, Value::parse_members(arena, document->body, {&name, 1}));
  found_.clear();
  collect_elements(value, path_, found_);
  return !found_.empty();
}

}  // namespace quire::query
