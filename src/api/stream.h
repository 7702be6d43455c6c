#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/call.h"
#include "base/coding.h"
#include "base/fiber.h"
#include "base/result.h"
#include "net/exchange.h"

namespace quire::api {

// How a call that runs as a stream reads its body and writes its answer: as if it blocked, while its thread
// serves others until the client has sent, or has read, some more. For the stream's own work; around these
// calls it may hold no mutex (base/fiber.h).
class Stream {
 public:
  // A body that comes packed is read unpacked, `most` bytes of it.
  Stream(net::Exchange& exchange, Fiber& fiber, std::uint64_t most);

  // As Exchange::read(). Errors: also those of Unpacker.
  Result<std::size_t> read(std::span<char> into);
  // Writes on an answer that has begun. Errors: cancelled (the client has gone, or reads too slowly).
  Status write(std::string bytes);
  // As Fiber::wait(): until somebody else calls the function that `arrange` is given.
  void wait(std::function<void(Fiber::GoOn)> arrange) { fiber_.wait(std::move(arrange)); }

 private:
  Result<std::size_t> read_as_sent(std::span<char> into);

  net::Exchange& exchange_;
  Fiber& fiber_;
  const Cancellation client_;
  const std::unique_ptr<Unpacker> unpack_;  // null: nothing is packed
  std::string packed_;
  std::string_view rest_;  // of packed_
};

}  // namespace quire::api
