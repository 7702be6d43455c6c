#pragma once

#include <cstdint>
#include <string>

#include "document/record_reader.h"

namespace quire::cli {

// The bytes of a file, or of standard input. Not thread-safe. A wait for input ends soon after an interrupt,
// with the end of the input.
class FileSource final : public document::ByteSource {
 public:
  FileSource() = default;
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  // "-": standard input. Errors: not_found, io.
  Status open(const std::string& path);
  Result<std::size_t> read(char* into, std::size_t capacity) override;

  // The rest of it. Errors: too_large past the limit.
  Result<std::string> read_all(std::uint64_t limit);

  // 0 where it cannot be known.
  std::uint64_t size() const { return size_; }

 private:
  int file_ = -1;
  bool waits_ = false;  // not a regular file: a read may wait
  std::string name_;
  std::uint64_t size_ = 0;
};

}  // namespace quire::cli
