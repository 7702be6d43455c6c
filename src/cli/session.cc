#include "cli/session.h"

#include "cli/remote/remote_backend.h"
#include "embed/core.h"

namespace quire::cli {

namespace {

class DirectoryBackend final : public Backend {
 public:
  explicit DirectoryBackend(std::shared_ptr<v1::Core> core) : core_(std::move(core)) {}
  engine::Documents& documents() override { return core_->node->documents(); }
  engine::Feeds& feeds() override { return core_->node->feeds(); }
  engine::Catalog& catalog() override { return core_->node->catalog(); }
  Result<std::string> version() override { return std::string(v1::version()); }

 private:
  std::shared_ptr<v1::Core> core_;
};

}  // namespace

Result<Session> Session::open(const Place& place, Missing missing) {
  QUIRE_TRY(const std::string url, place.server_url());
  if (url.empty()) return open_directory(place, missing);
  QUIRE_TRY(auto backend, remote::connect(url, place.key_file));
  return Session(std::move(backend));
}

Result<Session> Session::open_directory(const Place& place, Missing missing) {
  v1::Options options;
  options.create = missing == Missing::is_made;
  auto core = v1::open_core(place.data_directory(), options);
  if (!core && core.error().code() == ErrorCode::not_found) {
    return Error(ErrorCode::not_found, "there is no data directory '" + place.data_directory() +
                                           "'; quire put and quire import make one, --data names another");
  }
  if (!core) return std::move(core).error();
  return Session(std::make_unique<DirectoryBackend>(*std::move(core)));
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
