#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/byte_stream.h"
#include "replication/types.h"

namespace quire::replication {

// A stream that tells how many bytes came.
class CountedStream final : public ByteStream {
 public:
  CountedStream(std::unique_ptr<ByteStream> stream, std::function<void(std::size_t)> came)
      : stream_(std::move(stream)), came_(std::move(came)) {}

  void read(std::size_t most, Completion<std::string> done) override {
    stream_->read(most, [came = came_, done = std::move(done)](Result<std::string> piece) {
      if (piece) came(piece->size());
      done(std::move(piece));
    });
  }

 private:
  std::unique_ptr<ByteStream> stream_;
  std::function<void(std::size_t)> came_;
};

}  // namespace quire::replication
