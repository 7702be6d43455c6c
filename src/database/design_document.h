#pragma once

#include <string_view>

#include "database/types.h"

// Design documents of CouchDB's say how the others of their database are read or found, and are none of them.
// They live in the default collection, the one that CouchDB's surface shows.
namespace quire::database {

inline bool is_design(CollectionId collection, std::string_view id) {
  return collection == kDefaultCollection && id.starts_with("_design/");
}
inline bool is_design(std::string_view collection, std::string_view id) {
  return collection == kDefaultCollectionName && id.starts_with("_design/");
}

}  // namespace quire::database
