#include "query/value_index.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "document/json.h"
#include "document/key_format.h"
#include "document/value.h"
#include "query/conjuncts.h"
#include "query/key_tuples.h"
#include "query/tuning.h"

namespace quire::query {

using document::Arena;
using document::Direction;
using document::Value;

namespace {

// A thread's memory for reading documents; taken back at every use.
Arena& scratch_arena() {
  thread_local Arena arena;
  arena.reset();
  return arena;
}

std::string document_and_index(std::string_view id, const std::string& index) {
  return "the document '" + std::string(id) + "' cannot stand in the index '" + index + "': ";
}

const std::string kDateTag(1, static_cast<char>(document::key_format::kDate));

std::string date_key(std::int64_t ms) {
  std::string key = kDateTag;
  put_u64(key, static_cast<std::uint64_t>(ms) ^ (std::uint64_t{1} << 63));
  return key;
}

}  // namespace

ValueIndex::ValueIndex(std::shared_ptr<const IndexDefinition> definition)
    : definition_(std::move(definition)) {
  if (!definition_->collation.empty()) {
    if (auto collation = document::Collation::parse(definition_->collation))
      collation_ = std::move(*collation);
  }
  for (const IndexDefinition::Key& key : definition_->keys) names_.push_back(key.path.steps()[0].name);
  if (definition_->partial) {
    for (const std::string_view name : definition_->partial->top_level_names()) names_.emplace_back(name);
  }
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  wants_id_ = std::binary_search(names_.begin(), names_.end(), "_id");
  views_.assign(names_.begin(), names_.end());
}

std::string ValueIndex::fields() const {
  std::string out;
  for (const IndexDefinition::Key& key : definition_->keys)
    out += (out.empty() ? "'" : ", '") + key.path.text() + "'";
  return out;
}

std::string ValueIndex::format() const {
  // In the first keys an array without elements had that of an element which is one, and objects were by
  // names before types.
  std::string format = "keys 2";
  if (!collation_) return format;
  // Filters of such indexes were by code point once.
  const bool filters = definition_->partial && compares_strings(definition_->partial->root());
  return format + (filters ? ", collation and filter " : ", collation ") + collation_->version();
}

Status ValueIndex::keys_of(std::string_view id, std::string_view body, database::IndexKeys& found) const {
  Arena& arena = scratch_arena();
  QUIRE_TRY(Value document, Value::parse_members(arena, body, views_));
  if (wants_id_) document.set(arena, "_id", Value::string(arena, id));
  if (definition_->partial && !definition_->partial->matches(document)) return ok();

  const auto& keys = definition_->keys;
  std::array<const document::Path*, tuning::kIndexPaths> paths;
  for (std::size_t i = 0; i < keys.size(); ++i) paths[i] = &keys[i].path;
  const std::string& name = definition_->name;
  std::size_t tuples = 0;
  std::size_t bytes = 0;

  const auto add = [&](std::span<const Value* const> values) -> Status {
    if (++tuples > tuning::kEntriesOfDocument) {
      return Error(ErrorCode::too_large,
                   document_and_index(id, name) + "it would have more than 65536 entries")
          .at(paths[0]->text())
          .over(tuning::kEntriesOfDocument);
    }
    const auto is_missing = [](const Value* value) { return value == nullptr; };
    if (definition_->sparse && std::all_of(values.begin(), values.end(), is_missing)) return ok();
    std::string key;
    for (std::size_t i = 0; i < values.size(); ++i) {
      KeyTuples::append_key(values[i], keys[i].direction, collation_ ? &*collation_ : nullptr, key);
      if (key.size() > tuning::kKeyBytes) {
        return Error(ErrorCode::too_large,
                     document_and_index(id, name) + "its key is longer than 8192 bytes at this path")
            .at(paths[i]->text())
            .over(tuning::kKeyBytes);
      }
    }
    bytes += key.size();
    if (bytes > tuning::kKeyBytesOfDocument) {
      return Error(ErrorCode::too_large,
                   document_and_index(id, name) + "its keys together are longer than 16 MiB")
          .at(paths[0]->text())
          .over(tuning::kKeyBytesOfDocument);
    }
    found.keys.push_back(std::move(key));
    return ok();
  };

  KeyTuples::Found seen;
  Status visited =
      KeyTuples::visit(document, {paths.data(), keys.size()}, KeyTuples::Numbers::both_ways, seen, add);
  if (!visited && visited.error().code() == ErrorCode::invalid) {
    return Error(ErrorCode::invalid, document_and_index(id, name) + visited.error().message())
        .at(visited.error().field());
  }
  QUIRE_TRY_STATUS(visited);
  if (seen.places && definition_->unique) {
    return Error(ErrorCode::invalid, document_and_index(id, name) +
                                         "a unique index cannot go by its place into an array of objects")
        .at(paths[0]->text());
  }
  found.multikey = found.multikey || seen.multikey;
  return ok();
}

std::optional<database::IndexHook::Due> ValueIndex::due(WallMs now) const {
  if (!definition_->expire_after) return std::nullopt;
  const std::int64_t after = definition_->expire_after->count() * 1000;
  return Due{.from = kDateTag,
             .to = date_key(now - after + 1),
             .end = std::string(1, static_cast<char>(kDateTag[0] + 1))};
}

std::optional<WallMs> ValueIndex::due_at(std::string_view key) const {
  if (!definition_->expire_after || key.size() != 9 || !key.starts_with(kDateTag)) return std::nullopt;
  const auto ms = static_cast<std::int64_t>(load_u64(key.data() + 1) ^ (std::uint64_t{1} << 63));
  std::int64_t due = 0;
  if (__builtin_add_overflow(ms, definition_->expire_after->count() * 1000, &due)) return std::nullopt;
  return due;
}

std::string ValueIndexes::store(const IndexDefinition& definition) {
  std::string out = "{\"name\":";
  document::append_json_string(out, definition.name);
  return out + ",\"definition\":" + definition.print() + "}";
}

Result<std::unique_ptr<database::IndexHook>> ValueIndexes::make(std::string_view stored) const {
  document::JsonLimits limits;
  std::string text;
  QUIRE_TRY_STATUS(document::minify(stored, limits, text));
  Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, text));
  const Value* const name = value.find("name");
  const Value* const definition = value.find("definition");
  if (name == nullptr || definition == nullptr || !name->is_string()) {
    return Error(ErrorCode::corrupt, "the stored definition of an index is malformed");
  }
  QUIRE_TRY(IndexDefinition parsed, IndexDefinition::parse(name->to_string(), definition->to_json()));
  return std::make_unique<ValueIndex>(std::make_shared<const IndexDefinition>(std::move(parsed)));
}

}  // namespace quire::query
