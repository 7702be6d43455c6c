#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/manual_clock.h"
#include "base/testing/manual_executor.h"
#include "base/testing/seeded_random.h"
#include "distant_peer.h"
#include "network.h"
#include "replication/replicator.h"
#include "replication/testing/memory_replica.h"

namespace quire::sim {

// Several stores that replicate with each other continuously, on one thread and from one seed: programs that
// write to each, a network with weather, stores that crash and forget what was not synced, records that get
// lost, a calendar that jumps. Then the sky clears, and all must agree.
class ReplicationWorld {
 public:
  explicit ReplicationWorld(std::uint64_t seed);
  ~ReplicationWorld();

  // Chaos for so many steps, then healing and an audit. Empty: every promise held.
  std::vector<std::string> run(int steps);
  const std::string& trace() const { return trace_; }

 private:
  // A store with the replicators that run in its process.
  struct Host {
    std::unique_ptr<replication::testing::MemoryStore> store;
    std::shared_ptr<replication::testing::MemoryReplica> replica;
    std::vector<std::unique_ptr<replication::Replicator>> replicators;
  };

  void step();
  void write();
  void crash();
  void change_weather();
  void start_replicators(int host);
  void heal();
  bool agree() const;
  void audit();
  void audit_traffic();
  void asked(int host, const std::string& what);
  void note(const std::string& line) { trace_ += line + "\n"; }
  void violated(const std::string& what) { violations_.push_back(what); }

  SeededRandom random_;
  SeededRandom replicators_random_;
  ManualClock clock_;
  ManualExecutor executor_;
  Network network_;
  std::vector<Host> hosts_;
  int written_ = 0;
  // What somebody was told is on disk.
  std::vector<std::pair<replication::DocumentName, document::Revision>> acknowledged_;
  std::map<std::string, std::uint64_t> questions_;  // by kind
  std::string trace_;
  std::vector<std::string> violations_;
};

}  // namespace quire::sim
