#pragma once

#include <functional>
#include <set>
#include <utility>

#include "base/executor.h"
#include "base/testing/seeded_random.h"

namespace quire::sim {

// A network between numbered stores, which loses, delays, reorders and doubles messages, and is cut one way.
// What it does follows from its generator and the order of calls.
class Network {
 public:
  Network(Executor& executor, SeededRandom random) : executor_(executor), random_(random.next_u64()) {}

  struct Weather {
    unsigned lost = 0;  // of a hundred messages
    unsigned doubled = 0;
    std::uint64_t delay_ms = 1;  // at most
  };
  void set(const Weather& weather) { weather_ = weather; }
  void cut(int from, int to) { cuts_.insert({from, to}); }
  void heal() {
    weather_ = {};
    cuts_.clear();
  }

  // `once`: as within a connection, where nothing comes twice.
  void send(int from, int to, bool once, Task arrive) {
    if (cuts_.contains({from, to}) || random_.chance(weather_.lost)) return;
    const int copies = !once && random_.chance(weather_.doubled) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      executor_.post_after(std::chrono::milliseconds(random_.below(weather_.delay_ms + 1)), arrive);
    }
  }

 private:
  Executor& executor_;
  SeededRandom random_;
  Weather weather_;
  std::set<std::pair<int, int>> cuts_;
};

}  // namespace quire::sim
