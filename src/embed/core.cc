#include "embed/core.h"

#include <algorithm>
#include <thread>

QUIRE_NAMESPACE_BEGIN

namespace {

// More threads than this would only wait for the one committer of each database.
constexpr unsigned kMostThreads = 4;

unsigned thread_count(unsigned asked) {
  if (asked != 0) return asked;
  return std::min(usable_cores(), kMostThreads);
}

void close_core(Core* core) {
  if (usable(*core)) delete core;
}

}  // namespace

quire::Result<std::shared_ptr<Core>> open_core(const std::string& directory, const Options& options) {
  std::shared_ptr<Core> core(new Core, &close_core);
  core->process = process_generation();
  core->durability = static_cast<engine::Durability>(options.durability);
  core->executor = make_thread_pool(thread_count(options.threads));
  const engine::NodeOptions node_options{.create = options.create,
                                         .in_memory = options.in_memory,
                                         .memory_bytes = options.memory_bytes,
                                         .idle_close = options.idle_close};
  QUIRE_TRY(core->node, engine::LocalNode::open(directory, node_options, system_clock(), system_random(),
                                                *core->executor));
  return core;
}

QUIRE_NAMESPACE_END
