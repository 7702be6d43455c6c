#pragma once

#include <atomic>
#include <memory>
#include <optional>
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
  IndexStateRecord state;
  // Some document has, or had, keys by way of an array. Set before the batch that has the first such keys,
  // and the mark, is applied.
  std::shared_ptr<std::atomic<bool>> multikey = std::make_shared<std::atomic<bool>>(false);

  bool ready() const { return state.state == IndexState::ready; }
  bool building() const { return state.state == IndexState::building; }
  bool failed() const { return state.state == IndexState::failed; }
};

// The indexes of one open shard. Any thread may read; only the committer changes it.
class Indexes {
 public:
  using List = std::shared_ptr<const std::vector<OpenIndex>>;

  // Makes the hooks of the stored definitions. Where a kind has no maker, or a maker refuses, missing_maker()
  // says so, and the shard takes no writes.
  Status load(storage::Store& store, const std::vector<const IndexHookFactory*>& kinds);
  // Begins the build anew of each whose entries were made in another format than its hook makes them now.
  Status renew(storage::Store& store);
  Result<std::shared_ptr<const IndexHook>> make(const IndexRecord& record) const;
  const Status& missing_maker() const { return missing_maker_; }

  // Those of all collections; a change that was prepared against an older list is prepared again.
  List list() const;
  std::uint64_t version() const;
  std::optional<OpenIndex> find(std::uint32_t id) const;

  void add(OpenIndex index);
  void set_state(std::uint32_t id, const IndexStateRecord& state);
  // As set_state() of a build that goes on: nothing has to be prepared again for it.
  void set_progress(std::uint32_t id, const IndexStateRecord& state);
  void remove(std::uint32_t id);
  void remove_collection(CollectionId collection);

 private:
  void replace(std::vector<OpenIndex> indexes, bool matters = true);

  std::vector<const IndexHookFactory*> kinds_;
  Status missing_maker_ = ok();
  mutable std::shared_mutex mutex_;
  List list_ = std::make_shared<const std::vector<OpenIndex>>();
  std::uint64_t version_ = 0;
};

}  // namespace quire::database
