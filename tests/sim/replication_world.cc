#include "replication_world.h"

#include <fmt/format.h>

#include "replication/tuning.h"

namespace quire::sim {

using namespace replication;
using replication::testing::MemoryReplica;
using replication::testing::MemoryReplicaOptions;
using replication::testing::MemoryStore;

namespace {

constexpr std::uint64_t kDocuments = 6;
// The longest that anything waits after the sky has cleared: a call that is given up, its backoff, a held
// answer; for what one store learns from another, twice.
constexpr auto kHealing = 2 * (kCallTime + kLongestBackoff + kWaitForMore + kCallTime);
// An entry of a record takes less than this here.
constexpr std::size_t kEntryBytes = 300;

}  // namespace

ReplicationWorld::ReplicationWorld(std::uint64_t seed)
    : random_(seed),
      replicators_random_(random_.next_u64()),
      executor_(clock_, &random_),
      network_(executor_, random_.fork()) {
  const int stores = 2 + static_cast<int>(random_.below(3));
  const bool lives = random_.chance(50);
  for (int i = 0; i < stores; ++i) {
    Host host;
    host.store = std::make_unique<MemoryStore>(fmt::format("s{}", i));
    const MemoryReplicaOptions options{.tells_lives_apart = lives,
                                       .sync_time = std::chrono::milliseconds(random_.below(20)),
                                       .note = [this, i](const std::string& what) { asked(i, what); }};
    host.replica = std::make_shared<MemoryReplica>(*host.store, executor_, options);
    hosts_.push_back(std::move(host));
  }
  for (int i = 0; i < stores; ++i) start_replicators(i);
}

ReplicationWorld::~ReplicationWorld() {
  for (Host& host : hosts_) host.replicators.clear();
  executor_.run_ready();
}

void ReplicationWorld::asked(int host, const std::string& what) {
  ++questions_[what.substr(0, what.find(' '))];
  note(fmt::format("{} asked {}", host, what));
}

// Each pulls from the next and pushes to it: around the ring both ways.
void ReplicationWorld::start_replicators(int host) {
  const int next = (host + 1) % static_cast<int>(hosts_.size());
  const auto distant = std::make_shared<DistantPeer>(hosts_[next].replica, network_, host, next);
  const ReplicatorParts parts{clock_, replicators_random_, executor_};
  ReplicatorOptions options;
  options.continuous = true;
  auto& replicators = hosts_[host].replicators;
  replicators.push_back(std::make_unique<Replicator>(parts, distant, hosts_[host].replica, options));
  replicators.push_back(std::make_unique<Replicator>(parts, hosts_[host].replica, distant, options));
  for (const auto& replicator : replicators) replicator->start([](Result<Progress>) {});
}

std::vector<std::string> ReplicationWorld::run(int steps) {
  for (int i = 0; i < steps && violations_.empty(); ++i) step();
  heal();
  audit();
  if (violations_.empty()) audit_traffic();
  return violations_;
}

void ReplicationWorld::step() {
  const std::uint64_t choice = random_.below(100);
  if (choice < 20) {
    write();
  } else if (choice < 70) {
    for (std::uint64_t i = random_.below(12); i > 0; --i) executor_.run_one();
  } else if (choice < 88) {
    const bool long_time = random_.chance(5);
    executor_.advance(std::chrono::milliseconds(random_.below(long_time ? 90'000 : 300)));
  } else if (choice < 92) {
    change_weather();
  } else if (choice < 95) {
    crash();
  } else if (choice < 97) {
    const auto jump = static_cast<std::int64_t>(random_.below(7'200'000)) - 3'600'000;
    clock_.set_wall(clock_.wall_ms() + jump);
    note(fmt::format("clock {}", jump));
  } else if (choice < 98) {
    const std::uint64_t host = random_.below(hosts_.size());
    hosts_[host].store->forget_checkpoints();
    note(fmt::format("{} lost its records", host));
  } else {
    network_.heal();
  }
}

void ReplicationWorld::write() {
  const std::uint64_t at = random_.below(hosts_.size());
  MemoryStore& store = *hosts_[at].store;
  const DocumentName name{"_default", fmt::format("d{}", random_.below(kDocuments))};
  const std::string body = fmt::format(R"({{"n":{}}})", written_++);
  const auto leaves = store.leaves(name);
  std::optional<document::Revision> parent;
  const bool live = !leaves.empty() && !leaves.front().deleted;
  if (live) parent = leaves[random_.below(leaves.size())].revision;
  Result<document::Revision> made = Error(ErrorCode::internal, "");
  switch (random_.below(6)) {
    case 0: made = store.branch(name, body); break;
    case 1: made = store.attach(name, fmt::format("a{}", random_.below(2)), body); break;
    case 2: made = store.put(name, parent, "{}", true); break;
    default: made = store.put(name, parent, body);
  }
  if (!made) return;
  const bool synced = random_.chance(70);
  note(fmt::format("{} wrote {} {}{}", at, name.id, made->to_string(), synced ? "" : " to memory"));
  if (!synced) return;
  store.sync();
  acknowledged_.emplace_back(name, *made);
  hosts_[at].replica->look_at_waits();
}

void ReplicationWorld::crash() {
  const std::uint64_t at = random_.below(hosts_.size());
  note(fmt::format("{} crashes", at));
  Host& host = hosts_[at];
  host.replicators.clear();
  host.replica->crashed();
  host.store->crash();
  start_replicators(static_cast<int>(at));
}

void ReplicationWorld::change_weather() {
  Network::Weather weather;
  weather.lost = static_cast<unsigned>(random_.below(40));
  weather.doubled = static_cast<unsigned>(random_.below(20));
  weather.delay_ms = 1 + random_.below(random_.chance(20) ? 5'000 : 50);
  network_.set(weather);
  if (random_.chance(40)) {
    const auto from = static_cast<int>(random_.below(hosts_.size()));
    const auto to = static_cast<int>(random_.below(hosts_.size()));
    network_.cut(from, to);
    note(fmt::format("cut from {} to {}", from, to));
  }
}

bool ReplicationWorld::agree() const {
  for (const Host& host : hosts_) {
    if (host.store->picture() != hosts_[0].store->picture()) return false;
  }
  return true;
}

void ReplicationWorld::heal() {
  note("the sky clears");
  network_.heal();
  for (Host& host : hosts_) {
    host.store->sync();
    host.replica->look_at_waits();
  }
  executor_.advance(kHealing * static_cast<int>(hosts_.size()));
}

void ReplicationWorld::audit() {
  if (!agree()) {
    std::string pictures;
    for (const Host& host : hosts_) pictures += "\n" + host.store->picture();
    violated("the stores do not agree:" + pictures);
  }
  for (const auto& [name, revision] : acknowledged_) {
    for (const Host& host : hosts_) {
      if (host.store->knows(name, revision)) continue;
      violated(fmt::format("{} does not know {} {}", host.store->id(), name.id, revision.to_string()));
    }
  }
  for (const Host& host : hosts_) {
    // A record for each direction with each of two neighbours, with as many entries as a record has.
    if (host.store->checkpoint_bytes() > 4 * (kCheckpointEntries + 1) * kEntryBytes) {
      violated(fmt::format("{} has {} bytes of records", host.store->id(), host.store->checkpoint_bytes()));
    }
  }
}

// Nothing to do costs no more than the waits; a change costs a few questions.
void ReplicationWorld::audit_traffic() {
  const auto edges = 2 * hosts_.size();
  questions_.clear();
  constexpr int kMinutes = 5;
  executor_.advance(std::chrono::minutes(kMinutes));
  const auto waits = static_cast<std::uint64_t>(std::chrono::minutes(kMinutes) / kWaitForMore + 1) * edges;
  for (const auto& [what, count] : questions_) {
    if (what != "changes" || count > waits)
      violated(fmt::format("{} times {} while nothing happened", count, what));
  }
  questions_.clear();
  MemoryStore& store = *hosts_[0].store;
  const auto made = store.put({"_default", "last"}, std::nullopt, fmt::format(R"({{"n":{}}})", written_));
  if (!made) return violated("a new document was refused");
  store.sync();
  hosts_[0].replica->look_at_waits();
  executor_.advance(std::chrono::seconds(20));
  if (!agree()) violated("a change after the healing did not get around");
  for (const auto& [what, count] : questions_) {
    // Where a pull and a push are between the same two, one of them finds the other's record and opens anew.
    if (count > 5 * edges) violated(fmt::format("{} times {} for one change", count, what));
  }
}

}  // namespace quire::sim
