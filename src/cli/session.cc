#include "cli/session.h"

namespace quire::cli {

Result<Session> Session::open(const Place& place, Missing missing) {
  v1::Options options;
  options.create = missing == Missing::is_made;
  auto core = v1::open_core(place.data, options);
  if (!core && core.error().code() == ErrorCode::not_found) {
    return Error(ErrorCode::not_found, "there is no data directory '" + place.data +
                                           "'; quire put and quire import make one, --data names another");
  }
  if (!core) return std::move(core).error();
  return Session(*std::move(core));
}

Result<engine::EditResult> Session::write_one(const Place& place, engine::Change change,
                                              const engine::WriteOptions& options) {
  std::vector<engine::Change> changes;
  changes.push_back(std::move(change));
  QUIRE_TRY(engine::WriteResult answer, engine::wait<engine::WriteResult>([&](auto done) {
              documents().write(caller_, {}, place.database_address(), std::move(changes), options,
                                std::move(done));
            }));
  return std::move(answer.rows.front());
}

void define_durability(Arguments& arguments, std::string& word) {
  word = "disk";
  arguments.choice("--durability", word, {"memory", "os", "disk"}, "how safe a write is when it is answered");
}

engine::Durability durability_of(const std::string& word) {
  if (word == "memory") return engine::Durability::memory;
  return word == "os" ? engine::Durability::os : engine::Durability::disk;
}

}  // namespace quire::cli
