#pragma once

#include <functional>
#include <memory>

#include "replication/peer_address.h"
#include "replication/source.h"
#include "replication/target.h"

namespace quire::replication {

// A store that can be either side; both point to one object.
struct Side {
  std::shared_ptr<Source> source;
  std::shared_ptr<Target> target;

  template <class Store>
  static Side of(std::shared_ptr<Store> store) {
    return {store, store};
  }
};

// Makes a side of a store that is somewhere else; connects to nothing yet. Callable from every thread.
// Errors: invalid, io, not_implemented (this process connects nowhere).
using SideMaker = std::function<Result<Side>(PeerAddress address)>;

}  // namespace quire::replication
