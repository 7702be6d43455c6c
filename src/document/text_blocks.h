#pragma once

#include <array>
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
  std::uint64_t colons;  // those of wanted members, and maybe of others
  std::uint64_t opens;   // '{' and '['
  std::uint64_t closes;  // '}' and ']'
};

// By which bytes the names of wanted members end: a colon behind any other name is of no interest.
class NameEnds {
 public:
  static constexpr std::size_t kMost = 4;

  // Of more than kMost different ends none is told from other bytes.
  void add(std::string_view name) {
    const char end = name.empty() ? '"' : name.back();
    for (std::size_t i = 0; i < count_; ++i) {
      if (bytes_[i] == end) return;
    }
    if (count_ < kMost) {
      bytes_[count_++] = end;
    } else {
      any_ = true;
    }
  }
  std::span<const char> bytes() const { return std::span(bytes_).first(any_ ? 0 : count_); }

 private:
  std::array<char, kMost> bytes_{};
  std::size_t count_ = 0;
  bool any_ = false;
};

// What is carried from one block to the next.
struct BlockCarry {
  std::uint64_t in_string = 0;    // all bits: the next byte is inside a string
  std::uint64_t escaped = 0;      // 1: the next byte is behind a backslash that counts
  std::uint64_t backslashes = 0;  // not 0: there was one so far
  std::uint64_t name_ends = 0;  // in the two lowest bits: of the last two bytes, those that end a wanted name
};

// One way to do it: `blocks` times 64 bytes from `at`. Behind a backslash names may be written otherwise, and
// all colons are told; so they are where `ends` is empty.
struct BlockKernel {
  std::string_view name;
  void (*read)(const char* at, std::size_t blocks, std::span<const char> ends, BlockCarry& carry,
               TextBlock* out);
};
// Those that this processor can run, the fastest first. All say the same.
std::span<const BlockKernel> block_kernels();

// Says block by block what stands where in a JSON text. Never reads past the text's end; what stands there
// counts as white space. The text and the ends must outlive it.
class BlockReader {
 public:
  static constexpr std::size_t kBlockBytes = 64;

  BlockReader(std::string_view text, std::span<const char> ends)
      : at_(text.data()), left_(text.size()), ends_(ends) {}

  // Fills as many of `blocks` as there is text for, and answers how many; 0 at the end.
  std::size_t read(std::span<TextBlock> blocks);
  // Whether what was read so far holds a backslash.
  bool has_backslash() const { return carry_.backslashes != 0; }

 private:
  const char* at_;
  std::size_t left_;
  std::span<const char> ends_;
  BlockCarry carry_;
};

}  // namespace quire::document
