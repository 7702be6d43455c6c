#include "query/sort.h"

#include <algorithm>

#include "document/json.h"
#include "document/number.h"
#include "query/path_values.h"
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
  if (value.is_number()) {
    const auto number = document::Number::parse(value.number_text());
    const auto whole = number ? number->to_int64() : std::nullopt;
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

// Appends the key of the one value that a document is ordered by.
void append_picked(const std::vector<const Value*>& values, Direction direction,
                   const document::Collation* collation, std::string& out) {
  static const Value null;
  const std::size_t begin = out.size();
  const auto append = [&](const Value* value, std::string& to) {
    document::append_key(value == nullptr ? null : *value, direction, to, collation);
  };
  append(values.empty() ? nullptr : values[0], out);
  std::string other;
  for (std::size_t i = 1; i < values.size(); ++i) {
    // The first one in the sort's direction has the least key.
    other.clear();
    append(values[i], other);
    if (other < std::string_view(out).substr(begin)) out.replace(begin, std::string::npos, other);
  }
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
  Value own_id;
  std::vector<const Value*> values;
  for (const Key& key : keys_) {
    const auto& first = key.path.steps()[0].name;
    values.clear();
    if (first != "_id") {
      collect_values(document, key.path, values);
    } else if (key.path.steps().size() == 1) {
      own_id = Value::string(scratch, id);
      values.push_back(&own_id);
    }
    append_picked(values, key.direction, collation_.get(), out);
  }
  return ok();
}

}  // namespace quire::query
