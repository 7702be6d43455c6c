#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/call.h"
#include "database/committer.h"
#include "database/preparer.h"
#include "database/types.h"
#include "document/id.h"

namespace quire::database {

// One write() under way: prepares its edits, hands them to the committer, and prepares again what has moved
// meanwhile, until every edit has its row.
class WriteCall : public std::enable_shared_from_this<WriteCall> {
 public:
  struct Parts {
    const Preparer& preparer;
    Committer& committer;
    storage::Store& store;
    const Clock& clock;
    document::ObjectIdMaker& ids;
    Executor& executor;
  };
  WriteCall(const Parts& parts, std::vector<Edit> edits, WriteOptions options, CallLimits limits);

  Result<WriteResult> run();
  void start(std::function<void(Result<WriteResult>)> done);

 private:
  Status check();
  std::shared_ptr<CommitUnit> prepare();
  Result<bool> prepare_one(std::size_t index, CommitUnit& unit);
  Result<bool> answered_before(std::size_t index);
  void absorb(CommitUnit& unit);
  void join_edits();
  // The edits that are done together with this one, itself first.
  std::vector<std::size_t> members(std::size_t index) const;
  void settle_joined(std::size_t index, PreparedChange& change);
  bool split(std::size_t index, std::vector<std::size_t>& again);
  void refuse(const Error& error);
  void go_on();
  void finish();
  bool owes_sync() const;
  void sync();
  Result<WriteResult> result();
  // The number of an edit among the items of its request.
  std::uint32_t item_of(std::size_t index) const {
    const auto& items = edits_[index].items;
    return items.empty() ? static_cast<std::uint32_t>(index) : items.front();
  }
  void settle(std::size_t index, Result<EditResult> row) { rows_[index] = std::move(row); }

  Parts parts_;
  std::vector<Edit> edits_;
  WriteOptions options_;
  CallLimits limits_;
  std::vector<std::optional<Result<EditResult>>> rows_;
  std::vector<std::string> fingerprints_;  // where there is a request id
  std::vector<std::size_t> pending_;       // edits without a row, in order
  // Replicated revisions of one document that go as one change, by the first of them, which alone is pending.
  std::map<std::size_t, std::vector<std::size_t>> joined_;
  std::vector<std::size_t> in_unit_;  // which edit each change of the unit is
  bool leans_ = false;                // a row tells what stood there before, by whoever's write
  std::optional<Error> failed_;       // of the whole call
  std::function<void(Result<WriteResult>)> done_;
};

}  // namespace quire::database
