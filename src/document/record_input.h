#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "document/record_reader.h"

namespace quire::document {

// The bytes of a source, a chunk at a time, for record readers. A byte order mark is gone, but counts in
// offset().
class RecordInput {
 public:
  explicit RecordInput(ByteSource& source);

  // What was read and not taken yet; empty only at the end. Valid until the next call of peek() after all of
  // it was taken. The first chunk holds four bytes or more, where there are as many.
  Result<std::string_view> peek() {
    if (next_ < end_) return std::string_view(buffer_.get() + next_, end_ - next_);
    return fill();
  }
  void take(std::size_t count) {
    next_ += count;
    offset_ += count;
  }
  // Of the next byte.
  std::uint64_t offset() const { return offset_; }

 private:
  Result<std::string_view> fill();
  Status start();

  ByteSource* source_;
  std::unique_ptr<char[]> buffer_;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  bool started_ = false;
};

// A reader over a RecordInput, whose errors end the reading.
class InputReader : public RecordReader {
 protected:
  explicit InputReader(RecordInput input) : input_(std::move(input)) {}

  Result<std::string_view> peek() {
    auto chunk = input_.peek();
    if (!chunk) return final(std::move(chunk).error());
    return chunk;
  }
  void take(std::size_t count) { input_.take(count); }
  std::uint64_t offset() const { return input_.offset(); }

 private:
  RecordInput input_;
};

// Collects a record's bytes up to a limit; past it, forgets them and what comes.
class BoundedText {
 public:
  explicit BoundedText(std::uint64_t limit) : limit_(limit) {}

  // False where the limit is or was passed.
  bool append(std::string_view bytes) {
    if (over_) return false;
    if (bytes.size() > limit_ - text_.size()) {
      over_ = true;
      text_ = std::string();
      return false;
    }
    text_.append(bytes);
    return true;
  }
  bool over() const { return over_; }
  std::string& text() { return text_; }
  void clear() {
    text_.clear();
    over_ = false;
  }

 private:
  std::string text_;
  std::uint64_t limit_;
  bool over_ = false;
};

}  // namespace quire::document
