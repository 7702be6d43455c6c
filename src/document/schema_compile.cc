#include "document/schema_compile.h"

#include <algorithm>

#include "document/path.h"
#include "document/schema_pattern.h"
#include "document/schema_uri.h"

namespace quire::document {

namespace {
// "$anchor" and "$dynamicAnchor" (the specification, 8.2.2).
bool is_anchor(std::string_view text) {
  const auto letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  if (text.empty() || (!letter(text[0]) && text[0] != '_')) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

// Whether a node has a rule; its place alone is none.
bool has_rules(const SchemaNode& node) {
  return node.types != 0 || node.bson_types != 0 || node.values || node.numbers || node.strings ||
         node.arrays || node.objects || node.combinations || node.unevaluated_items != nullptr ||
         node.unevaluated_properties != nullptr;
}
}  // namespace

void append_pointer_step(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string SchemaNode::pointer() const {
  std::vector<std::string_view> steps;
  for (const SchemaNode* node = this; node != nullptr; node = node->parent) steps.push_back(node->step);
  std::string pointer;
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) pointer += *it;
  return pointer;
}

std::string_view SchemaNode::keyword() const {
  if (step.empty()) return {};
  const std::string_view path = step;
  return path.substr(1, path.find('/', 1) - 1);
}

Status compile_schema(const SchemaOptions& options, Schema::State& state) {
  return SchemaCompiler(options, state).compile();
}

Status SchemaCompiler::compile() {
  resources_.push_back({"", &state_.json, {}, {}});
  resource_of_uri_.emplace("", 0);
  QUIRE_TRY(state_.root, schema(state_.json, nullptr, "", 0));
  QUIRE_TRY_STATUS(resolve_references());
  return refuse_endless_references();
}

Result<SchemaNode*> SchemaCompiler::schema(const Value& json, const SchemaNode* parent, std::string step,
                                           std::uint32_t resource) {
  SchemaNode& node = state_.nodes.emplace_back();
  node.parent = parent;
  node.step = std::move(step);
  node.resource = resource;
  if (state_.nodes.size() > options_.nodes) {
    return Error(ErrorCode::too_large, "a schema holds too many schemas").at(node.pointer()).over(options_.nodes);
  }
  if (json.is_boolean()) {
    node.kind = json.as_boolean() ? SchemaNode::Kind::always : SchemaNode::Kind::never;
  } else if (is_plain_object(json)) {
    QUIRE_TRY_STATUS(keywords(node, json));
    if (!has_rules(node)) node.kind = SchemaNode::Kind::always;
  } else {
    return Error(ErrorCode::invalid, "a schema must be an object, true or false").at(node.pointer());
  }
  node_of_.emplace(&json, &node);
  return &node;
}

Status SchemaCompiler::keywords(SchemaNode& node, const Value& json) {
  Draft draft{node, json, ""};
  QUIRE_TRY_STATUS(identify(draft));
  std::string scratch;
  for (const Member& member : json.members()) {
    const Keyword* const keyword = find_keyword(member.name.string(scratch));
    if (keyword == nullptr) continue;
    draft.keyword = keyword->name;
    QUIRE_TRY_STATUS((this->*keyword->handler)(draft, member.value));
  }
  return ok();
}

// $id, $anchor and $dynamicAnchor, before anything that depends on them.
Status SchemaCompiler::identify(Draft& draft) {
  if (const Value* const id = draft.json.find("$id")) {
    draft.keyword = "$id";
    if (!id->is_string()) return invalid(draft, "must be a string");
    const std::string text = id->to_string();
    const auto fragment = split_uri(text).fragment;
    if (fragment && !fragment->empty()) return invalid(draft, "must not have a fragment; $anchor names a part");
    QUIRE_TRY_STATUS(begin_resource(draft, resolve_uri(resources_[draft.node.resource].uri, text)));
  }
  for (const std::string_view keyword : {"$anchor", "$dynamicAnchor"}) {
    const Value* const anchor = draft.json.find(keyword);
    if (anchor == nullptr) continue;
    draft.keyword = keyword;
    const std::string name = anchor->is_string() ? anchor->to_string() : "";
    if (!is_anchor(name)) {
      return invalid(draft, "must be a name of letters, digits, \"-\", \"_\" and \".\", a letter or \"_\" first");
    }
    Resource& resource = resources_[draft.node.resource];
    const bool dynamic = keyword == "$dynamicAnchor";
    if (resource.dynamic_anchors.contains(name) || resource.anchors.contains(name)) return invalid(draft, "names an anchor that there is already");
    (dynamic ? resource.dynamic_anchors : resource.anchors).emplace(name, &draft.node);
  }
  return ok();
}

Status SchemaCompiler::begin_resource(Draft& draft, std::string uri) {
  if (draft.node.parent == nullptr) {
    resources_[0].uri = uri;
    resource_of_uri_.emplace(std::move(uri), 0);
    return ok();
  }
  const auto number = static_cast<std::uint32_t>(resources_.size());
  if (!resource_of_uri_.emplace(uri, number).second) {
    return invalid(draft, "is the name of another part of the schema, too");
  }
  draft.node.resource = number;
  resources_.push_back({std::move(uri), &draft.json, {}, {}});
  return ok();
}

// The schema that is the keyword's value.
Result<const SchemaNode*> SchemaCompiler::child(Draft& draft, const Value& json) {
  std::string step;
  append_pointer_step(step, draft.keyword);
  QUIRE_TRY(const SchemaNode* const made, schema(json, &draft.node, std::move(step), draft.node.resource));
  return made;
}

// The schemas that are the elements, or the members, of the keyword's value.
Result<SchemaCompiler::List> SchemaCompiler::children(Draft& draft, const Value& json) {
  List made;
  std::string scratch;
  for (std::size_t i = 0; i < json.size(); ++i) {
    std::string step;
    append_pointer_step(step, draft.keyword);
    append_pointer_step(step, json.is_array() ? std::to_string(i) : json.members()[i].name.string(scratch));
    const Value& inner = json.is_array() ? json.elements()[i] : json.members()[i].value;
    QUIRE_TRY(const SchemaNode* const one, schema(inner, &draft.node, std::move(step), draft.node.resource));
    made.push_back(one);
  }
  return made;
}

Error SchemaCompiler::invalid(const Draft& draft, std::string message) const {
  std::string pointer = draft.node.pointer();
  append_pointer_step(pointer, draft.keyword);
  return Error(ErrorCode::invalid, std::string(draft.keyword) + ": " + std::move(message)).at(std::move(pointer));
}

// The string, for as long as the schema lives.
std::string_view SchemaCompiler::kept_text(const Value& string) {
  std::string scratch;
  const std::string_view text = string.string(scratch);
  return text.data() == scratch.data() ? state_.arena.copy(text) : text;
}

Result<std::shared_ptr<const Regex>> SchemaCompiler::pattern(const Draft& draft, std::string_view text) {
  if (const auto found = patterns_.find(text); found != patterns_.end()) return found->second;
  if (text.size() > options_.pattern_bytes) {
    return Error(ErrorCode::too_large, "a pattern is too long")
        .at(invalid(draft, "").field())
        .over(options_.pattern_bytes);
  }
  if (patterns_.size() == options_.patterns) {
    return Error(ErrorCode::too_large, "a schema has too many patterns")
        .at(invalid(draft, "").field())
        .over(options_.patterns);
  }
  auto compiled = compile_pattern(text);
  if (!compiled) return invalid(draft, compiled.error().message());
  patterns_.emplace(text, *compiled);
  return *compiled;
}

}  // namespace quire::document
