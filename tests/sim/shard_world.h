#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/testing/manual_clock.h"
#include "base/testing/manual_executor.h"
#include "base/testing/seeded_random.h"
#include "database/testing/test_shard.h"
#include "power_cut_store.h"

namespace quire::sim {

// One shard on one thread, from one seed: clients that write with every durability, a follower, power cuts
// that take back what was not synced, orderly restarts, clocks that jump. Everything that happens is a line
// of the trace.
class ShardWorld {
 public:
  explicit ShardWorld(std::uint64_t seed);
  ~ShardWorld();

  // Chaos for so many steps, then a last restart and a full audit. Empty: every promise held.
  std::vector<std::string> run(int steps);
  const std::string& trace() const { return trace_; }

 private:
  struct Acknowledged {
    std::string id;
    std::set<std::string> revisions;  // several where replicated ones of a document came together
    bool disk = false;
  };

  void step();
  void write();
  database::Edit make_edit();
  void acknowledge(const Result<database::WriteResult>& result, bool disk);
  void follow();
  void cut_power();
  void restart();
  void open();
  void check_after_cut(database::Sequence synced);
  void note(const std::string& line) { trace_ += line + "\n"; }
  void violated(const std::string& what) { violations_.push_back(what); }

  SeededRandom random_;
  ManualClock clock_;
  ManualExecutor executor_;
  database::DocumentCache cache_{1 << 20};
  database::testing::MemberIndexes members_;
  std::shared_ptr<storage::MapStore> disk_;
  PowerCutStore* store_ = nullptr;  // owned by the shard
  std::unique_ptr<database::Shard> shard_;
  std::uint32_t index_ = 0;

  int in_flight_ = 0;
  int written_ = 0;
  std::map<database::Sequence, Acknowledged> acknowledged_;
  std::map<database::Sequence, std::string> followed_;  // sequence to revision, as the follower saw it
  database::Sequence follower_ = 0;
  std::string trace_;
  std::vector<std::string> violations_;
};

}  // namespace quire::sim
