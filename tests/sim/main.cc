#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "shard_world.h"

// quire_sim [--seed N] [--seeds M] [--steps K] [--trace]
// Runs M worlds from seed N on, each twice: a promise that breaks, or two runs that differ, end it with the
// seed.
int main(int argc, char** argv) {
  std::uint64_t first = 1;
  std::uint64_t count = 1000;
  int steps = 400;
  bool show = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--trace") {
      show = true;
    } else if (i + 1 < argc && option == "--seed") {
      first = std::strtoull(argv[++i], nullptr, 10);
      count = 1;
    } else if (i + 1 < argc && option == "--seeds") {
      count = std::strtoull(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && option == "--steps") {
      steps = std::atoi(argv[++i]);
    } else {
      fmt::print(stderr, "quire_sim [--seed N] [--seeds M] [--steps K] [--trace]\n");
      return 2;
    }
  }
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    quire::sim::ShardWorld once(seed);
    const auto violations = once.run(steps);
    if (show) fmt::print("{}", once.trace());
    for (const auto& violation : violations) fmt::print("seed {}: {}\n", seed, violation);
    if (!violations.empty()) return 1;
    quire::sim::ShardWorld again(seed);
    again.run(steps);
    if (again.trace() != once.trace()) {
      fmt::print("seed {}: two runs differ\n", seed);
      return 1;
    }
  }
  fmt::print("{} seeds from {}: every promise held, every run repeated itself\n", count, first);
  return 0;
}
