#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/call.h"
#include "base/fiber.h"
#include "base/result.h"
#include "net/exchange.h"

namespace quire::api {

// How a call that runs as a stream reads its body and writes its answer: as if it blocked, while its thread
// serves others until the client has sent, or has read, some more. For the stream's own work; around these
// calls it may hold no mutex (base/fiber.h).
class Stream {
 public:
  Stream(net::Exchange& exchange, Fiber& fiber)
      : exchange_(exchange), fiber_(fiber), client_(exchange.cancellation()) {}

  // As Exchange::read().
  Result<std::size_t> read(std::span<char> into);
  // Writes on an answer that has begun. Errors: cancelled (the client has gone, or reads too slowly).
  Status write(std::string bytes);
  // As Fiber::wait(): until somebody else calls the function that `arrange` is given.
  void wait(std::function<void(Fiber::GoOn)> arrange) { fiber_.wait(std::move(arrange)); }

 private:
  net::Exchange& exchange_;
  Fiber& fiber_;
  const Cancellation client_;
};

}  // namespace quire::api
