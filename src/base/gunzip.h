#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace quire {

// Unpacks gzip (RFC 1952), fed piece by piece; holds a window and a piece. One thread at a time.
class Gunzip {
 public:
  // No more than `most` bytes may come out: a small body may hold a large one.
  explicit Gunzip(std::uint64_t most);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  // Gives what comes out to `sink`, by pieces. Errors: invalid, where that is no gzip or goes on behind its
  // end; too_large; those of the sink. After one the object is good for nothing more.
  Status feed(std::string_view packed, const std::function<Status(std::string_view)>& sink);
  // That was all. Errors: invalid, where its end is missing.
  Status finish() const;

 private:
  struct State;  // of zlib

  const std::unique_ptr<State> state_;
  const std::uint64_t most_;
  std::uint64_t came_ = 0;
  bool whole_ = false;
};

}  // namespace quire
