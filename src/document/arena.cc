#include "document/arena.h"

#include <algorithm>

#include "document/tuning.h"

namespace quire::document {

void* Arena::allocate_in_new_block(std::size_t bytes) {
  const std::size_t grown = blocks_.empty() ? kArenaFirstBlockBytes : blocks_.back().size * 2;
  const std::size_t size = std::max(bytes, std::min(grown, kArenaLargestBlockBytes));
  // operator new[] aligns to 16, which is all that allocate() promises.
  blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
  char* const at = blocks_.back().bytes.get();
  next_ = at + bytes;
  left_ = size - bytes;
  return at;
}

void Arena::reset() {
  if (blocks_.empty()) return;
  blocks_.resize(1);
  if (blocks_.front().size > kArenaLargestBlockBytes) {
    blocks_.clear();
    next_ = nullptr;
    left_ = 0;
    return;
  }
  next_ = blocks_.front().bytes.get();
  left_ = blocks_.front().size;
}

}  // namespace quire::document
