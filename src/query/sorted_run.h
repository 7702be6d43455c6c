#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/row_source.h"
#include "query/spill_file.h"

namespace quire::query {

// A row with what it is ordered by. Views.
struct KeyedRow {
  std::string_view key;
  Row row;
  bool is_before(const KeyedRow& other) const {
    if (const int order = key.compare(other.key); order != 0) return order < 0;
    return row.id < other.row.id;
  }
};

// A row that is kept: its bytes in one piece.
class KeptRow {
 public:
  explicit KeptRow(const KeyedRow& row);
  KeyedRow view() const;
  std::size_t bytes() const { return key_ + id_ + body_; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::uint32_t key_;
  std::uint32_t id_;
  std::uint32_t body_;
};

// Sorted rows of a temporary file, read from the first to the last.
class SortedRun {
 public:
  // Appends rows, which are in order, to the file.
  static Result<SortedRun> write(const std::vector<KeptRow>& rows, SpillFile& file);

  void set_buffer(std::size_t bytes) { piece_ = bytes; }
  // The next row; valid until the next call. False at the end.
  Result<bool> next(const SpillFile& file);
  const KeyedRow& current() const { return current_; }

 private:
  Status fill(const SpillFile& file, std::size_t wanted);

  std::uint64_t at_ = 0;  // of the file: what is not yet in the buffer
  std::uint64_t end_ = 0;
  std::size_t piece_ = 0;
  std::string buffer_;
  std::size_t taken_ = 0;  // of the buffer
  KeyedRow current_;
};

}  // namespace quire::query
