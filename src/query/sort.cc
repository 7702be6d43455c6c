#include "query/sort.h"

#include <algorithm>
#include <array>
#include <optional>

#include "document/extended_json.h"
#include "document/json.h"
#include "query/key_tuples.h"
#include "query/tuning.h"

namespace quire::query {

using document::Arena;
using document::Direction;
using document::Value;

namespace {

Error at_fault(const char* message, std::string_view name) {
  return Error(ErrorCode::invalid, message).at(std::string(name));
}

Result<Direction> parse_direction(const Value& value, std::string_view name) {
  const document::TypedValue typed(value);
  if (typed.type() == document::Type::number) {
    const auto whole = typed.number().to_int64();
    if (whole == 1) return Direction::ascending;
    if (whole == -1) return Direction::descending;
  }
  return at_fault("a direction is 1 or -1", name);
}

Status check_path(std::string_view name) {
  if (name.empty() || name[0] == '.' || name.back() == '.' || name.find("..") != std::string_view::npos) {
    return at_fault("a path has names between its dots", name);
  }
  if (name[0] == '$') return at_fault("a path does not begin with $", name);
  return ok();
}

// The value that a path leads to through objects; null: none. nullopt: there is an array on the way or at the
// end.
std::optional<const Value*> only_value(const Value& document, const document::Path& path) {
  const Value* value = &document;
  for (const auto& step : path.steps()) {
    if (value->is_array()) return std::nullopt;
    if (!document::is_plain_object(*value)) return nullptr;
    value = value->find(step.name);
    if (value == nullptr) return nullptr;
  }
  if (value->is_array()) return std::nullopt;
  return value;
}

}  // namespace

Result<Sort> Sort::parse(std::string_view json) {
  Sort sort;
  if (json.empty()) return sort;
  std::string text;
  QUIRE_TRY_STATUS(document::minify(json, {.document_bytes = tuning::kSortBytes}, text));
  Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, text));
  if (!value.is_object()) return Error(ErrorCode::invalid, "a sort is an object of paths and directions");
  if (value.size() > tuning::kSortKeys) {
    return Error(ErrorCode::too_large, "a sort has at most " + std::to_string(tuning::kSortKeys) + " keys")
        .over(tuning::kSortKeys);
  }
  for (const auto& member : value.members()) {
    const std::string name = member.name.to_string();
    QUIRE_TRY_STATUS(check_path(name));
    Key key;
    auto path = document::Path::parse(name, tuning::kPathSteps);
    if (!path) return Error(path.error()).at(name);
    key.path = *std::move(path);
    QUIRE_TRY(key.direction, parse_direction(member.value, name));
    sort.names_.push_back(key.path.steps()[0].name);
    sort.keys_.push_back(std::move(key));
  }
  sort.by_id_ = std::find(sort.names_.begin(), sort.names_.end(), "_id") != sort.names_.end();
  std::sort(sort.names_.begin(), sort.names_.end());
  sort.names_.erase(std::unique(sort.names_.begin(), sort.names_.end()), sort.names_.end());
  return sort;
}

std::string Sort::print() const {
  std::string out = "{";
  for (const Key& key : keys_) {
    if (out.size() > 1) out += ',';
    document::append_json_string(out, key.path.text());
    out += key.direction == Direction::ascending ? ":1" : ":-1";
  }
  return out += '}';
}

Status Sort::append_key(std::string_view body, std::string_view id, Arena& scratch, std::string& out) const {
  scratch.reset();
  const std::vector<std::string_view> names(names_.begin(), names_.end());
  QUIRE_TRY(Value document, Value::parse_members(scratch, body, names));
  if (by_id_) document.set(scratch, "_id", Value::string(scratch, id));
  return append_key(document, out);
}

Status Sort::append_key(const Value& document, std::string& out) const {
  const std::size_t begin = out.size();
  for (const Key& key : keys_) {
    const auto value = only_value(document, key.path);
    if (!value) {
      out.resize(begin);
      return append_first_tuple(document, out);
    }
    KeyTuples::append_key(*value, key.direction, collation_.get(), out);
  }
  return ok();
}

Status Sort::append_first_tuple(const Value& document, std::string& out) const {
  std::array<const document::Path*, tuning::kSortKeys> paths;
  for (std::size_t i = 0; i < keys_.size(); ++i) paths[i] = &keys_[i].path;
  std::string first;
  std::string other;
  const auto look_at = [&](std::span<const Value* const> tuple) -> Status {
    other.clear();
    for (std::size_t i = 0; i < keys_.size(); ++i)
      KeyTuples::append_key(tuple[i], keys_[i].direction, collation_.get(), other);
    if (first.empty() || other < first) first.swap(other);
    return ok();
  };
  KeyTuples::Found found;
  if (Status seen = KeyTuples::visit(document, {paths.data(), keys_.size()}, KeyTuples::Numbers::places,
                                     found, look_at);
      !seen) {
    return Error(ErrorCode::invalid,
                 "a document cannot stand in the order of the sort: " + seen.error().message());
  }
  out += first;
  return ok();
}

}  // namespace quire::query
