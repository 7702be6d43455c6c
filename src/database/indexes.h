#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "database/index_hook.h"
#include "database/records.h"
#include "storage/store.h"

namespace quire::database {

struct OpenIndex {
  std::uint32_t id = 0;
  IndexRecord record;
  std::shared_ptr<const IndexHook> hook;
};

// The indexes of one open shard. Any thread may read; only the committer changes it.
class Indexes {
 public:
  using List = std::shared_ptr<const std::vector<OpenIndex>>;

  // Makes the hooks of the stored definitions. Where a kind has no maker, or a maker refuses, missing_maker()
  // says so, and the shard takes no writes.
  Status load(storage::Store& store, const std::vector<const IndexHookFactory*>& kinds);
  Result<std::shared_ptr<const IndexHook>> make(const IndexRecord& record) const;
  const Status& missing_maker() const { return missing_maker_; }

  // Those of all collections; a change that was prepared against an older list is prepared again.
  List list() const;
  std::uint64_t version() const;

  void add(OpenIndex index);
  void remove(std::uint32_t id);
  void remove_collection(CollectionId collection);

 private:
  void replace(std::vector<OpenIndex> indexes);

  std::vector<const IndexHookFactory*> kinds_;
  Status missing_maker_ = ok();
  mutable std::shared_mutex mutex_;
  List list_ = std::make_shared<const std::vector<OpenIndex>>();
  std::uint64_t version_ = 0;
};

}  // namespace quire::database
