#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace quire::net {

// Bytes that were received and not yet used. One block; nothing at all until something is to be received.
class ReadBuffer {
 public:
  std::string_view view() const { return {block_.get() + begin_, end_ - begin_}; }
  std::span<char> bytes() { return {block_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::size_t capacity() const { return capacity_; }

  // Room for at least one byte; the block grows from `first` to twice its size where it is full, up to
  // `most`. Moves the bytes: no view of them may be in use. Empty where `most` bytes are there.
  std::span<char> room(std::size_t first, std::size_t most) {
    if (end_ == capacity_ && begin_ > 0) {
      std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == capacity_ && capacity_ < most) grow(std::min(std::max(first, 2 * capacity_), most));
    return {block_.get() + end_, capacity_ - end_};
  }
  // So many bytes were put into room().
  void add(std::size_t count) { end_ += count; }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (capacity_ - end_ < bytes.size()) grow(end_ - begin_ + bytes.size());
    std::memcpy(block_.get() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
  }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void release() {
    block_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  // Only for sizes that are ours, or of bytes that are there: never one that a client named.
  void grow(std::size_t capacity) {
    auto block = std::unique_ptr<char[]>(new char[capacity]);
    if (!empty()) std::memcpy(block.get(), block_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    block_ = std::move(block);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace quire::net
