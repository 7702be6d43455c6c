#include "api/couch/index_design.h"

#include <utility>

#include "api/couch/error.h"
#include "api/couch/mango.h"
#include "api/json_out.h"

// What counts of a view is its `map`, as in CouchDB; `options` is for those who show it.

namespace quire::api::couch {

namespace {

using document::Arena;
using document::Value;

constexpr std::string_view kPartial = "partial_filter_selector";

const Value* views_of(const Value& root) {
  const Value* const language = root.find("language");
  if (language == nullptr || !language->is_string_equal_to("query")) return nullptr;
  return root.find("views");
}

Result<std::vector<SortField>> asked_fields(const Value& index) {
  const Value* const fields = index.find("fields");
  if (fields == nullptr || fields->size() == 0) {
    return refusal(ErrorCode::invalid, "missing_required_key", "Missing required key: fields");
  }
  return read_sort(*fields);
}

Result<std::vector<SortField>> mapped_fields(const Value& fields) {
  std::vector<SortField> read;
  for (const document::Member& member : fields.members()) {
    const bool falls = member.value.is_string_equal_to("desc");
    if (!falls && !member.value.is_string_equal_to("asc")) {
      return refusal(
          ErrorCode::invalid, "invalid_sort_json",
          "Fields of an index are \"asc\" or \"desc\". Invalid: " + fields.to_json().substr(0, 100));
    }
    read.push_back({member.name.to_string(), falls});
  }
  return read;
}

Result<std::string> print_definition(const std::vector<SortField>& fields, const Value* partial) {
  std::string text = "{\"keys\":[";
  Separator separator;
  for (const SortField& field : fields) {
    separator.before(text);
    document::append_json_string(text += "{", field.path);
    text += field.descending ? ":-1}" : ":1}";
  }
  text += "]";
  if (partial != nullptr && partial->size() != 0) {
    QUIRE_TRY(const std::string filter, to_filter(*partial));
    text += ",\"partial\":" + filter;
  }
  return text + "}";
}

Result<std::string> mapped_definition(const Value& map) {
  QUIRE_TRY(const auto fields, mapped_fields(*map.find("fields")));
  return print_definition(fields, map.find(kPartial));
}

std::string print_view(const std::vector<SortField>& fields, const Value& index) {
  const Value* const given = index.find(kPartial);
  const Value* const partial = given != nullptr && given->is_object() ? given : nullptr;
  std::string view = "{\"map\":{\"fields\":{";
  Separator separator;
  for (const SortField& field : fields) {
    separator.before(view);
    document::append_json_string(view, field.path);
    view += field.descending ? ":\"desc\"" : ":\"asc\"";
  }
  view += "},\"partial_filter_selector\":" + (partial == nullptr ? "{}" : partial->to_json());
  view += "},\"reduce\":\"_count\",\"options\":{\"def\":{\"fields\":" + index.find("fields")->to_json();
  if (partial != nullptr) view += ",\"partial_filter_selector\":" + partial->to_json();
  return view + "}}}";
}

}  // namespace

std::string index_name(std::string_view design, std::string_view name) {
  if (design.empty() || design == name) return std::string(name);
  return std::string(design).append(":").append(name);
}

Result<std::string> index_definition(const Value& index) {
  QUIRE_TRY(const auto fields, asked_fields(index));
  return print_definition(fields, index.find(kPartial));
}

std::vector<DesignIndex> indexes_in(std::string_view id, std::string_view body) {
  std::vector<DesignIndex> indexes;
  Arena arena;
  const auto root = Value::parse(arena, body);
  const Value* const views = root ? views_of(*root) : nullptr;
  if (views == nullptr || !views->is_object()) return indexes;
  const std::string_view design = id.substr(std::string_view("_design/").size());
  for (const document::Member& view : views->members()) {
    const Value* const map = view.value.find("map");
    const Value* const fields = map == nullptr ? nullptr : map->find("fields");
    if (fields == nullptr || !fields->is_object()) continue;
    indexes.push_back({index_name(design, view.name.to_string()), mapped_definition(*map)});
  }
  return indexes;
}

Result<std::string> with_index(std::string_view body, std::string_view name, const Value& index) {
  QUIRE_TRY(const auto fields, asked_fields(index));
  Arena arena;
  const std::string text = print_view(fields, index);
  QUIRE_TRY(const Value view, Value::parse(arena, text));
  QUIRE_TRY(Value root, Value::parse(arena, body.empty() ? R"({"language":"query","views":{}})" : body));
  const Value* const language = root.find("language");
  if (language == nullptr || !language->is_string_equal_to("query")) {
    const std::string other = language == nullptr ? "none" : language->to_json().substr(0, 64);
    return refusal(ErrorCode::invalid, "invalid_ddoc_lang",
                   "Existing design doc has an invalid language: " + other);
  }
  Value* views = root.find_mutable("views");
  if (views == nullptr || !views->is_object()) views = &root.set(arena, "views", Value::object());
  views->set(arena, name, view);
  return root.to_json();
}

std::optional<std::string> without_index(std::string_view body, std::string_view name) {
  Arena arena;
  auto root = Value::parse(arena, body);
  if (!root || views_of(*root) == nullptr) return std::nullopt;
  Value* const views = root->find_mutable("views");
  if (!views->erase(name)) return std::nullopt;
  if (views->size() == 0) root->erase("views");
  // Only its language is left.
  return root->size() == 1 ? std::string() : root->to_json();
}

}  // namespace quire::api::couch
