#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace quire::document {

inline constexpr std::size_t kIdBytes = 512;

// A document's id: 1 to 512 bytes of valid UTF-8 without NUL; anything else is allowed, "__proto__" too. Ids
// are kept and compared as their bytes. Errors: invalid, too_large (field "_id").
Status check_id(std::string_view id);

// 24 lowercase hexadecimal digits: such an id is an ObjectId, and {"$oid": h} names the same document.
bool is_object_id(std::string_view id);

// Makes ObjectIds: seconds, five bytes that are random for this maker, a counter; rising within one maker
// even when the clock steps back. Thread-safe.
class ObjectIdMaker {
 public:
  ObjectIdMaker(const Clock& clock, Random& random);
  std::string next();

 private:
  const Clock& clock_;
  std::uint64_t random_;             // 40 bits
  std::atomic<std::uint64_t> last_;  // seconds << 24 | counter
};

}  // namespace quire::document
