#include "api/couch/handlers.h"
#include "base/bytes.h"

namespace quire::api::couch {

std::string new_uuid(Random& random) {
  std::string bytes;
  put_u64(bytes, random.next_u64());
  put_u64(bytes, random.next_u64());
  return to_hex(bytes);
}

}  // namespace quire::api::couch
