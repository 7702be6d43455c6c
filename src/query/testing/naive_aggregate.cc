#include "query/testing/naive_aggregate.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/check.h"
#include "document/testing/naive_filter.h"

namespace quire::query::testing {

namespace {
using Found = std::optional<Json>;
using Documents = std::vector<Json>;

int rank(const Json& value) {
  if (value.is_null()) return 0;
  if (value.is_boolean()) return 1;
  if (value.is_number()) return 2;
  if (value.is_string()) return 3;
  return value.is_array() ? 4 : 5;
}

int sign(double difference) { return difference < 0 ? -1 : difference > 0 ? 1 : 0; }

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == '.') {
      steps.emplace_back();
    } else {
      steps.back() += c;
    }
  }
  return steps;
}

// A path in an expression: arrays on the way give arrays.
Found at_path(const Json& value, const std::vector<std::string>& steps, std::size_t from = 0) {
  if (from == steps.size()) return value;
  if (value.is_array()) {
    Json all = Json::array();
    for (const Json& element : value) {
      if (!element.is_object()) continue;
      if (const Found one = at_path(element, steps, from)) all.push_back(*one);
    }
    return all;
  }
  if (!value.is_object() || !value.contains(steps[from])) return std::nullopt;
  return at_path(value[steps[from]], steps, from + 1);
}

bool truth(const Found& value) {
  if (!value || value->is_null()) return false;
  if (value->is_boolean()) return value->get<bool>();
  return !value->is_number() || value->get<double>() != 0;
}

Json number(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? Json(whole) : Json(value);
}

Found evaluate(const Json& expression, const Json& document);

Found call(const std::string& name, const Json& operand, const Json& document) {
  if (name == "$literal") return operand;
  std::vector<Found> arguments;
  for (const Json& one : operand.is_array() ? operand : Json::array({operand}))
    arguments.push_back(evaluate(one, document));
  const auto nothing = [](const Found& one) { return !one || one->is_null(); };
  const bool any = std::any_of(arguments.begin(), arguments.end(), nothing);
  if (name == "$cond") return arguments[truth(arguments[0]) ? 1 : 2];
  if (name == "$ifNull") return nothing(arguments[0]) ? arguments[1] : arguments[0];
  if (name == "$eq" || name == "$gt") {
    const auto& left = arguments[0];
    const auto& right = arguments[1];
    const int order =
        left && right ? naive_compare(*left, *right) : int(left.has_value()) - int(right.has_value());
    return Json(name == "$eq" ? order == 0 : order > 0);
  }
  if (name == "$in") {
    const auto same = [&](const Json& one) { return naive_compare(one, *arguments[0]) == 0; };
    return Json(arguments[0] && std::any_of(arguments[1]->begin(), arguments[1]->end(), same));
  }
  if (name == "$isArray") return Json(arguments[0] && arguments[0]->is_array());
  if (name == "$type") return Json(arguments[0] ? "some" : "missing");
  if (any) return Json(nullptr);
  if (name == "$toString")
    return Json(arguments[0]->is_string() ? *arguments[0] : Json(arguments[0]->dump()));
  QUIRE_CHECK(false, "the naive evaluator does not know this function");
}

Found evaluate(const Json& expression, const Json& document) {
  if (expression.is_string()) {
    const auto text = expression.get<std::string>();
    if (text == "$$ROOT") return document;
    return text.starts_with("$") ? at_path(document, split(text.substr(1))) : Found(expression);
  }
  if (expression.is_array()) {
    Json all = Json::array();
    for (const Json& one : expression) all.push_back(evaluate(one, document).value_or(Json(nullptr)));
    return all;
  }
  if (!expression.is_object() || expression.empty()) return expression;
  const auto first = expression.begin();
  if (first.key().starts_with("$")) return call(first.key(), first.value(), document);
  Json object = Json::object();
  for (const auto& [name, part] : expression.items()) {
    if (const Found value = evaluate(part, document)) object[name] = *value;
  }
  return object;
}

Json accumulate(const std::string& kind, const Json& operand, const Documents& group) {
  std::vector<Found> values;
  for (const Json& document : group)
    values.push_back(kind == "$count" ? Found(1) : evaluate(operand, document));
  if (kind == "$first") return values.front().value_or(Json(nullptr));
  if (kind == "$last") return values.back().value_or(Json(nullptr));
  Json list = Json::array();
  double sum = 0;
  int numbers = 0;
  Json extreme = nullptr;
  for (const Found& value : values) {
    if (!value) continue;
    const auto same = [&](const Json& other) { return naive_compare(other, *value) == 0; };
    if (kind == "$push" || (kind == "$addToSet" && std::none_of(list.begin(), list.end(), same)))
      list.push_back(*value);
    if (value->is_number()) {
      sum += value->get<double>();
      ++numbers;
    }
    if (value->is_null()) continue;
    const int order = extreme.is_null() ? 0 : naive_compare(*value, extreme);
    if (extreme.is_null() || (kind == "$min" ? order < 0 : order > 0)) extreme = *value;
  }
  if (kind == "$push" || kind == "$addToSet") return list;
  if (kind == "$min" || kind == "$max") return extreme;
  if (kind == "$avg") return numbers == 0 ? Json(nullptr) : number(sum / numbers);
  return number(sum);
}

Documents group(const Json& definition, const Documents& input) {
  std::vector<std::pair<Json, Documents>> groups;
  for (const Json& document : input) {
    const Json key = evaluate(definition["_id"], document).value_or(Json(nullptr));
    const auto same = [&](const auto& one) { return naive_compare(one.first, key) == 0; };
    auto known = std::find_if(groups.begin(), groups.end(), same);
    if (known == groups.end()) known = groups.insert(known, std::pair<Json, Documents>(key, Documents()));
    known->second.push_back(document);
  }
  Documents output;
  for (const auto& [key, members] : groups) {
    Json made = Json::object();
    made["_id"] = key;
    for (const auto& [name, use] : definition.items()) {
      if (name != "_id") made[name] = accumulate(use.begin().key(), use.begin().value(), members);
    }
    output.push_back(made);
  }
  return output;
}

// The values a join sees in the documents that it looks among; null for what is missing. An array at the end
// is one of them, besides its elements.
void values_at(const Json& value, const std::vector<std::string>& steps, std::size_t from, Documents& out) {
  if (value.is_array() && from < steps.size()) {
    for (const Json& element : value) {
      if (element.is_object()) values_at(element, steps, from, out);
    }
  } else if (from == steps.size()) {
    if (value.is_array()) out.insert(out.end(), value.begin(), value.end());
    out.push_back(value);
  } else if (value.is_object() && value.contains(steps[from])) {
    values_at(value[steps[from]], steps, from + 1, out);
  } else {
    out.push_back(nullptr);
  }
}

// What a document is sorted by, of which each value is nothing for an array without elements.
using JsonTuple = std::vector<Found>;

// The tuples of a document, by paths of one step: one an element of the array that stands at some of them, if
// one does. Nothing: several do.
std::optional<std::vector<JsonTuple>> tuples_of(const Json& definition, const Json& document) {
  JsonTuple plain;
  const Json* array = nullptr;
  std::size_t at = 0;
  for (const auto& [name, direction] : definition.items()) {
    const bool known = document.contains(name);
    if (known && document[name].is_array()) {
      if (array != nullptr) return std::nullopt;
      array = &document[name];
      at = plain.size();
    }
    plain.push_back(known ? document[name] : Json(nullptr));
  }
  if (array == nullptr) return std::vector<JsonTuple>{plain};
  if (array->empty()) plain[at].reset();
  std::vector<JsonTuple> tuples(std::max<std::size_t>(array->size(), 1), plain);
  for (std::size_t i = 0; i < array->size(); ++i) tuples[i][at] = (*array)[i];
  return tuples;
}

bool is_before(const Json& definition, const JsonTuple& left, const JsonTuple& right) {
  std::size_t at = 0;
  for (const auto& [name, direction] : definition.items()) {
    const Found& one = left[at];
    const Found& other = right[at++];
    const int order =
        one && other ? naive_compare(*one, *other) : int(one.has_value()) - int(other.has_value());
    if (order != 0) return direction == 1 ? order < 0 : order > 0;
  }
  return false;
}

// False: some document has arrays side by side.
bool sort(const Json& definition, Documents& documents) {
  const auto before = [&](const JsonTuple& left, const JsonTuple& right) {
    return is_before(definition, left, right);
  };
  std::vector<std::pair<JsonTuple, Json>> rows;
  for (const Json& document : documents) {
    const auto tuples = tuples_of(definition, document);
    if (!tuples) return false;
    rows.emplace_back(*std::min_element(tuples->begin(), tuples->end(), before), document);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const auto& left, const auto& right) { return before(left.first, right.first); });
  std::transform(rows.begin(), rows.end(), documents.begin(), [](const auto& row) { return row.second; });
  return true;
}

// Members of the document itself only.
Json project(const Json& definition, const Json& document) {
  const auto off = [](const Json& one) { return one == 0 || one == false; };
  bool excludes = true;
  for (const auto& [name, use] : definition.items()) excludes &= off(use);
  Json made = Json::object();
  for (const auto& [name, value] : document.items()) {
    const bool named = definition.contains(name);
    const bool stays = named && (definition[name] == 1 || definition[name] == true);
    if (excludes ? !named : stays || (name == "_id" && !named)) made[name] = value;
  }
  for (const auto& [name, use] : definition.items()) {
    if (use.is_number() || use.is_boolean()) continue;
    if (const Found value = evaluate(use, document)) made[name] = *value;
  }
  return made;
}

Json add_fields(const Json& definition, const Json& document) {
  Json made = document;
  for (const auto& [name, use] : definition.items()) {
    if (const Found value = evaluate(use, document)) {
      made[name] = *value;
    } else {
      made.erase(name);
    }
  }
  return made;
}

Documents unwind(const Json& definition, const Documents& input) {
  const bool plain = definition.is_string();
  const std::string name = (plain ? definition : definition["path"]).get<std::string>().substr(1);
  const bool preserve = !plain && definition.value("preserveNullAndEmptyArrays", false);
  const std::string index = plain ? "" : definition.value("includeArrayIndex", "");
  Documents output;
  const auto give = [&](Json document, const Json& at) {
    if (!index.empty()) document[index] = at;
    output.push_back(std::move(document));
  };
  for (const Json& document : input) {
    if (document.contains(name) && document[name].is_array() && !document[name].empty()) {
      for (std::size_t i = 0; i < document[name].size(); ++i) {
        Json one = document;
        one[name] = document[name][i];
        give(one, i);
      }
      continue;
    }
    const bool empty = document.contains(name) && document[name].is_array();
    const bool nothing = !document.contains(name) || document[name].is_null() || empty;
    if (nothing && !preserve) continue;
    Json one = document;
    if (empty) one.erase(name);
    give(one, nullptr);
  }
  return output;
}

bool joins(const Json& local, const Json& foreign) {
  return (local.is_array() || foreign.is_array()) ? local == foreign : naive_compare(local, foreign) == 0;
}

Json lookup(const Json& definition, const Json& document, const JsonCollections& collections) {
  const Json value = at_path(document, split(definition["localField"])).value_or(Json(nullptr));
  Json wanted = value.is_array() ? value : Json::array({value});
  if (wanted.empty()) wanted.push_back(nullptr);
  Json found = Json::array();
  const auto known = collections.find(definition["from"]);
  for (const Json& foreign : known == collections.end() ? Documents() : known->second) {
    Documents values;
    values_at(foreign, split(definition["foreignField"]), 0, values);
    const bool matches = std::any_of(wanted.begin(), wanted.end(), [&](const Json& one) {
      return std::any_of(values.begin(), values.end(), [&](const Json& other) { return joins(one, other); });
    });
    if (matches) found.push_back(foreign);
  }
  Json made = document;
  made[definition["as"].get<std::string>()] = found;
  return made;
}

bool matches(const Json& filter, const Json& document) {
  document::Arena arena;
  const std::string filter_text = filter.dump();
  const std::string document_text = document.dump();
  return document::testing::naive_matches(*document::Value::parse(arena, filter_text),
                                          *document::Value::parse(arena, document_text));
}

template <class Function>
Documents each(const Documents& input, const Function& function) {
  Documents output;
  for (const Json& document : input) output.push_back(function(document));
  return output;
}
}  // namespace

int naive_compare(const Json& left, const Json& right) {
  if (rank(left) != rank(right)) return rank(left) < rank(right) ? -1 : 1;
  if (left.is_boolean()) return int(left.get<bool>()) - int(right.get<bool>());
  if (left.is_number()) return sign(left.get<double>() - right.get<double>());
  if (left.is_string()) return sign(left.get<std::string>().compare(right.get<std::string>()));
  auto a = left.begin();
  auto b = right.begin();
  for (; a != left.end() && b != right.end(); ++a, ++b) {
    if (left.is_object()) {
      if (rank(*a) != rank(*b)) return sign(rank(*a) - rank(*b));
      if (const int order = a.key().compare(b.key()); order != 0) return sign(order);
    }
    if (const int order = naive_compare(*a, *b); order != 0) return order;
  }
  return left.size() == right.size() ? 0 : left.size() < right.size() ? -1 : 1;
}

std::optional<Documents> naive_aggregate(const Json& pipeline, Documents rows,
                                         const JsonCollections& collections) {
  for (const Json& stage : pipeline) {
    const std::string name = stage.begin().key();
    const Json& use = stage.begin().value();
    if (name == "$match") {
      std::erase_if(rows, [&](const Json& row) { return !matches(use, row); });
    } else if (name == "$project") {
      rows = each(rows, [&](const Json& row) { return project(use, row); });
    } else if (name == "$addFields") {
      rows = each(rows, [&](const Json& row) { return add_fields(use, row); });
    } else if (name == "$sort") {
      if (!sort(use, rows)) return std::nullopt;
    } else if (name == "$limit") {
      rows.resize(std::min<std::size_t>(rows.size(), use));
    } else if (name == "$skip") {
      rows.erase(rows.begin(),
                 rows.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(rows.size(), use)));
    } else if (name == "$group") {
      rows = group(use, rows);
    } else if (name == "$sortByCount") {
      Json counting = Json::object();
      counting["_id"] = use;
      counting["count"] = Json::parse(R"({"$sum":1})");
      rows = group(counting, rows);
      sort(Json::parse(R"({"count":-1})"), rows);
    } else if (name == "$unwind") {
      rows = unwind(use, rows);
    } else if (name == "$lookup") {
      rows = each(rows, [&](const Json& row) { return lookup(use, row, collections); });
    } else if (name == "$unionWith") {
      const auto known = collections.find(use);
      if (known != collections.end()) rows.insert(rows.end(), known->second.begin(), known->second.end());
    } else if (name == "$count") {
      Json counted = Json::object();
      counted[use.get<std::string>()] = rows.size();
      rows = rows.empty() ? Documents() : Documents(1, counted);
    } else if (name == "$replaceWith") {
      rows = each(rows, [&](const Json& row) { return *evaluate(use, row); });
    } else {
      QUIRE_CHECK(false, "the naive evaluator does not know this stage");
    }
  }
  return rows;
}

}  // namespace quire::query::testing
