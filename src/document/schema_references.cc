// $ref and $dynamicRef: from text to nodes.
#include <charconv>
#include <unordered_map>

#include "document/path.h"
#include "document/schema_compile.h"
#include "document/schema_uri.h"

namespace quire::document {

namespace {
// A step of a JSON Pointer without its escapes; nullopt where one is malformed.
std::optional<std::string> unescaped(std::string_view step) {
  std::string out;
  for (std::size_t at = 0; at < step.size(); ++at) {
    if (step[at] != '~') {
      out += step[at];
    } else {
      const char next = at + 1 < step.size() ? step[++at] : ' ';
      if (next != '0' && next != '1') return std::nullopt;
      out += next == '0' ? '~' : '/';
    }
  }
  return out;
}

// The member or element that a step leads to; null where there is none.
const Value* below(const Value& value, const std::string& step) {
  if (value.is_object()) return value.find(step);
  if (!value.is_array()) return nullptr;
  std::size_t index = 0;
  const auto parsed = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool number = parsed.ec == std::errc() && parsed.ptr == step.data() + step.size();
  const bool plain = number && (step.size() == 1 || step[0] != '0');
  return plain && index < value.size() ? &value.elements()[index] : nullptr;
}

// The schemas that look at the same value as this one does.
std::vector<const SchemaNode*> in_place(const SchemaNode& node) {
  std::vector<const SchemaNode*> out;
  const auto add = [&](const SchemaNode* one) {
    if (one != nullptr) out.push_back(one);
  };
  if (node.objects) {
    for (const DependentRule& rule : node.objects->dependents) add(rule.schema);
  }
  if (!node.combinations) return out;
  const Combinations& parts = *node.combinations;
  add(parts.reference);
  if (parts.dynamic_reference && parts.dynamic_reference->anchor == 0) add(parts.dynamic_reference->initial);
  for (const auto* list : {&parts.all_of, &parts.any_of, &parts.one_of}) {
    out.insert(out.end(), list->begin(), list->end());
  }
  for (const SchemaNode* one : {parts.negated, parts.condition, parts.consequence, parts.alternative}) add(one);
  return out;
}
}  // namespace

Error SchemaCompiler::unresolved(const PendingReference& pending, std::string message) const {
  const std::string_view keyword = pending.dynamic ? "$dynamicRef" : "$ref";
  return Error(ErrorCode::invalid, std::string(keyword) + ": " + std::move(message))
      .at(pending.node->pointer() + "/" + std::string(keyword));
}

Status SchemaCompiler::resolve_references() {
  for (std::size_t i = 0; i < pending_.size(); ++i) {  // what is walked on the way may add to it
    const PendingReference one = pending_[i];
    QUIRE_TRY(const Target found, target(one));
    Combinations& combinations = *one.node->combinations;
    if (one.dynamic) {
      combinations.dynamic_reference = DynamicReference{found.node, 0};
      pending_[i].anchor = found.dynamic_anchor;
    } else {
      combinations.reference = found.node;
    }
  }
  number_dynamic_anchors();
  return ok();
}

Result<SchemaCompiler::Target> SchemaCompiler::target(const PendingReference& pending) {
  const std::string uri = resolve_uri(resources_[pending.node->resource].uri, pending.text);
  const auto known = resource_of_uri_.find(uri);
  const bool own = pending.text.empty() || pending.text[0] == '#';
  if (!own && known == resource_of_uri_.end()) {
    return unresolved(pending, "leads to another document, and none is fetched; $defs can hold what it means");
  }
  const std::uint32_t resource = own ? pending.node->resource : known->second;
  const auto fragment = percent_decoded(split_uri(pending.text).fragment.value_or(""));
  if (!fragment) return unresolved(pending, "has a malformed escape");

  Target found;
  if (fragment->empty() || (*fragment)[0] == '/') {
    QUIRE_TRY(found.node, at_pointer(pending, resource, *fragment));
    return found;
  }
  const Resource& in = resources_[resource];
  if (const auto dynamic = in.dynamic_anchors.find(*fragment); dynamic != in.dynamic_anchors.end()) {
    found = {dynamic->second, *fragment};
  }
  if (const auto anchor = in.anchors.find(*fragment); anchor != in.anchors.end()) found = {anchor->second, ""};
  if (found.node == nullptr) return unresolved(pending, "leads to an anchor that is not there");
  return found;
}

Result<SchemaNode*> SchemaCompiler::at_pointer(const PendingReference& pending, std::uint32_t resource,
                                               std::string_view pointer) {
  const Value* json = resources_[resource].json;
  const SchemaNode* nearest = node_of_[json];
  std::size_t begin_of_step = 0;  // behind the nearest schema
  for (std::size_t at = 0; at < pointer.size();) {
    const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
    const auto step = unescaped(pointer.substr(at + 1, end - at - 1));
    json = step ? below(*json, *step) : nullptr;
    if (json == nullptr) return unresolved(pending, "leads to a place that is not there");
    at = end;
    if (const auto known = node_of_.find(json); known != node_of_.end()) {
      nearest = known->second;
      begin_of_step = at;
    }
  }
  if (begin_of_step == pointer.size()) return node_of_[json];
  return schema(*json, nearest, std::string(pointer.substr(begin_of_step)), nearest->resource);
}

// Gives the dynamic anchors numbers, and says of each dynamic reference whether the way to it decides: where
// its anchor stands in more than one resource.
void SchemaCompiler::number_dynamic_anchors() {
  struct Anchor {
    std::uint32_t number;
    std::uint32_t places;
  };
  std::map<std::string, Anchor, std::less<>> anchors;
  state_.resources.resize(resources_.size());
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    for (const auto& [name, node] : resources_[i].dynamic_anchors) {
      Anchor& anchor = anchors.try_emplace(name, static_cast<std::uint32_t>(anchors.size()) + 1, 0).first->second;
      ++anchor.places;
      state_.resources[i].dynamic_anchors.emplace_back(anchor.number, node);
    }
  }
  for (const PendingReference& one : pending_) {
    if (!one.dynamic || one.anchor.empty()) continue;
    const Anchor& anchor = anchors.find(one.anchor)->second;
    if (anchor.places == 1) continue;
    one.node->combinations->dynamic_reference->anchor = anchor.number;
    state_.has_dynamic_references = true;
  }
}

// A schema that leads to itself without going into the document would never end. What dynamic references do
// is known only on the way, and is bounded there.
Status SchemaCompiler::refuse_endless_references() const {
  enum class Mark : std::uint8_t { fresh, open, done };
  struct Open {
    const SchemaNode* node;
    std::vector<const SchemaNode*> next;
  };
  std::unordered_map<const SchemaNode*, Mark> marks;
  std::vector<Open> open;
  for (const SchemaNode& start : state_.nodes) {
    if (!start.combinations || marks[&start] != Mark::fresh) continue;
    open.push_back({&start, in_place(start)});
    marks[&start] = Mark::open;
    while (!open.empty()) {
      Open& last = open.back();
      if (last.next.empty()) {
        marks[last.node] = Mark::done;
        open.pop_back();
        continue;
      }
      const SchemaNode* const next = last.next.back();
      last.next.pop_back();
      Mark& mark = marks[next];
      if (mark == Mark::open) {
        return Error(ErrorCode::invalid, "the schema leads to itself without end").at(next->pointer());
      }
      if (mark == Mark::done) continue;
      mark = Mark::open;
      open.push_back({next, in_place(*next)});
    }
  }
  return ok();
}

}  // namespace quire::document
