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

// A value that documents are sorted by. Nothing stands for an array that has no elements.
using SortValue = std::optional<Value>;
using Tuple = std::vector<SortValue>;

struct Candidate {
  std::string id;
  std::string body;
  Tuple sort_values;
};

// How far along its names a path has come.
struct Way {
  const Value* value;  // null: there is none
  std::size_t gone = 0;
  bool whole = false;  // an array here stands for itself

  bool ends(const Names& names) const { return gone == names.size(); }
  bool stops() const { return value != nullptr && value->is_array() && !whole; }
};

// Up to the first array whose elements the path does not name by their place.
void walk(Way& way, const Names& names) {
  while (way.value != nullptr && !way.ends(names)) {
    const std::string& name = names[way.gone];
    const Value& here = *way.value;
    const Value* next = is_map(here) ? here.find(name) : nullptr;
    if (here.is_array()) {
      for (std::size_t i = 0; i < here.size(); ++i) {
        if (name == std::to_string(i)) next = &here.elements()[i];
      }
      const bool place = name.find_first_not_of("0123456789") == std::string::npos;
      const auto elements = here.elements();
      if (next == nullptr && (!place || std::any_of(elements.begin(), elements.end(), is_map))) return;
      way.whole = way.gone + 1 == names.size();
    }
    way.value = next;
    ++way.gone;
  }
}

Way step_into(const Way& way, const Names& names, const Value& element) {
  if (way.ends(names)) return {&element, way.gone, true};
  return {is_map(element) ? &element : nullptr, way.gone};
}

// The tuples of a document: one an element of the array that its paths go through. False: they go through two
// side by side.
bool add_tuples(std::vector<Way> ways, const std::vector<Names>& paths, std::vector<Tuple>& out) {
  const Value* array = nullptr;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    walk(ways[i], paths[i]);
    if (!ways[i].stops()) continue;
    if (array != nullptr && array != ways[i].value) return false;
    array = ways[i].value;
  }
  if (array == nullptr || array->size() == 0) {
    Tuple tuple;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const bool empty = ways[i].stops();
      const bool known = ways[i].value != nullptr && !empty;
      tuple.push_back(empty && ways[i].ends(paths[i]) ? SortValue() : known ? *ways[i].value : Value());
    }
    out.push_back(std::move(tuple));
    return true;
  }
  return std::all_of(array->elements().begin(), array->elements().end(), [&](const Value& element) {
    std::vector<Way> inner = ways;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (ways[i].stops()) inner[i] = step_into(ways[i], paths[i], element);
    }
    return add_tuples(std::move(inner), paths, out);
  });
}

class TupleOrder {
 public:
  TupleOrder(const Value& sort, const document::Collation* collation) : sort_(sort), collation_(collation) {}

  bool operator()(const Tuple& left, const Tuple& right) const {
    for (std::size_t i = 0; i < sort_.size(); ++i) {
      const auto order = compare(left[i], right[i]);
      if (order != 0) return (sort_.members()[i].value.number_text() == "-1") == (order > 0);
    }
    return false;
  }

 private:
  std::weak_ordering compare(const SortValue& left, const SortValue& right) const {
    if (left && right) return document::compare_values(*left, *right, collation_);
    return left.has_value() <=> right.has_value();
  }

  const Value& sort_;
  const document::Collation* const collation_;
};

// By the first of its tuples.
std::optional<Tuple> sort_values_of(const Value& document, const Value& sort, const TupleOrder& order) {
  std::vector<Names> paths;
  for (const auto& key : sort.members()) paths.push_back(names_of(key.name.to_string()));
  std::vector<Tuple> tuples;
  if (!add_tuples(std::vector<Way>(paths.size(), Way{&document}), paths, tuples)) return std::nullopt;
  return *std::min_element(tuples.begin(), tuples.end(), order);
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

std::optional<std::vector<std::string>> naive_query(const std::map<std::string, std::string>& documents,
                                                    const NaiveQuery& query) {
  Arena arena;
  const Value filter = Value::parse(arena, query.filter).value();
  const Value sort = Value::parse(arena, query.sort).value();
  const Value projection = Value::parse(arena, query.projection).value();
  const document::Collation* const collation = query.collation.get();
  const TupleOrder order(sort, collation);
  std::vector<Candidate> rows;
  for (const auto& [id, body] : documents) {
    Value document = Value::parse(arena, body).value();
    document.set(arena, "_id", Value::string(arena, id));
    if (!document::testing::naive_matches(filter, document, collation)) continue;
    auto values = sort_values_of(document, sort, order);
    if (!values) return std::nullopt;
    rows.push_back({.id = id, .body = body, .sort_values = *std::move(values)});
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const Candidate& left, const Candidate& right) {
    return order(left.sort_values, right.sort_values);
  });
  std::vector<std::string> out;
  for (std::size_t i = query.skip; i < rows.size(); ++i) {
    if (query.limit != 0 && out.size() == query.limit) break;
    out.push_back(project(rows[i], projection));
  }
  return out;
}

}  // namespace quire::query::testing
