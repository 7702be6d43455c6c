#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/arena.h"
#include "document/filter.h"
#include "document/json_scalar.h"
#include "document/member_scanner.h"

namespace quire::document {

// A filter made ready for the texts of many documents: its paths are found by one scan, and its predicates,
// which stand in one row, look at the values where they are. A tree is built of a value only where a
// predicate needs one: of containers for the most part. Answers what node_matches() answers on the tree of
// the document.
//
// Never changes once it is built; `root`, which it points into, outlives it.
class FilterProgram {
 public:
  // `root` is a query (filter_node.h).
  explicit FilterProgram(const FilterNode& root);

  // As Filter::matches_text(), which resets `scratch`.
  Result<bool> matches(std::string_view minified, std::string_view id, Arena& scratch) const;

 private:
  friend class FilterRun;
  enum class Code : std::uint8_t {
    // Combinations of the instructions up to `end`.
    all_of,
    any_of,
    none_of,
    not_all,
    // Predicates.
    exists,
    compare,
    in,
    regex,
    tree,  // any; asks predicate_matches()
  };
  struct Instruction {
    Code code = Code::tree;
    bool negated = false;        // of what is compared
    bool when_missing = false;   // what is answered then
    bool of_containers = false;  // an operand is an array or an object
    std::uint32_t end = 0;       // the instruction behind this one and those that it combines
    std::uint32_t slot = 0;      // of a predicate: where its value is
    std::uint32_t operands_begin = 0;
    std::uint32_t operands_end = 0;
    const FilterNode* node = nullptr;
    const Path* path = nullptr;
  };

  using Slots = std::map<Path, std::uint32_t>;
  void add(const FilterNode& node, const Path* path, Slots& slots);
  void combine(Code code, const FilterNode& node, const Path* path, Slots& slots);
  void add_predicate(const FilterNode& node, const Path& path, Slots& slots);
  std::uint32_t slot_of(const Path& path, Slots& slots);

  std::vector<Instruction> instructions_;
  std::vector<JsonScalar> operands_;
  std::vector<Path> paths_;           // one a slot, each once
  MemberScanner scanner_;             // of all paths but those that begin with "_id"
  std::vector<std::uint32_t> slots_;  // of the scanner's paths
  bool reads_id_ = false;
};

}  // namespace quire::document
