#pragma once

#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "database/records.h"
#include "storage/store.h"

namespace quire::database {

struct CollectionInfo {
  CollectionId id = 0;
  std::string name;
  CollectionSettings settings;  // its revision_limit is resolved: never 0
  Counts counts;
};

// 1 to 128 bytes of UTF-8 without '/', ':' and control characters, and not "." or ".."; a leading '_' is kept
// for "_default".
Status check_collection_name(std::string_view name);

// The collections of one open shard, with their exact counts, in memory. Any thread may read; only the
// committer changes it, after the batch that says the same is written.
class Collections {
 public:
  // Reads what the shard holds.
  Status load(storage::Store& store);

  std::optional<CollectionInfo> find(std::string_view name) const;
  std::optional<CollectionInfo> find(CollectionId id) const;
  std::optional<CollectionSettings> settings(CollectionId id) const;
  std::vector<CollectionInfo> list() const;  // by name
  // The collection whose name stands before the first colon of an id of _default, if there is one.
  std::optional<CollectionInfo> owner_of(std::string_view default_id) const;
  // Grows with every creation and drop: what owner_of() said holds while this stays.
  std::uint64_t version() const;

  // `collection` has its limit as it was asked for: 0, where it is to have none of its own.
  void add(const CollectionInfo& collection);
  void remove(CollectionId id);
  void set_counts(CollectionId id, const Counts& counts);
  // What holds for collections that set no limit of their own; 0: the default.
  void set_revision_limit(std::uint64_t limit);

 private:
  CollectionInfo resolved_locked(const CollectionInfo& held) const;

  mutable std::shared_mutex mutex_;
  std::uint64_t revision_limit_ = 0;  // 0: the default; guarded by mutex_, as what follows
  std::map<CollectionId, CollectionInfo> by_id_;
  std::map<std::string, CollectionId, std::less<>> by_name_;
  std::uint64_t version_ = 0;
};

}  // namespace quire::database
