#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/testing/manual_clock.h"
#include "base/testing/manual_executor.h"
#include "base/testing/seeded_random.h"
#include "replication/replicator.h"
#include "replication/testing/memory_replica.h"

// Every history of a few operations on three stores, wherever they meet in between: afterwards all hold the
// same.

namespace quire::replication {
namespace {

using testing::MemoryReplica;
using testing::MemoryStore;

constexpr int kStores = 3;
constexpr int kKinds = 4;                           // edit, delete, branch, attach
constexpr int kLocal = kKinds * kStores;            // operations at a store
constexpr int kMeetings = kStores * (kStores - 1);  // and one-shot replications from one to another
const DocumentName kEdited{"_default", "x"};

class History {
 public:
  History() : random_(1), executor_(clock_) {
    for (const char* id : {"a", "b", "c"}) stores_.push_back(std::make_unique<MemoryStore>(id));
    for (auto& store : stores_) sides_.push_back(std::make_shared<MemoryReplica>(*store, executor_));
  }

  void apply(int operation, int step) {
    if (operation >= kLocal) return meet(operation - kLocal);
    MemoryStore& store = *stores_[operation % kStores];
    const std::string body = R"({"step":)" + std::to_string(step) + "}";
    const auto winner = store.winner(kEdited);
    const bool live = winner && !winner->deleted;
    switch (operation / kStores) {
      case 0: (void)store.put(kEdited, live ? std::optional(winner->revision) : std::nullopt, body); break;
      case 1:
        if (live) (void)store.put(kEdited, winner->revision, "{}", true);
        break;
      case 2: store.branch(kEdited, body); break;
      default: (void)store.attach(kEdited, "a" + std::to_string(step % 2), body);
    }
    store.sync();
  }

  void meet(int pair) {
    const int from = pair / (kStores - 1);
    const int to = (from + 1 + pair % (kStores - 1)) % kStores;
    Replicator replicator({clock_, random_, executor_}, sides_[from], sides_[to], {});
    bool finished = false;
    replicator.start([&](Result<Progress> end) { finished = end.has_value(); });
    executor_.run_ready();
    ASSERT_TRUE(finished);
  }

  // Around the ring twice: everything has then been everywhere.
  void converge() {
    for (int round = 0; round < 2; ++round) {
      for (int from = 0; from < kStores; ++from) meet(from * (kStores - 1));
    }
  }

  bool agree() const {
    return stores_[0]->picture() == stores_[1]->picture() && stores_[1]->picture() == stores_[2]->picture();
  }

 private:
  ManualClock clock_;
  SeededRandom random_;
  ManualExecutor executor_;
  std::vector<std::unique_ptr<MemoryStore>> stores_;
  std::vector<std::shared_ptr<MemoryReplica>> sides_;
};

// All sequences of `length` numbers below `choices`.
void enumerate(int length, int choices) {
  std::vector<int> operations(length, 0);
  while (true) {
    History history;
    for (int step = 0; step < length; ++step) history.apply(operations[step], step);
    history.converge();
    std::string which;
    for (int operation : operations) which += " " + std::to_string(operation);
    ASSERT_TRUE(history.agree()) << "history" << which;
    int at = 0;
    while (at < length && ++operations[at] == choices) operations[at++] = 0;
    if (at == length) return;
  }
}

TEST(Histories, AllOfUpToThreeOperationsConvergeWhereverStoresMeetInBetween) {
  for (int length = 1; length <= 3; ++length) enumerate(length, kLocal + kMeetings);
}

TEST(Histories, AllOfFourOperationsConverge) { enumerate(4, kLocal); }

}  // namespace
}  // namespace quire::replication
