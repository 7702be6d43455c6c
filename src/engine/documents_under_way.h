#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "engine/documents.h"

namespace quire::engine {

// The documents of writes that have no answer yet, for whoever has several writes under way. Of two such
// writes of one document either may come first, since one whose document has moved is prepared again; so the
// later one waits for the earlier one's answer. Two ids that look alike here only cost a wait. Not
// thread-safe.
class DocumentsUnderWay {
 public:
  using Ids = std::vector<std::uint64_t>;

  // Documents whose ids are yet to be made meet no others.
  static Ids ids_of(const std::vector<Change>& changes) {
    Ids ids;
    ids.reserve(changes.size());
    for (const Change& change : changes) {
      if (!change.id.empty()) ids.push_back(table_hash(change.id));
    }
    return ids;
  }

  bool has_any(const Ids& ids) const {
    for (const std::uint64_t id : ids) {
      if (ids_.contains(id)) return true;
    }
    return false;
  }
  void add(const Ids& ids) { ids_.insert(ids.begin(), ids.end()); }
  void remove(const Ids& ids) {
    for (const std::uint64_t id : ids) {
      if (const auto found = ids_.find(id); found != ids_.end()) ids_.erase(found);
    }
  }

 private:
  std::unordered_multiset<std::uint64_t> ids_;
};

}  // namespace quire::engine
