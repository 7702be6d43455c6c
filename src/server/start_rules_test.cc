#include "server/start_rules.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/memory_log.h"
#include "storage/testing/temporary_directory.h"

namespace quire::server {
namespace {

Config config_on(const std::string& listener) {
  Config config = *ConfigBuilder().finish();
  config.listeners = {*parse_listener(listener)};
  return config;
}

TEST(StartRules, RootIsRefusedUnlessItIsAllowed) {
  Config config = config_on("127.0.0.1:0");
  EXPECT_TRUE(check_start(config, false));
  const Status refused = check_start(config, true);
  EXPECT_EQ(refused.error().code(), ErrorCode::forbidden);
  EXPECT_NE(refused.error().message().find("--allow-root"), std::string::npos);
  config.allow_root = true;
  EXPECT_TRUE(check_start(config, true));
}

TEST(StartRules, OtherAddressesNeedTlsOrAWordForPlaintext) {
  for (const char* listener : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "kv=10.0.0.1:1"}) {
    Config config = config_on(listener);
    const Status refused = check_start(config, false);
    ASSERT_FALSE(refused) << listener;
    EXPECT_NE(refused.error().message().find("--insecure-plaintext"), std::string::npos);
    config.insecure_plaintext = true;
    EXPECT_TRUE(check_start(config, false)) << listener;
    config.insecure_plaintext = false;
    config.tls_certificate = "certificate";
    EXPECT_TRUE(check_start(config, false)) << listener;
  }
}

TEST(StartRules, OneOpenListenerAmongManyIsSeen) {
  Config config = config_on("127.0.0.1:1");
  config.listeners.push_back(*parse_listener("0.0.0.0:2"));
  EXPECT_FALSE(check_start(config, false));
}

TEST(StartRules, DevelopmentModeStaysOnLoopbackWhateverElseIsSaid) {
  Config config = config_on("0.0.0.0:1");
  config.dev = true;
  config.insecure_plaintext = true;
  config.tls_certificate = "certificate";
  const Status refused = check_start(config, false);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("--dev"), std::string::npos);
  config.listeners = {*parse_listener("[::1]:1")};
  EXPECT_TRUE(check_start(config, false));
}

TEST(StartRules, WhatIsRiskyOrDoesNothingIsSaid) {
  MemoryLog log;
  Config config = config_on("127.0.0.1:1");
  warn_of(config, log);
  EXPECT_TRUE(log.lines().empty());
  config.kv_mesh_url = "http://user:password@node:1";
  config.listeners.push_back(*parse_listener("0.0.0.0:2"));
  warn_of(config, log);
  ASSERT_EQ(log.lines().size(), 2U);
  EXPECT_EQ(log.lines()[0].find("password"), std::string::npos);
  EXPECT_NE(log.lines()[1].find("0.0.0.0:2"), std::string::npos);
}

TEST(StartRules, TheDataDirectoryBecomesItsOwnersAlone) {
  const storage::testing::TemporaryDirectory folder;
  const auto mode_of = [](const std::string& path) {
    struct stat now {};
    return ::stat(path.c_str(), &now) == 0 ? now.st_mode & 07777U : 0U;
  };
  ASSERT_TRUE(own_directory(folder / "above/data"));
  EXPECT_EQ(mode_of(folder / "above/data"), 0700U);
  ASSERT_EQ(::mkdir((folder / "open").c_str(), 0777), 0);
  ASSERT_EQ(::chmod((folder / "open").c_str(), 0755), 0);
  ASSERT_TRUE(own_directory(folder / "open"));
  EXPECT_EQ(mode_of(folder / "open"), 0700U);
  EXPECT_EQ(own_directory("/dev/null/data").error().code(), ErrorCode::io);
}

}  // namespace
}  // namespace quire::server
