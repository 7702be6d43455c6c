#include "query/conjuncts.h"

#include <algorithm>

#include "document/filter_node.h"

namespace quire::query {

using document::FilterNode;
using document::FilterOperator;

namespace {

bool has_null(const Bounds& bounds) {
  static const std::string null = [] {
    std::string key;
    document::append_key(document::Value(), document::Direction::ascending, key);
    return key;
  }();
  return bounds.contains(null);
}

std::string text_of(const FilterNode& node) {
  std::string text;
  document::print_query(node, text);
  return text;
}

}  // namespace

bool compares_strings(const FilterNode& node) {
  const auto may_hold_strings = [](const auto& operand) {
    return operand->type() == document::Type::string || operand->type() == document::Type::array ||
           operand->type() == document::Type::object;
  };
  if (node.op != FilterOperator::type &&
      std::any_of(node.operands.begin(), node.operands.end(), may_hold_strings)) {
    return true;
  }
  return std::any_of(node.children.begin(), node.children.end(), compares_strings);
}

bool has_index_step(std::string_view path) {
  const auto parsed = document::Path::parse(path, path.size() + 1);
  const auto& steps = parsed->steps();
  return std::any_of(steps.begin(), steps.end(), [](const auto& step) { return step.index.has_value(); });
}

void Conjuncts::add(const FilterNode& node) {
  if (node.op == FilterOperator::all_of) {
    for (const FilterNode& child : node.children) add(child);
    return;
  }
  add_condition(node);
}

void Conjuncts::add_condition(const FilterNode& node) {
  conditions_.push_back(&node);
  const std::string path = node.path.text();
  switch (node.op) {
    case FilterOperator::any_of: choices_.push_back(&node); return;
    case FilterOperator::none_of: return;
    case FilterOperator::all:
      for (const FilterNode& child : node.children) add_predicate(child, path, node.children.size() == 1);
      return;
    case FilterOperator::elem_match:
      if (node.query) return add_inside(node.children[0], path + ".");
      break;
    default: break;
  }
  add_predicate(node, path, true);
}

void Conjuncts::add_predicate(const FilterNode& node, const std::string& path, bool whole) {
  if (node.op == FilterOperator::exists && node.wanted) {
    predicates_.push_back({.path = path, .bounds = {Bounds::everything(), false}});
    return;
  }
  // An array that a step names by its index has one entry, and none for its elements.
  if (node.op == FilterOperator::elem_match && has_index_step(path)) return;
  auto bounds = bounds_of(node);
  if (!bounds) return;
  const bool null = has_null(bounds->bounds);
  predicates_.push_back({.path = path, .bounds = *std::move(bounds), .has_null = null, .whole = whole});
}

// Of an element of an array, which may itself be an array and have indexes for names: paths with such names
// are left alone, and so is what holds where a member is missing.
void Conjuncts::add_inside(const FilterNode& node, const std::string& prefix) {
  if (node.op == FilterOperator::all_of) {
    for (const FilterNode& child : node.children) add_inside(child, prefix);
    return;
  }
  if (node.path.empty()) return;
  const std::string path = prefix + node.path.text();
  auto bounds = bounds_of(node);
  if (!bounds || has_index_step(path) || has_null(bounds->bounds)) return;
  predicates_.push_back({.path = path, .bounds = *std::move(bounds)});
}

bool Conjuncts::imply_presence(std::string_view path) const {
  return std::any_of(predicates_.begin(), predicates_.end(),
                     [&](const Predicate& one) { return one.path == path && !one.has_null; });
}

bool Conjuncts::imply_condition(const FilterNode& condition) const {
  const std::string text = text_of(condition);
  const auto is_same = [&](const FilterNode* one) { return text_of(*one) == text; };
  if (std::any_of(conditions_.begin(), conditions_.end(), is_same)) return true;
  const std::string path = condition.path.text();
  if (path.empty()) return false;
  if (condition.op == FilterOperator::exists && condition.wanted) return imply_presence(path);
  const auto wanted = bounds_of(condition);
  if (!wanted || !wanted->exact) return false;
  return std::any_of(predicates_.begin(), predicates_.end(), [&](const Predicate& one) {
    return one.path == path && wanted->bounds.covers(one.bounds.bounds);
  });
}

bool Conjuncts::imply(const FilterNode& partial) const {
  if (partial.op != FilterOperator::all_of) return imply_condition(partial);
  return std::all_of(partial.children.begin(), partial.children.end(),
                     [&](const FilterNode& child) { return imply(child); });
}

}  // namespace quire::query
