// The canonical text: every predicate as {"path": {"$op": operand}}, combinations with their children sorted
// by their texts and each once, lists of $in in the order of values.
#include <algorithm>

#include "document/filter_node.h"
#include "document/json.h"
#include "document/regex.h"

namespace quire::document {

namespace {
void print_list(const FilterNode& node, std::string& out) {
  out += '[';
  for (const auto& operand : node.operands) {
    if (&operand != node.operands.data()) out += ',';
    operand->value().print(out);
  }
  out += ']';
}

void print_all(const FilterNode& node, std::string& out) {
  out += '[';
  for (const FilterNode& child : node.children) {
    if (&child != node.children.data()) out += ',';
    if (child.op == FilterOperator::equal) {
      child.operands[0]->value().print(out);
    } else {
      print_predicates({child}, out);
    }
  }
  out += ']';
}

void print_operand(const FilterNode& node, std::string& out) {
  switch (node.op) {
    case FilterOperator::in:
    case FilterOperator::not_in:
    case FilterOperator::type: return print_list(node, out);
    case FilterOperator::exists: out += node.wanted ? "true" : "false"; return;
    case FilterOperator::size: out += std::to_string(node.remainder); return;
    case FilterOperator::mod:
      out += "[" + std::to_string(node.divisor) + "," + std::to_string(node.remainder) + "]";
      return;
    case FilterOperator::all: return print_all(node, out);
    case FilterOperator::regex:
      append_json_string(out, node.pattern->pattern());
      if (node.pattern->options().empty()) return;
      out += ",\"$options\":\"" + node.pattern->options() + "\"";
      return;
    case FilterOperator::negation:
    case FilterOperator::key_map_match: return print_predicates(node.children, out);
    case FilterOperator::elem_match:
    case FilterOperator::all_match:
      return node.query ? print_query(node.children[0], out) : print_predicates(node.children, out);
    default: node.operands[0]->value().print(out);
  }
}

std::vector<std::string> sorted_children(const FilterNode& node) {
  std::vector<std::string> texts;
  for (const FilterNode& child : node.children) print_query(child, texts.emplace_back());
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}
}  // namespace

void print_predicates(const std::vector<FilterNode>& predicates, std::string& out) {
  std::vector<std::string> texts;
  for (const FilterNode& predicate : predicates) {
    std::string& text = texts.emplace_back();
    append_json_string(text, operator_name(predicate.op));
    text += ':';
    print_operand(predicate, text);
  }
  std::sort(texts.begin(), texts.end());
  out += '{';
  for (const std::string& text : texts) {
    if (&text != texts.data()) out += ',';
    out += text;
  }
  out += '}';
}

void print_query(const FilterNode& node, std::string& out) {
  if (node.op > FilterOperator::none_of) {
    out += '{';
    append_json_string(out, node.path.text());
    out += ':';
    print_predicates({node}, out);
    out += '}';
    return;
  }
  const std::vector<std::string> children = sorted_children(node);
  const bool bare = children.empty() || (children.size() == 1 && node.op != FilterOperator::none_of);
  if (bare) {
    out += children.empty() ? "{}" : children[0];
    return;
  }
  out += '{';
  append_json_string(out, operator_name(node.op));
  out += ":[";
  for (const std::string& child : children) {
    if (&child != children.data()) out += ',';
    out += child;
  }
  out += "]}";
}

}  // namespace quire::document
