#pragma once

#include <memory>
#include <string>

#include "base/call.h"
#include "base/executor.h"
#include "engine/local_node.h"
#include "quire/quire.h"

QUIRE_NAMESPACE_BEGIN

// What the handles of one opened directory share.
struct Core {
  std::unique_ptr<Executor> executor;
  std::unique_ptr<engine::LocalNode> node;  // after the executor: it ends first
  engine::Durability durability = engine::Durability::disk;
  unsigned process = 0;  // process_generation() when it was opened
};

// Opens a directory; the pointer's end closes it, except in a forked child, where the threads that closing
// would wait for do not exist: there everything is left as it is.
quire::Result<std::shared_ptr<Core>> open_core(const std::string& directory, const Options& options);

// Grows in a child at every fork.
unsigned process_generation();

// The error of whoever uses a handle in a forked child.
Error forked();
inline bool usable(const Core& core) { return core.process == process_generation(); }

QUIRE_NAMESPACE_END
