#pragma once

#include "base/clock.h"
#include "base/executor.h"
#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/transactions.h"
#include "query/budget.h"

namespace quire::engine {

// Transactions on the databases in this process. Filters look for their documents on the calling thread;
// what they found is then changed in one atomic write of the shard, whose committer answers. Where a document
// that a filter had found does not match it any more, the executor looks for another one and tries again.
class LocalTransactions final : public Transactions {
 public:
  // `budget`: of a whole transaction, with the looking of its filters.
  LocalTransactions(Databases& databases, const Clock& clock, Executor& executor, const Authority& authority,
                    const query::Budget& budget)
      : databases_(databases), clock_(clock), executor_(executor), authority_(authority), budget_(budget) {}

  void run(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
           std::vector<TransactionStep> steps, const WriteOptions& options,
           Completion<WriteResult> done) override;

 private:
  Databases& databases_;
  const Clock& clock_;
  Executor& executor_;
  const Authority& authority_;
  const query::Budget budget_;
};

}  // namespace quire::engine
