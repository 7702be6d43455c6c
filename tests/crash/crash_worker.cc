// crash_worker DIRECTORY LOG --kind KIND --round NUMBER --seed SEED [--real-disk]
//
// One round of writing into the shard in DIRECTORY, with the faults of its kind; all that was asked and
// answered stands in LOG. Prints "ready" when the shard is open. Exits with 0 whatever became of the shard:
// crash_verify judges it.

#include <cstdio>
#include <cstring>

#include "event_log.h"
#include "round.h"

int main(int count, char** arguments) {
  quire::crash::RoundOptions options;
  bool understood = count >= 3;
  if (understood) {
    options.directory = arguments[1];
    options.log_path = arguments[2];
  }
  for (int i = 3; understood && i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--real-disk") {
      options.real_disk = true;
      continue;
    }
    const std::string value = ++i < count ? arguments[i] : "";
    const auto kind = quire::crash::kind_of(value);
    if (name == "--kind" && kind) {
      options.kind = *kind;
    } else if (name == "--round" && !value.empty()) {
      options.number = static_cast<unsigned>(quire::crash::to_number(value));
    } else if (name == "--seed" && !value.empty()) {
      options.seed = quire::crash::to_number(value);
    } else {
      understood = false;
    }
  }
  if (!understood) {
    std::fputs("crash_worker DIRECTORY LOG --kind KIND --round NUMBER --seed SEED [--real-disk]\n", stderr);
    return 2;
  }
  options.opened = [] {
    std::puts("ready");
    std::fflush(stdout);
  };
  if (const auto done = quire::crash::run_round(options); !done) {
    std::fprintf(stderr, "%s\n", done.error().to_string().c_str());
    return 3;
  }
  return 0;
}
