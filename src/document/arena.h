#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

namespace quire::document {

// Memory that is given out piece by piece and taken back all at once. Nothing in it is ever destroyed, so
// only trivially destructible things live here. One thread at a time. What it gave out stays valid until
// reset() or its end.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `alignment` is a power of two, 16 at most.
  void* allocate(std::size_t bytes, std::size_t alignment) {
    const std::size_t skip = -reinterpret_cast<std::size_t>(next_) & (alignment - 1);
    if (left_ < bytes + skip) return allocate_in_new_block(bytes);
    char* const at = next_ + skip;
    next_ = at + bytes;
    left_ -= bytes + skip;
    return at;
  }
  template <class T>
  T* allocate_array(std::size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }
  std::string_view copy(std::string_view bytes) {
    if (bytes.empty()) return {};
    auto* const at = allocate_array<char>(bytes.size());
    std::memcpy(at, bytes.data(), bytes.size());
    return {at, bytes.size()};
  }
  // Takes everything back; keeps one block of moderate size, so that an arena that is used again and again
  // does not allocate.
  void reset();

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  void* allocate_in_new_block(std::size_t bytes);

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace quire::document
