#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace quire::query {

// A temporary file that an operator writes once, in order, and reads at places. It has a name only while it
// is made, and is for the process's user alone. One thread at a time.
class SpillFile {
 public:
  // Errors: exhausted (`directory` is empty: nothing may be spilled), io.
  static Result<SpillFile> make(const std::string& directory);
  SpillFile(SpillFile&& other) noexcept;
  SpillFile& operator=(SpillFile&& other) noexcept;
  ~SpillFile();

  // Errors: io, exhausted (no space).
  Status append(std::string_view bytes);
  // Reads exactly `size` bytes at `offset`, all of which were appended.
  Status read(std::uint64_t offset, char* into, std::size_t size) const;
  std::uint64_t size() const { return size_; }

 private:
  explicit SpillFile(int file) : file_(file) {}
  int file_ = -1;
  std::uint64_t size_ = 0;
};

// Makes the directory where there is none, for the process's user alone, and removes what a crash has left in
// it. Called before any query runs.
Status prepare_spill_directory(const std::string& directory);

}  // namespace quire::query
