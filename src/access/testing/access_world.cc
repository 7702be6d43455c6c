#include "access/testing/access_world.h"

#include <fstream>
#include <sstream>

#include "base/check.h"

namespace quire::access::testing {

PasswordCost cheap() { return {.memory_kib = 8, .passes = 1}; }

AccessWorld::AccessWorld(const std::string& directory, std::uint64_t seed) : random(seed) {
  options.password = cheap();
  database::CatalogOptions opening;
  if (directory.empty()) opening.medium = storage::Medium::memory;
  auto opened = database::Catalog::open(directory.empty() ? "access-world" : directory, opening, clock,
                                        system_random(), *threads);
  QUIRE_CHECK(opened.has_value(), "a test's catalog does not open");
  disk = std::move(*opened);
  catalog = std::make_unique<StoppableCatalog>(*disk);
  start();
}

AccessWorld::~AccessWorld() { access = nullptr; }

void AccessWorld::start() {
  executor = std::make_unique<ManualExecutor>(clock);
  auto opened = Access::open(*catalog, options, clock, random, *executor);
  QUIRE_CHECK(opened.has_value(), opened ? "" : opened.error().message().c_str());
  access = std::move(*opened);
}

void AccessWorld::reopen() {
  access = nullptr;
  start();
}

void AccessWorld::crash() {
  catalog->stop();
  access = nullptr;
  catalog->go_on();
  start();
}

User AccessWorld::user(const std::string& name, const std::string& password) {
  auto made = access->add_user({.name = name, .password = Secret(password), .email = name + "@example.org"});
  QUIRE_CHECK(made.has_value(), made ? "" : made.error().message().c_str());
  return *made;
}

std::shared_ptr<const Identity> AccessWorld::identity(const std::string& user) {
  const auto key = access->make_key(user, {});
  QUIRE_CHECK(key.has_value(), key ? "" : key.error().message().c_str());
  return access->authenticate(key->text.reveal());
}

std::shared_ptr<const Identity> AccessWorld::admin() {
  auto made = access->make_first_admin();
  QUIRE_CHECK(made.has_value(), "the first administrator is not made");
  return identity("admin");
}

Place AccessWorld::database(const std::string& name, const std::string& owner) {
  auto made = disk->create(name, owner);
  QUIRE_CHECK(made.has_value(), made ? "" : made.error().message().c_str());
  places_.push_back(std::make_unique<Owned>(Owned{made->id, owner, name}));
  const Owned& owned = *places_.back();
  return {owned.id, owned.owner, owned.name};
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  QUIRE_CHECK(in.good(), ("a test's file is not there: " + path).c_str());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace quire::access::testing
