#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/bounds.h"

namespace quire::query {

// What has to hold of a document for a filter to find it, as far as indexes can use it.
class Conjuncts {
 public:
  struct Predicate {
    std::string path;
    PredicateBounds bounds;  // everything, for what only says that the path is there
    bool has_null = false;   // a document without the path may be meant
    bool whole = false;      // it is one of the filter's own conditions, and all of it
  };

  // Adds what a node of a filter asks for. The node outlives this.
  void add(const document::FilterNode& node);

  const std::vector<Predicate>& predicates() const { return predicates_; }
  // Conditions of which one has to hold.
  const std::vector<const document::FilterNode*>& choices() const { return choices_; }
  // How many conditions there are; where as many have been met by exact bounds, all have.
  std::size_t conditions() const { return conditions_.size(); }
  // Whether every document that the filter finds matches this filter of an index, which has the same
  // collation or compares no strings.
  bool imply(const document::FilterNode& partial) const;
  bool imply_presence(std::string_view path) const;

 private:
  void add_condition(const document::FilterNode& node);
  void add_predicate(const document::FilterNode& node, const std::string& path, bool whole);
  void add_inside(const document::FilterNode& node, const std::string& prefix);
  bool imply_condition(const document::FilterNode& condition) const;

  std::vector<Predicate> predicates_;
  std::vector<const document::FilterNode*> choices_;
  std::vector<const document::FilterNode*> conditions_;
};

// Whether strings of the filter are compared, so that it would find other documents under another collation.
// (Regular expressions know none.)
bool compares_strings(const document::FilterNode& node);
// Whether a step of the path may be the index of an element.
bool has_index_step(std::string_view path);

}  // namespace quire::query
