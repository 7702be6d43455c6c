#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/filter.h"
#include "query/bounds.h"
#include "query/index_definition.h"
#include "query/sort.h"
#include "query/sources.h"

namespace quire::query {

// One way to come to documents. What it leads to are all that the filter finds, and perhaps others.
struct AccessPath {
  enum class Kind : std::uint8_t {
    nothing,  // no document can match
    ids,      // those named
    range,    // a range of ids, or all
    index,    // spans of an index
    any_of,   // what each of the parts leads to
  };
  Kind kind = Kind::range;
  std::vector<std::string> ids;  // ascending
  database::IdRange range;

  const UsableIndex* index = nullptr;
  std::vector<KeySpan> spans;  // ascending
  std::vector<Bounds> bounds;  // of the first keys of the index, for people
  std::string prefix;          // of all keys, in front of those that the sort is about
  bool backward = false;
  bool sorted = false;   // documents come in the order of the sort
  bool several = false;  // a document may stand under several of the spans
  bool exact = false;    // each entry's document matches the filter
  bool unique = false;   // one document at most
  bool narrow = false;   // fewer than all documents

  std::vector<AccessPath> parts;
  std::vector<document::Filter> filters;  // of the parts

  std::uint64_t estimate = 0;  // entries that were counted
  bool counted = false;        // these are all
  // For people, without any value of the filter: "index by_age", "all documents".
  std::string name() const;
};

struct Plan {
  AccessPath path;
  bool sorts = false;  // the documents are sorted when they have been found
  std::string reason;  // why this path, for people
  std::string advice;  // of a plan that looks at all documents: the index that would serve, and why
};

// What is planned for.
struct PlanRequest {
  const document::Filter& filter;
  const Sort& sort;
  std::uint64_t limit = 0;      // with what is skipped; 0: none
  std::string_view hint;        // the name of an index, or "$natural"
  std::string_view collation;   // of the query; strings stand as it wants them in indexes that have the same
  std::uint64_t documents = 0;  // in the collection
};

// Chooses a path by rules: ids first; then an index whose keys are all given, if it is unique; then the index
// under whose bounds the fewest entries stand, counted up to kProbedEntries, or to a share of the documents
// where all would be looked at; then the parts of an $or, where they lead to few; else all documents. A path
// in the order of the sort is taken instead where by a sample of its documents it fills the page before all
// of the other's have been looked at. With `after` the path is the one that this place is of, whatever would
// be chosen now. Errors: invalid (the hint; a place of an index that is gone), and what counting meets.
Result<Plan> make_plan(const Documents& documents, std::span<const UsableIndex> indexes,
                       const PlanRequest& request, const std::optional<CursorPlace>& after, Watch& watch);

// Opens a path; behind `after` where there is one, which is of this path. `ids_alone`, of an index whose
// entries are exact: the rows have empty bodies.
Result<std::unique_ptr<PlacedSource>> open_path(const Documents& documents, const AccessPath& path,
                                                const std::optional<CursorPlace>& after, Watch& watch,
                                                bool ids_alone = false);

}  // namespace quire::query
