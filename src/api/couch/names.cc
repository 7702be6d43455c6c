#include "api/couch/names.h"

#include <utility>

namespace quire::api::couch {

std::optional<Place> named_place(std::string_view id) {
  const std::size_t colon = id.find(':');
  // What begins with "_" is reserved in the one place, and the default collection in the other.
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == id.size() || id.front() == '_') {
    return std::nullopt;
  }
  const std::string_view collection = id.substr(0, colon);
  if (collection.size() > 128 || collection.find('/') != std::string_view::npos) return std::nullopt;
  return Place{.collection = std::string(collection), .id = std::string(id.substr(colon + 1))};
}

void append_couch_id(std::string& out, std::string_view collection, std::string_view id) {
  if (collection != "_default") out.append(collection).push_back(':');
  out.append(id);
}

std::string couch_id(std::string_view collection, std::string_view id) {
  std::string out;
  append_couch_id(out, collection, id);
  return out;
}

Result<const std::set<std::string, std::less<>>*> Places::collections() {
  if (!known_) {
    QUIRE_TRY(const auto all, engine::wait<std::vector<engine::CollectionDescription>>([&](auto done) {
                call_.parts().catalog.collections(call_.call.caller, call_.call.limits(), call_.database(),
                                                  std::move(done));
              }));
    known_.emplace();
    for (const auto& one : all) known_->insert(one.name);
  }
  return &*known_;
}

Result<Place> Places::of(std::string_view id) {
  auto named = named_place(id);
  if (!named) return default_place(id);
  QUIRE_TRY(const auto* const known, collections());
  if (known->find(named->collection) == known->end()) return default_place(id);
  return *std::move(named);
}

}  // namespace quire::api::couch
