#include "document/filter.h"

#include <algorithm>
#include <optional>

#include "document/filter_node.h"
#include "document/filter_program.h"
#include "document/json.h"
#include "document/regex.h"

namespace quire::document {

struct Filter::State {
  std::string text;
  Arena arena;
  FilterNode root;
  bool query = true;  // else the root's children are predicates without a path
  std::vector<std::string_view> names;
  std::shared_ptr<const Collation> collation;
  std::optional<FilterProgram> program;  // of a query
};

namespace {
void collect_names(const FilterNode& node, std::vector<std::string_view>& names) {
  if (!node.path.empty()) {
    names.push_back(node.path.steps()[0].name);
    return;
  }
  if (node.op > FilterOperator::none_of) return;
  for (const FilterNode& child : node.children) collect_names(child, names);
}

JsonLimits json_limits(const FilterLimits& limits) {
  JsonLimits json;
  json.document_bytes = limits.text_bytes;
  json.string_bytes = limits.text_bytes;
  // An operator and its operand are two containers each.
  json.depth = limits.depth * 3 + JsonLimits().depth;
  return json;
}
}  // namespace

Filter::Filter() {
  auto state = std::make_shared<State>();
  state->root.op = FilterOperator::all_of;
  state->program.emplace(state->root);
  state_ = std::move(state);
}

Result<Filter> Filter::parse_as(bool query, std::string_view json, const FilterLimits& limits,
                                std::shared_ptr<const Collation> collation) {
  auto state = std::make_shared<State>();
  QUIRE_TRY_STATUS(minify(json, json_limits(limits), state->text));
  QUIRE_TRY(const Value value, Value::parse(state->arena, state->text));
  state->query = query;
  QUIRE_TRY(state->root, parse_filter(query, value, limits, state->arena, collation));
  state->collation = std::move(collation);
  auto& names = state->names;
  collect_names(state->root, names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (query) state->program.emplace(state->root);
  return Filter(std::move(state));
}

Result<Filter> Filter::parse(std::string_view json, const FilterLimits& limits,
                             std::shared_ptr<const Collation> collation) {
  return parse_as(true, json, limits, std::move(collation));
}

Result<Filter> Filter::parse_predicates(std::string_view json, const FilterLimits& limits,
                                        std::shared_ptr<const Collation> collation) {
  return parse_as(false, json, limits, std::move(collation));
}

bool Filter::matches(const Value& document) const { return node_matches(state_->root, document); }

Result<bool> Filter::matches_text(std::string_view minified, std::string_view id, Arena& scratch) const {
  QUIRE_CHECK(state_->program.has_value(), "predicates without a path were asked about a document");
  return state_->program->matches(minified, id, scratch);
}

bool Filter::matches_value(const Value& value) const { return predicates_match(state_->root, value); }

bool Filter::matches_everything() const {
  return state_->root.op == FilterOperator::all_of && state_->root.children.empty();
}

const FilterNode& Filter::root() const { return state_->root; }

std::span<const std::string_view> Filter::top_level_names() const { return state_->names; }

const std::shared_ptr<const Collation>& Filter::collation() const { return state_->collation; }

std::string Filter::print() const {
  std::string out;
  if (state_->query) {
    print_query(state_->root, out);
  } else {
    print_predicates(state_->root.children, out);
  }
  return out;
}

}  // namespace quire::document
