#include "api/couch/mango.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/couch/error.h"
#include "api/json_out.h"
#include "document/json.h"

// A selector becomes a list of clauses, all of which hold: {"PATH": {"$op": OPERAND}} each, so that no name
// stands twice in one object.

namespace quire::api::couch {

namespace {

using document::Value;
using Clauses = std::vector<std::string>;

Error bad_selector(std::string reason) {
  return refusal(ErrorCode::invalid, "invalid_selector_json", std::move(reason));
}
Error bad_operator(const std::string& name) {
  return refusal(ErrorCode::invalid, "invalid_operator", "Invalid operator: " + name);
}

constexpr std::array<std::string_view, 6> kAsTheyAre = {"$exists", "$size", "$mod", "$all", "$regex", "$in"};

bool is_operator(const std::string& name) { return name.starts_with('$'); }

bool has_operators(const Value& object) {
  return std::any_of(object.members().begin(), object.members().end(),
                     [](const document::Member& member) { return is_operator(member.name.to_string()); });
}

std::string joined(const Clauses& clauses) {
  if (clauses.empty()) return "{}";
  if (clauses.size() == 1) return clauses.front();
  std::string text = "{\"$and\":[";
  for (std::size_t i = 0; i < clauses.size(); ++i) text.append(i == 0 ? "" : ",").append(clauses[i]);
  return text + "]}";
}

std::string clause(const std::string& path, std::string_view op, std::string_view operand) {
  std::string text = "{";
  document::append_json_string(text, path);
  return text.append(":{\"").append(op).append("\":").append(operand).append("}}");
}

std::string nothing() { return R"({"_id":{"$in":[]}})"; }

// What begins with this text, as an expression.
std::string pattern_of(std::string_view text) {
  std::string pattern = "^";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                       (c >= 'A' && c <= 'Z') || c == '_' || c == ' ';
    if (!plain) pattern.push_back('\\');
    pattern.push_back(c);
  }
  std::string json;
  document::append_json_string(json, pattern);
  return json;
}

class Translation {
 public:
  explicit Translation(std::string_view prefix) : prefix_(prefix) {}

  Result<std::string> selector(const Value& value, const std::string& path) const {
    Clauses clauses;
    QUIRE_TRY_STATUS(add_selector(value, path, clauses));
    return joined(clauses);
  }

 private:
  Status add_selector(const Value& value, const std::string& path, Clauses& out) const {
    if (!value.is_object()) return bad_selector("Selector must be a JSON object");
    for (const document::Member& member : value.members()) {
      const std::string name = member.name.to_string();
      if (is_operator(name)) {
        QUIRE_TRY_STATUS(add_operator(name, member.value, path, out));
      } else {
        QUIRE_TRY_STATUS(add_member(member.value, path.empty() ? name : path + "." + name, out));
      }
    }
    return ok();
  }

  Status add_member(const Value& value, const std::string& path, Clauses& out) const {
    if (value.is_object() && value.size() != 0) return add_selector(value, path, out);
    return add_predicate("$eq", value, path, out);
  }

  Status add_operator(const std::string& name, const Value& value, const std::string& path,
                      Clauses& out) const {
    if (name == "$and" || name == "$or" || name == "$nor") return add_combination(name, value, path, out);
    if (name == "$not") {
      QUIRE_TRY(const std::string inner, selector(value, path));
      if (!path.empty()) out.push_back(clause(path, "$exists", "true"));
      out.push_back("{\"$nor\":[" + inner + "]}");
      return ok();
    }
    if (path.empty()) return bad_operator(name);
    return add_predicate(name, value, path, out);
  }

  Status add_combination(const std::string& name, const Value& list, const std::string& path,
                         Clauses& out) const {
    if (!list.is_array()) return bad_selector("Bad argument for operator " + name);
    if (list.size() == 0) {
      if (name == "$or") out.push_back(nothing());
      return ok();
    }
    std::string text = "{\"" + name + "\":[";
    Separator separator;
    for (const Value& one : list.elements()) {
      QUIRE_TRY(const std::string inner, selector(one, path));
      separator.before(text);
      text += inner;
    }
    out.push_back(text + "]}");
    return ok();
  }

  Status add_predicate(const std::string& name, const Value& value, const std::string& path,
                       Clauses& out) const {
    if (path == "_id" && !prefix_.empty()) return add_id(name, value, out);
    const std::string operand = value.to_json();
    const auto add = [&](std::string_view op, std::string_view with) {
      out.push_back(clause(path, op, with));
      return ok();
    };
    const auto there = [&] { out.push_back(clause(path, "$exists", "true")); };
    if (name == "$eq" || name == "$ne" || name == "$nin") {
      if (name != "$eq" || value.is_null()) there();
      return add(name, operand);
    }
    if (name == "$gt" || name == "$gte" || name == "$lt" || name == "$lte") {
      if (!value.is_null()) return add(name, operand);
      if (name == "$lt") return add("$in", "[]");
      there();
      if (name == "$gte") return ok();
      return add(name == "$gt" ? "$ne" : "$eq", "null");
    }
    if (std::find(kAsTheyAre.begin(), kAsTheyAre.end(), name) != kAsTheyAre.end()) return add(name, operand);
    if (name == "$type") return add(name, operand == "\"boolean\"" ? "\"bool\"" : operand);
    if (name == "$beginsWith") {
      if (!value.is_string()) return bad_selector("Bad argument for operator $beginsWith");
      return add("$regex", pattern_of(value.to_string()));
    }
    if (name == "$elemMatch" || name == "$allMatch") {
      if (!value.is_object()) return bad_selector("Bad argument for operator " + name);
      if (has_operators(value)) return add(name, operand);
      QUIRE_TRY(const std::string inner, selector(value, ""));
      return add(name, inner);
    }
    if (name == "$keyMapMatch") return add(name, operand);
    return bad_operator(name);
  }

  // Of a collection's documents: their ids are those behind the prefix.
  Status add_id(const std::string& name, const Value& value, Clauses& out) const {
    if (name == "$in" && value.is_array()) {
      std::string list = "[";
      Separator separator;
      for (const Value& one : value.elements()) {
        const std::string id = one.is_string() ? one.to_string() : std::string();
        if (!id.starts_with(prefix_)) continue;
        separator.before(list);
        document::append_json_string(list, std::string_view(id).substr(prefix_.size()));
      }
      out.push_back(clause("_id", "$in", list + "]"));
      return ok();
    }
    const bool upward = name == "$gt" || name == "$gte";
    const bool downward = name == "$lt" || name == "$lte";
    if (name == "$exists" || (value.is_null() && upward)) return ok();
    if (!value.is_string() || (!upward && !downward && name != "$eq")) {
      return bad_selector("`_id` takes $eq, $in and ranges where documents stand in collections");
    }
    const std::string id = value.to_string();
    if (id.starts_with(prefix_)) {
      std::string operand;
      document::append_json_string(operand, std::string_view(id).substr(prefix_.size()));
      out.push_back(clause("_id", name, operand));
      return ok();
    }
    const bool all = (upward && id < prefix_) || (downward && id > prefix_);
    if (!all) out.push_back(nothing());
    return ok();
  }

  const std::string_view prefix_;
};

// The parts of a path between its dots.
std::vector<std::string_view> steps_of(std::string_view path) {
  std::vector<std::string_view> steps;
  while (true) {
    const std::size_t dot = path.find('.');
    steps.push_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return steps;
    path.remove_prefix(dot + 1);
  }
}

const Value* find_at(const Value& value, const std::vector<std::string_view>& steps) {
  const Value* at = &value;
  for (const std::string_view step : steps) {
    at = at->find(step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace

Result<std::string> to_filter(const Value& selector, std::string_view prefix) {
  return Translation(prefix).selector(selector, "");
}

Result<std::vector<SortField>> read_sort(const Value& sort) {
  const Error bad = refusal(ErrorCode::invalid, "invalid_sort_json",
                            "Sort must be an array of sort specs. Invalid: " + sort.to_json().substr(0, 100));
  std::vector<SortField> fields;
  if (!sort.is_array()) return bad;
  for (const Value& one : sort.elements()) {
    if (one.is_string()) {
      fields.push_back({one.to_string(), false});
    } else if (one.is_object() && one.size() == 1) {
      const document::Member& member = one.members()[0];
      const bool falls = member.value.is_string_equal_to("desc");
      if (!falls && !member.value.is_string_equal_to("asc")) return bad;
      fields.push_back({member.name.to_string(), falls});
    } else {
      return bad;
    }
  }
  const bool mixed = std::any_of(fields.begin(), fields.end(), [&](const SortField& one) {
    return one.descending != fields.front().descending;
  });
  if (mixed) {
    return refusal(ErrorCode::invalid, "unsupported_mixed_sort",
                   "Sorts currently only support a single direction for all fields.");
  }
  return fields;
}

Result<std::string> pick_fields(std::string_view document, const std::vector<std::string>& paths) {
  document::Arena arena;
  QUIRE_TRY(const Value whole, Value::parse(arena, document));
  Value picked = Value::object();
  for (const std::string& path : paths) {
    const auto steps = steps_of(path);
    const Value* const found = find_at(whole, steps);
    if (found == nullptr) continue;
    Value* at = &picked;
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
      Value* next = at->find_mutable(steps[i]);
      if (next == nullptr) next = &at->set(arena, steps[i], Value::object());
      at = next;
      if (!at->is_object()) break;
    }
    if (at->is_object()) at->set(arena, steps.back(), *found);
  }
  return picked.to_json();
}

}  // namespace quire::api::couch
