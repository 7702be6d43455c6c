#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "net/chunked.h"

namespace quire::net {

// Takes a body out of what arrives behind a head, by its length or by chunks. Holds no bytes itself.
class BodyReader {
 public:
  BodyReader() = default;  // no body
  static BodyReader of_length(std::uint64_t length) { return BodyReader(length, std::nullopt); }
  static BodyReader of_chunks() { return BodyReader(0, ChunkedDecoder()); }

  // As ChunkedDecoder::decode().
  Result<ChunkedDecoder::Piece> take(std::string_view input) {
    if (chunks_) return chunks_->decode(input);
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    left_ -= count;
    return ChunkedDecoder::Piece{count, input.substr(0, count)};
  }
  bool done() const { return chunks_ ? chunks_->done() : left_ == 0; }
  // So much more is to come, as far as the client has said.
  std::uint64_t owed() const { return chunks_ ? chunks_->owed() : left_; }
  // What is left of a body whose length is known.
  std::optional<std::uint64_t> left() const { return chunks_ ? std::nullopt : std::optional(left_); }

 private:
  BodyReader(std::uint64_t left, std::optional<ChunkedDecoder> chunks) : left_(left), chunks_(chunks) {}

  std::uint64_t left_ = 0;
  std::optional<ChunkedDecoder> chunks_;
};

}  // namespace quire::net
