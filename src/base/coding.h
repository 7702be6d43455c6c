#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

// The content codings of HTTP (RFC 9110, 8.4) that are known here: gzip (RFC 1952) and zstd (RFC 8878).
namespace quire {

// Unpacks one body, fed piece by piece; holds a window (8 MiB at most). One thread at a time. After an error
// it is good for nothing more.
class Unpacker {
 public:
  // Of a coding by its name; null for one that is not known. No more than `most` bytes may come out: a small
  // body may hold a large one.
  static std::unique_ptr<Unpacker> make(std::string_view coding, std::uint64_t most);
  virtual ~Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  // Takes bytes from the front of `packed`, and answers how many have come out; 0: it wants more. Errors:
  // invalid, where that is malformed or goes on behind its end; too_large.
  Result<std::size_t> unpack(std::string_view& packed, std::span<char> into);
  // Gives all that comes out of `packed` to `sink`, by pieces. Errors: the same, and those of the sink.
  Status feed(std::string_view packed, const std::function<Status(std::string_view)>& sink);
  // That was all. Errors: invalid, where its end is missing.
  Status finish() const;

 protected:
  explicit Unpacker(std::uint64_t most) : most_(most) {}
  struct Step {
    std::size_t taken = 0;
    std::size_t out = 0;
    bool whole = false;
    bool malformed = false;
  };
  virtual Step step(std::string_view packed, std::span<char> into) = 0;

 private:
  const std::uint64_t most_;
  std::uint64_t came_ = 0;
  bool whole_ = false;
};

// A whole text. Errors: as Unpacker's; invalid, where the coding is not known.
Result<std::string> unpack(std::string_view coding, std::string_view packed, std::uint64_t most);
// By zstd, at its quickest level that saves something.
std::string pack_zstd(std::string_view text);

}  // namespace quire
