#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/store.h"

namespace quire::crash {

// How a store breaks its word. The checker must see each of these, or its silence means nothing.
struct Sabotage {
  enum class Fate : std::uint8_t { keep, drop };
  // Syncs answer that all is on the disk, and nothing is.
  bool sync_lies = false;
  // Looks at each record that is put, may change its value, and says whether it is written.
  std::function<Fate(storage::Family family, std::string_view key, std::string& value)> on_put;
  // Of so many batches the last one loses its second half, once; 0: none does.
  std::uint64_t halve_batch = 0;
};

std::unique_ptr<storage::Store> sabotaged(std::unique_ptr<storage::Store> store, Sabotage sabotage);

}  // namespace quire::crash
