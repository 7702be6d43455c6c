#include "query/shape.h"

#include "document/filter_node.h"
#include "document/json.h"
#include "query/tuning.h"

namespace quire::query {

using document::FilterNode;
using document::FilterOperator;

namespace {

void print(const FilterNode& node, std::string& out);

void print_children(const FilterNode& node, std::string& out) {
  bool first = true;
  for (const FilterNode& child : node.children) {
    if (!first) out += ',';
    first = false;
    if (out.size() > tuning::kShapeBytes) {
      out += "...";
      return;
    }
    print(child, out);
  }
}

// Names of operators and paths only.
void print_operand(const FilterNode& node, std::string& out) {
  if (node.children.empty()) {
    out += '?';
    return;
  }
  const bool list = node.op <= FilterOperator::none_of || node.op == FilterOperator::all;
  out += list ? "[" : "{";
  print_children(node, out);
  out += list ? "]" : "}";
}

void print(const FilterNode& node, std::string& out) {
  if (!node.path.empty()) {
    document::append_json_string(out, node.path.text());
    out += ":{";
  }
  out.append(1, '"').append(document::operator_name(node.op)).append("\":");
  print_operand(node, out);
  if (!node.path.empty()) out += '}';
}

}  // namespace

std::string shape_of(const document::Filter& filter) {
  std::string out = "{";
  const FilterNode& root = filter.root();
  if (root.op == FilterOperator::all_of) {
    print_children(root, out);
  } else {
    print(root, out);
  }
  return out += '}';
}

}  // namespace quire::query
