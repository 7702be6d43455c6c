#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/couch/couch_call.h"
#include "engine/address.h"

// Where a document stands: `7` of the collection `orders` is `orders:7` here. An id whose colon has no
// collection's name in front is, whole, one of the collection `_default`.
namespace quire::api::couch {

struct Place {
  std::string collection = "_default";
  std::string id;
  engine::CollectionAddress in(const engine::DatabaseAddress& database) const {
    return {.database = database, .collection = collection};
  }
};

// The collection that an id may name, without a look whether there is one; nullopt: none.
std::optional<Place> named_place(std::string_view id);
inline Place default_place(std::string_view id) { return {.collection = "_default", .id = std::string(id)}; }

// The other way.
std::string couch_id(std::string_view collection, std::string_view id);
void append_couch_id(std::string& out, std::string_view collection, std::string_view id);

// Finds places of ids, and asks the engine for the names of collections once, where an id needs it. On a
// thread that may block.
class Places {
 public:
  explicit Places(const CouchCall& call) : call_(call) {}
  // Errors: of the catalog.
  Result<Place> of(std::string_view id);
  // The names of all collections that the caller may see, in the order in which their ids stand here.
  Result<const std::set<std::string, std::less<>>*> collections();

 private:
  const CouchCall& call_;
  std::optional<std::set<std::string, std::less<>>> known_;
};

// Calls `read(place)` for the place that the id names, and where the database has no such collection, for the
// default one.
template <class Read>
auto at_place(std::string_view id, const Read& read) -> decltype(read(std::declval<const Place&>())) {
  if (const auto named = named_place(id)) {
    auto found = read(*named);
    if (found || found.error().code() != ErrorCode::not_found || found.error().field() != "collection") {
      return found;
    }
  }
  return read(default_place(id));
}

}  // namespace quire::api::couch
