#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "document/record_writer.h"

namespace quire::cli {

// Buffered output to standard output or a file. Not thread-safe.
class Output final : public document::ByteSink {
 public:
  // Standard output.
  Output() = default;
  ~Output() override;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // A file, which gets its name, and replaces what had it, when close() succeeds. `synced`: close() also
  // waits until it is on the disk, which is dear where there are many.
  Status open(const std::string& path, bool synced = true);

  // The buffer, to append to.
  std::string& text() { return text_; }
  // Writes out what has gathered, once it is much. Errors: io.
  Status step() { return text_.size() < kEnough ? ok() : flush(); }
  Status flush();
  Status write(std::string_view bytes) override;
  // Writes what is left, and gives the file its name. Errors: io.
  Status close();

 private:
  static constexpr std::size_t kEnough = 1 << 18;  // a system call costs nothing beside this many bytes

  std::string name() const { return path_.empty() ? "standard output" : "'" + path_ + "'"; }

  int file_ = 1;
  std::string path_;       // empty: standard output
  std::string temporary_;  // where the file is until close(); empty: no file is open
  bool synced_ = true;
  std::string text_;
};

// "io: cannot write 'x': No space left on device"
Error system_error(const std::string& what, int number);

}  // namespace quire::cli
