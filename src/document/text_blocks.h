#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace quire::document {

// Asks for the memory so many bytes behind `from`, whatever is there: nothing is read, and nothing can fail.
inline void prefetch(const char* from, std::size_t ahead) {
  __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(from) + ahead));
}

// Where 64 bytes of a JSON text have what outside its strings gives it shape; a bit a byte, the first byte's
// is the lowest.
struct TextBlock {
  std::uint64_t colons;
  std::uint64_t opens;   // '{' and '['
  std::uint64_t closes;  // '}' and ']'
};

// What is carried from one block to the next.
struct BlockCarry {
  std::uint64_t in_string = 0;    // all bits: the next byte is inside a string
  std::uint64_t escaped = 0;      // 1: the next byte is behind a backslash that counts
  std::uint64_t backslashes = 0;  // not 0: there was one so far
};

// One way to do it: `blocks` times 64 bytes from `at`.
struct BlockKernel {
  std::string_view name;
  void (*read)(const char* at, std::size_t blocks, BlockCarry& carry, TextBlock* out);
};
// Those that this processor can run, the fastest first. All say the same.
std::span<const BlockKernel> block_kernels();

// Says block by block what stands where in a JSON text. Never reads past the text's end; what stands there
// counts as white space. The text must outlive it.
class BlockReader {
 public:
  static constexpr std::size_t kBlockBytes = 64;

  explicit BlockReader(std::string_view text) : at_(text.data()), left_(text.size()) {}

  // Fills as many of `blocks` as there is text for, and answers how many; 0 at the end.
  std::size_t read(std::span<TextBlock> blocks);
  // Whether what was read so far holds a backslash.
  bool has_backslash() const { return carry_.backslashes != 0; }

 private:
  const char* at_;
  std::size_t left_;
  BlockCarry carry_;
};

}  // namespace quire::document
