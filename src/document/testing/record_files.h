#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "document/record_reader.h"
#include "document/record_writer.h"

// Files in memory for the tests of record readers and writers.
namespace quire::document::testing {

// Gives a text in pieces of `piece` bytes, and an error after all of it where one is asked for.
class StringSource final : public ByteSource {
 public:
  explicit StringSource(std::string_view text, std::size_t piece = SIZE_MAX, bool fails = false)
      : rest_(text), piece_(piece), fails_(fails) {}
  Result<std::size_t> read(char* into, std::size_t capacity) override {
    if (rest_.empty() && fails_) return Error(ErrorCode::io, "the disk is gone");
    const std::size_t count = std::min({rest_.size(), capacity, piece_});
    if (count > 0) std::memcpy(into, rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  std::size_t piece_;
  bool fails_;
};

class StringSink final : public ByteSink {
 public:
  Status write(std::string_view bytes) override {
    text.append(bytes);
    return ok();
  }
  std::string text;
};

// What a file held: a line a record, its text or its error.
inline std::vector<std::string> read_all(ByteSource& source, const RecordOptions& options,
                                         std::string_view name = "") {
  auto reader = read_records(source, name, options);
  if (!reader) return {reader.error().to_string()};
  std::vector<std::string> lines;
  for (;;) {
    auto record = (*reader)->next();
    if (record && !*record) break;
    lines.push_back(record ? (*record)->json : record.error().to_string());
    if ((*reader)->failed()) {
      const auto again = (*reader)->next();
      QUIRE_CHECK(!again && again.error() == record.error(), "a reader that failed goes on");
      break;
    }
  }
  return lines;
}

inline std::vector<std::string> read_all(std::string_view text, const RecordOptions& options,
                                         std::size_t piece = SIZE_MAX) {
  StringSource source(text, piece);
  return read_all(source, options);
}

// The file that these documents make, or the error.
inline std::string write_all(const std::vector<std::string>& documents, const RecordWriterOptions& options) {
  StringSink sink;
  auto writer = write_records(sink, options);
  if (!writer) return writer.error().to_string();
  for (const std::string& document : documents) {
    if (auto written = (*writer)->write(document); !written) return written.error().to_string();
  }
  if (auto finished = (*writer)->finish(); !finished) return finished.error().to_string();
  return sink.text;
}

}  // namespace quire::document::testing
