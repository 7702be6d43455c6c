#pragma once

#include <cstdint>
#include <string>

#include "base/http_transport.h"
#include "replication/types.h"

namespace quire::replication {

// An answer that came whole, unpacked, whatever its status.
struct WholeAnswer {
  unsigned status = 0;
  std::string text;
};

// Reads at most `most` bytes, and as many once unpacked. Errors: too_large; invalid, where it is packed in a
// way that is not known, or wrongly; those of the body.
void read_whole(HttpAnswer answer, std::uint64_t most, Completion<WholeAnswer> done);

}  // namespace quire::replication
