#include "query/testing/naive_query.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "document/extended_json.h"
#include "document/json.h"
#include "document/testing/naive_filter.h"
#include "document/value_order.h"

namespace quire::query::testing {

using document::Arena;
using document::Value;

namespace {

bool is_map(const Value& value) { return value.is_object() && !document::TypedValue(value).is_special(); }

std::vector<std::string> names_of(const std::string& dotted) {
  std::vector<std::string> names(1);
  for (const char c : dotted) {
    if (c == '.')
      names.emplace_back();
    else
      names.back().push_back(c);
  }
  return names;
}

using Names = std::vector<std::string>;

// All that a path may mean, with null for what is missing.
void reach(const Value& value, const Names& names, std::size_t at, std::vector<Value>& out) {
  if (value.is_array()) {
    if (at == names.size()) {
      out.insert(out.end(), value.elements().begin(), value.elements().end());
      if (value.size() == 0) out.push_back(value);
      return;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Value& element = value.elements()[i];
      if (is_map(element)) reach(element, names, at, out);
      if (names[at] != std::to_string(i)) continue;
      if (at + 1 == names.size()) {
        out.push_back(element);
      } else if (is_map(element) || element.is_array()) {
        reach(element, names, at + 1, out);
      }
    }
    return;
  }
  if (at == names.size()) return out.push_back(value);
  const Value* const member = is_map(value) ? value.find(names[at]) : nullptr;
  if (member == nullptr) return out.push_back(Value());
  reach(*member, names, at + 1, out);
}

struct Candidate {
  std::string id;
  std::string body;
  std::vector<Value> sort_values;
};

Value sort_value(const Value& document, const std::string& path, bool falling,
                 const document::Collation* collation) {
  std::vector<Value> values;
  reach(document, names_of(path), 0, values);
  if (values.empty()) return {};
  Value best = values[0];
  for (const Value& value : values) {
    const auto order = document::compare_values(value, best, collation);
    if (falling ? order > 0 : order < 0) best = value;
  }
  return best;
}

// What an inclusion leaves of a value, along one path.
std::optional<std::string> included(const Value& value, const std::vector<Names>& paths);

std::string included_members(const Value& object, const std::vector<Names>& paths) {
  std::string out;
  for (const auto& member : object.members()) {
    std::vector<Names> inner;
    bool whole = false;
    for (const Names& path : paths) {
      if (path[0] != member.name.to_string()) continue;
      if (path.size() == 1) whole = true;
      inner.emplace_back(path.begin() + 1, path.end());
    }
    if (inner.empty()) continue;
    const auto text = whole ? std::optional(member.value.to_json()) : included(member.value, inner);
    if (!text) continue;
    if (!out.empty()) out += ',';
    out += member.name.to_json() + ":" + *text;
  }
  return out;
}

std::optional<std::string> included(const Value& value, const std::vector<Names>& paths) {
  if (is_map(value)) return "{" + included_members(value, paths) + "}";
  if (!value.is_array()) return std::nullopt;
  std::string out;
  for (const Value& element : value.elements()) {
    const auto text = included(element, paths);
    if (text) out += (out.empty() ? "" : ",") + *text;
  }
  return "[" + out + "]";
}

std::string excluded(const Value& value, const std::vector<Names>& paths);

std::string excluded_members(const Value& object, const std::vector<Names>& paths) {
  std::string out;
  for (const auto& member : object.members()) {
    std::vector<Names> inner;
    bool gone = false;
    for (const Names& path : paths) {
      if (path[0] != member.name.to_string()) continue;
      if (path.size() == 1) gone = true;
      inner.emplace_back(path.begin() + 1, path.end());
    }
    if (gone) continue;
    if (!out.empty()) out += ',';
    out += member.name.to_json() + ":" +
           (inner.empty() ? member.value.to_json() : excluded(member.value, inner));
  }
  return out;
}

std::string excluded(const Value& value, const std::vector<Names>& paths) {
  if (is_map(value)) return "{" + excluded_members(value, paths) + "}";
  if (!value.is_array()) return value.to_json();
  std::string out;
  for (const Value& element : value.elements()) out += (out.empty() ? "" : ",") + excluded(element, paths);
  return "[" + out + "]";
}

std::string project(const Candidate& row, const Value& projection) {
  Arena arena;
  const Value document = Value::parse(arena, row.body).value();
  bool with_id = true;
  std::vector<Names> paths;
  std::optional<bool> inclusion;
  for (const auto& member : projection.members()) {
    const bool one = member.value.number_text() == "1";
    if (member.name.to_string() == "_id") {
      with_id = one;
      continue;
    }
    paths.push_back(names_of(member.name.to_string()));
    inclusion = one;
  }
  const bool only_id = projection.size() == 1 && paths.empty() && with_id;
  const std::string members =
      inclusion.value_or(only_id) ? included_members(document, paths) : excluded_members(document, paths);
  std::string out = "{";
  if (with_id) document::append_json_string(out += "\"_id\":", row.id);
  if (with_id && !members.empty()) out += ",";
  return out + members + "}";
}

}  // namespace

std::vector<std::string> naive_query(const std::map<std::string, std::string>& documents,
                                     const NaiveQuery& query) {
  Arena arena;
  const Value filter = Value::parse(arena, query.filter).value();
  const Value sort = Value::parse(arena, query.sort).value();
  const Value projection = Value::parse(arena, query.projection).value();
  const document::Collation* const collation = query.collation.get();
  std::vector<Candidate> rows;
  for (const auto& [id, body] : documents) {
    Value document = Value::parse(arena, body).value();
    document.set(arena, "_id", Value::string(arena, id));
    if (!document::testing::naive_matches(filter, document, collation)) continue;
    Candidate row{.id = id, .body = body, .sort_values = {}};
    for (const auto& key : sort.members()) {
      row.sort_values.push_back(
          sort_value(document, key.name.to_string(), key.value.number_text() == "-1", collation));
    }
    rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const Candidate& left, const Candidate& right) {
    for (std::size_t i = 0; i < sort.size(); ++i) {
      const auto order = document::compare_values(left.sort_values[i], right.sort_values[i], collation);
      if (order == 0) continue;
      return (sort.members()[i].value.number_text() == "-1") == (order > 0);
    }
    return false;
  });
  std::vector<std::string> out;
  for (std::size_t i = query.skip; i < rows.size(); ++i) {
    if (query.limit != 0 && out.size() == query.limit) break;
    out.push_back(project(rows[i], projection));
  }
  return out;
}

}  // namespace quire::query::testing
