#include "quire/quire.h"

#include "embed/convert.h"
#include "embed/core.h"

QUIRE_NAMESPACE_BEGIN

Quire::Quire(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Database Quire::database(std::string_view name) const { return Database(core_, std::string(name)); }

Result<std::vector<std::string>> Quire::databases() const {
  if (!usable(*core_)) return forked();
  auto databases = engine::wait<std::vector<engine::DatabaseDescription>>(
      [&](auto done) { core_->node->catalog().databases(engine::Caller::admin(), {}, std::move(done)); });
  if (!databases) return to_public(databases.error());
  std::vector<std::string> names;
  for (auto& database : *databases) names.push_back(std::move(database.name));
  return names;
}

Status Quire::create_database(std::string_view name) {
  if (!usable(*core_)) return forked();
  const auto made = engine::wait<engine::DatabaseDescription>([&](auto done) {
    core_->node->catalog().create_database(engine::Caller::admin(), {}, {.name = name}, {}, std::move(done));
  });
  if (!made) return to_public(made.error());
  return {};
}

Status Quire::remove_database(std::string_view name) {
  if (!usable(*core_)) return forked();
  return to_public(engine::wait<void>([&](auto done) {
    core_->node->catalog().remove_database(engine::Caller::admin(), {}, {.name = name}, std::move(done));
  }));
}

Status Quire::backup(const std::string& directory) const {
  if (!usable(*core_)) return forked();
  return to_public(engine::wait<void>([&](auto done) {
    core_->node->catalog().backup(engine::Caller::admin(), {}, directory, std::move(done));
  }));
}

Status Quire::verify(const std::function<void(const std::string&)>& damaged) const {
  if (!usable(*core_)) return forked();
  return to_public(engine::wait<void>([&](auto done) {
    core_->node->catalog().verify(engine::Caller::admin(), {}, damaged, std::move(done));
  }));
}

Result<Quire> open(const std::string& directory, const Options& options) {
  auto core = open_core(directory, options);
  if (!core) return to_public(core.error());
  return Quire(*std::move(core));
}

Status restore(const std::string& backup_directory, const std::string& directory) {
  return to_public(engine::restore(backup_directory, directory));
}

QUIRE_NAMESPACE_END
