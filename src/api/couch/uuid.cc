#include "api/couch/handlers.h"
#include "base/bytes.h"

namespace quire::api::couch {

std::string new_uuid(Random& random) {
  std::string bytes;
  put_u64(bytes, random.next_u64());
  put_u64(bytes, random.next_u64());
  return to_hex(bytes);
}

// The database that every server has has an id that no other server's has.
Result<std::string> node_id(const CouchCall& call) {
  QUIRE_TRY(const auto all, engine::wait<std::vector<engine::DatabaseDescription>>([&](auto done) {
              call.parts().catalog.databases(engine::Caller::admin(), {}, std::move(done));
            }));
  for (const auto& one : all) {
    if (one.owner.empty() && one.name == "main") return one.id + one.id;
  }
  return std::string(32, '0');
}

}  // namespace quire::api::couch
