#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/filter.h"
#include "document/key_encoding.h"
#include "document/path.h"

namespace quire::query {

// What an index is over, as its owner says it:
//
//   {"keys": [{"path": 1}, {"other.path": -1}], "unique": false, "sparse": false, "partial": FILTER,
//    "expireAfterSeconds": 3600, "collation": {"locale": "de", "strength": 2}}
//
// An entry's key is the keys of the values at the paths, one behind the other (document/key_encoding.h), each
// in its direction; strings by their collation key where there is a collation. A value that is missing is
// keyed as null; an array has an entry for each element, and an empty one the entry of [].
struct IndexDefinition {
  struct Key {
    document::Path path;
    document::Direction direction = document::Direction::ascending;
  };

  std::string name;
  std::vector<Key> keys;
  bool unique = false;
  bool sparse = false;                               // documents that have none of the paths have no entry
  std::optional<document::Filter> partial;           // documents that it does not match have no entry
  std::optional<std::chrono::seconds> expire_after;  // of a date at the only path
  std::string collation;  // as document/collation.h prints it; empty: by code point

  // Errors: invalid, too_large; the field is the path of the member ("keys[0]", "partial.a.$gt").
  static Result<IndexDefinition> parse(std::string_view name, std::string_view json);
  // What parse() makes an equal definition of. Equal definitions print the same.
  std::string print() const;
};

// An index of a collection as a planner sees it.
struct UsableIndex {
  std::uint32_t id = 0;
  std::shared_ptr<const IndexDefinition> definition;
  // Some document has keys by way of an array: ranges over one path may not be combined, nor those over paths
  // that go through one array (which have a first step in common, at least), and an entry does not give the
  // value back. Ranges over paths of different first steps may be, since no document has two arrays side by
  // side.
  bool multikey = false;
  std::uint64_t entries = 0;  // an estimate
};

}  // namespace quire::query
