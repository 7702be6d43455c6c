#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/testing/seeded_random.h"
#include "server/admin_key_file.h"
#include "server/authenticator.h"
#include "storage/testing/temporary_directory.h"

namespace quire::server {
namespace {

namespace fs = std::filesystem;
using storage::testing::TemporaryDirectory;

// Every byte rises by one, so that the key of the page can be made again.
class CountingRandom final : public Random {
 public:
  void fill(void* out, std::size_t bytes) override {
    for (std::size_t i = 0; i < bytes; ++i) static_cast<unsigned char*>(out)[i] = next_++;
  }

 private:
  unsigned char next_ = 0;
};

constexpr WallMs kThen = 1'767'225'600'000;

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(AdminKey, IsMadeAndStoredAsTheFixtureAndThePageHaveIt) {
  CountingRandom random;
  const NewKey made = make_admin_key(random, kThen);
  const std::string lines =
      "key " + std::string(made.text.reveal()) + "\nfile " + to_hex(encode(made.stored)) + "\n";
  EXPECT_EQ(read_text("tests/formats/1/admin-key.hex"), lines);
  EXPECT_NE(read_text("docs/formats/admin-key.md").find(lines), std::string::npos) << lines;
}

TEST(AdminKey, OfTheFixtureIsReadAndKnownAgain) {
  std::istringstream in(read_text("tests/formats/1/admin-key.hex"));
  std::string word;
  std::string key;
  std::string file;
  in >> word >> key >> word >> file;
  const auto stored = decode_admin_key(*from_hex(file));
  ASSERT_TRUE(stored) << stored.error().to_string();
  EXPECT_EQ(stored->created_ms, kThen);
  EXPECT_EQ(stored->id, *admin_key_id(key));
  KeyAuthenticator authenticator(*stored);
  EXPECT_EQ(authenticator.authenticate(key), engine::Caller::admin());
  EXPECT_EQ(authenticator.authenticate(key), engine::Caller::admin()) << "which it knows from before";
}

TEST(AdminKey, HasOneEncoding) {
  CountingRandom random;
  const std::string bytes = encode(make_admin_key(random, kThen).stored);
  EXPECT_FALSE(decode_admin_key(bytes + '\0'));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    EXPECT_FALSE(decode_admin_key(bytes.substr(0, at))) << at;
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(decode_admin_key(changed)) << at;
  }
}

TEST(AdminKey, AnotherVersionIsToldFromDamage) {
  CountingRandom random;
  std::string bytes = encode(make_admin_key(random, kThen).stored);
  bytes[13] = 2;
  bytes.resize(bytes.size() - 4);
  put_u32(bytes, crc32c(bytes));
  EXPECT_EQ(decode_admin_key(bytes).error().code(), ErrorCode::invalid);
}

TEST(AdminKey, AMistypedOneIsNoKey) {
  SeededRandom random(7);
  const NewKey made = make_admin_key(random, 0);
  const std::string key(made.text.reveal());
  EXPECT_EQ(admin_key_id(key), made.stored.id);
  for (std::size_t at = 0; at < key.size(); ++at) {
    std::string changed = key;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(admin_key_id(changed)) << at;
  }
  EXPECT_FALSE(admin_key_id(""));
  EXPECT_FALSE(admin_key_id(key + "0"));
  EXPECT_FALSE(admin_key_id(key.substr(1)));
}

TEST(AdminKey, EveryKeyIsAnotherOne) {
  const NewKey one = make_admin_key(system_random(), 0);
  const NewKey other = make_admin_key(system_random(), 0);
  EXPECT_NE(one.text.reveal(), other.text.reveal());
  EXPECT_NE(one.stored.id, other.stored.id);
  EXPECT_EQ(one.text.reveal().size(), kAdminKeyLength);
}

TEST(KeyAuthenticator, KnowsOneKeyAndNothingElse) {
  SeededRandom random(7);
  const NewKey made = make_admin_key(random, 0);
  const NewKey other = make_admin_key(random, 0);
  KeyAuthenticator authenticator(made.stored);
  const std::string key(made.text.reveal());
  EXPECT_EQ(authenticator.authenticate(key), engine::Caller::admin());
  EXPECT_FALSE(authenticator.authenticate(other.text.reveal()));
  EXPECT_FALSE(authenticator.authenticate(""));
  EXPECT_FALSE(authenticator.authenticate(key + "0"));
  EXPECT_FALSE(authenticator.authenticate(std::string(1 << 20, 'x')));
  EXPECT_FALSE(
      authenticator.authenticate(std::string_view(made.stored.digest.data(), made.stored.digest.size())));
  for (std::size_t at = 0; at < key.size(); ++at) {
    std::string changed = key;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(authenticator.authenticate(changed)) << at;
  }
}

TEST(AdminKeyFile, IsItsOwnersAloneAndReplacesTheOneBefore) {
  const TemporaryDirectory folder;
  const std::string data = folder.path().string();
  SeededRandom random(7);
  EXPECT_EQ(*load_admin_key(data), std::nullopt);
  const NewKey first = make_admin_key(random, 1);
  ASSERT_TRUE(save_admin_key(data, first.stored));
  EXPECT_EQ(*load_admin_key(data), first.stored);
  struct stat file {};
  ASSERT_EQ(::stat((data + "/admin-key").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);

  const NewKey second = make_admin_key(random, 2);
  ASSERT_TRUE(save_admin_key(data, second.stored));
  EXPECT_EQ(*load_admin_key(data), second.stored);
  EXPECT_EQ(std::distance(fs::directory_iterator(data), fs::directory_iterator()), 1);
  // Nothing of either key is in it.
  const std::string bytes = read_text(data + "/admin-key");
  EXPECT_EQ(bytes.find(std::string(second.text.reveal().substr(18, 20))), std::string::npos);
}

TEST(AdminKeyFile, ThatIsDamagedIsNamed) {
  const TemporaryDirectory folder;
  std::ofstream(folder / "admin-key") << "something else";
  const auto loaded = load_admin_key(folder.path().string());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), ErrorCode::corrupt);
  EXPECT_NE(loaded.error().message().find(folder / "admin-key"), std::string::npos);
  EXPECT_NE(loaded.error().message().find("reset-key"), std::string::npos);
}

TEST(AdminKeyFile, IsNotMadeWhereThereIsNoDirectory) {
  const TemporaryDirectory folder;
  CountingRandom random;
  EXPECT_EQ(save_admin_key(folder / "missing", make_admin_key(random, 0).stored).error().code(),
            ErrorCode::io);
}

}  // namespace
}  // namespace quire::server
