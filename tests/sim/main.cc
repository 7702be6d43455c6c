#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "replication_world.h"
#include "shard_world.h"

// quire_sim [--world shard|replication] [--seed N] [--seeds M] [--steps K] [--trace]
// Runs M worlds of each kind from seed N on, each twice: a promise that breaks, or two runs that differ, end
// it with the seed.

namespace {

struct Options {
  std::string world;
  std::uint64_t first = 1;
  std::uint64_t count = 1000;
  int steps = 400;
  bool show = false;
};

int usage() {
  fmt::print(stderr, "quire_sim [--world shard|replication] [--seed N] [--seeds M] [--steps K] [--trace]\n");
  return 2;
}

template <class World>
bool holds(std::string_view kind, std::uint64_t seed, const Options& options) {
  World once(seed);
  const auto violations = once.run(options.steps);
  if (options.show) fmt::print("{}", once.trace());
  for (const auto& violation : violations) fmt::print("{} seed {}: {}\n", kind, seed, violation);
  if (!violations.empty()) return false;
  World again(seed);
  again.run(options.steps);
  if (again.trace() == once.trace()) return true;
  fmt::print("{} seed {}: two runs differ\n", kind, seed);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--trace") {
      options.show = true;
    } else if (i + 1 >= argc) {
      return usage();
    } else if (option == "--world") {
      options.world = argv[++i];
    } else if (option == "--seed") {
      options.first = std::strtoull(argv[++i], nullptr, 10);
      if (options.count == Options{}.count) options.count = 1;
    } else if (option == "--seeds") {
      options.count = std::strtoull(argv[++i], nullptr, 10);
    } else if (option == "--steps") {
      options.steps = std::atoi(argv[++i]);
    } else {
      return usage();
    }
  }
  if (!options.world.empty() && options.world != "shard" && options.world != "replication") return usage();
  for (std::uint64_t seed = options.first; seed < options.first + options.count; ++seed) {
    if (options.world != "replication" && !holds<quire::sim::ShardWorld>("shard", seed, options)) return 1;
    if (options.world != "shard" && !holds<quire::sim::ReplicationWorld>("replication", seed, options))
      return 1;
  }
  fmt::print("{} seeds from {}: every promise held, every run repeated itself\n", options.count,
             options.first);
  return 0;
}
