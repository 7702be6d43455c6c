#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "access/testing/access_world.h"

namespace quire::access {
namespace {

namespace fs = std::filesystem;
using testing::AccessWorld;

class OwnDirectory {
 public:
  OwnDirectory() {
    std::string pattern = (fs::temp_directory_path() / "quire-access-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~OwnDirectory() { fs::remove_all(path); }
  std::string path;
};

std::string all_bytes(const std::string& directory) {
  std::ostringstream out;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) out << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return out.str();
}

// What the shards of the catalog hold, keys and values: on disk they are compressed.
std::string all_records(database::Catalog& catalog) {
  std::string all;
  for (const database::DatabaseInfo& info : catalog.list()) {
    const auto shard = catalog.use(info.id);
    EXPECT_TRUE(shard);
    for (std::size_t family = 0; family < storage::kFamilies; ++family) {
      const auto records = (*shard)->store().iterate(static_cast<storage::Family>(family));
      for (records->seek_to_first(); records->valid(); records->next()) {
        all.append(records->key()).append("\n").append(records->value()).append("\n");
      }
    }
  }
  return all;
}

// Everything that takes or gives a secret, on a real directory: none of it is in any file.
TEST(Canary, NoSecretIsInTheDataDirectory) {
  const OwnDirectory directory;
  const std::string data = directory.path + "/data";
  std::vector<std::string> secrets = {"canary password one", "canary password two", "canary password three",
                                      "canary wrong password"};
  const auto mark = [&](const Secret& secret) { secrets.emplace_back(secret.reveal()); };
  std::string files;
  {
    AccessWorld world(data);
    const auto admin = world->make_first_admin();
    mark((*admin)->password);
    mark((*admin)->key.text);
    world.user("visible-name", secrets[0]);
    mark(world->make_key("visible-name", {.only = true})->text);
    mark(world->make_key("visible-name", {.only = true})->text);
    mark(world->log_in("visible-name", Secret(secrets[0]), "a")->token);
    EXPECT_FALSE(world->log_in("visible-name", Secret(secrets[3]), "a"));
    EXPECT_FALSE(world->log_in(secrets[2], Secret(secrets[3]), "a"));
    ASSERT_TRUE(world->set_password("visible-name", Secret(secrets[1]), nullptr));
    mark(world->log_in("visible-name", Secret(secrets[1]), "a")->token);
    world.reopen();
    EXPECT_TRUE(world->authenticate(secrets[5]));
    EXPECT_TRUE(world->authenticate(secrets.back()));
    files = all_records(*world.disk) + all_bytes(data);
  }
  files += all_bytes(data);
  EXPECT_NE(files.find("visible-name"), std::string::npos);  // so the search can find something
  for (const std::string& secret : secrets) {
    EXPECT_EQ(files.find(secret), std::string::npos) << "a secret of " << secret.size() << " characters";
    // Nor the random part of a key, without what stands around it.
    if (secret.starts_with("qr_")) {
      EXPECT_EQ(files.find(secret.substr(secret.size() - 49, 43)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace quire::access
