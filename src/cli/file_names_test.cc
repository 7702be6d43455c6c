#include "cli/file_names.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"

namespace quire::cli {
namespace {

TEST(FileNames, PlainIdsAreTheirOwnNames) {
  EXPECT_EQ(file_name("CH"), "CH");
  EXPECT_EQ(file_name("a b.json"), "a b.json");
  EXPECT_EQ(file_name("é"), "é");
}

TEST(FileNames, WhatAFileSystemTakesOtherwiseIsEscaped) {
  EXPECT_EQ(file_name("../etc"), "%2E.%2Fetc");
  EXPECT_EQ(file_name("."), "%2E");
  EXPECT_EQ(file_name(".."), "%2E.");
  EXPECT_EQ(file_name("100%~\n"), "100%25%7E%0A");
}

TEST(FileNames, ALongIdIsCutBetweenCharactersAndTold) {
  std::string id;
  for (int i = 0; i < 200; ++i) id += "é";
  const std::string name = file_name(id);
  EXPECT_LE(name.size(), 255U);
  EXPECT_TRUE(valid_utf8(name));
  EXPECT_EQ(id_of_file_name(name), std::nullopt);
  EXPECT_NE(file_name(id + "a"), file_name(id + "b"));
  const std::string slashes(300, '/');
  EXPECT_LE(file_name(slashes).size(), 255U);
}

TEST(FileNames, NamesOfOthersAreIds) {
  EXPECT_EQ(id_of_file_name("owl"), "owl");
  EXPECT_EQ(id_of_file_name("%2f%2F"), "//");
  EXPECT_EQ(id_of_file_name("100%"), std::nullopt);
  EXPECT_EQ(id_of_file_name("%zz"), std::nullopt);
}

RC_GTEST_PROP(FileNames, EveryIdComesBackFromItsName, (const std::string& id)) {
  RC_PRE(!id.empty() && id.size() < 70);
  const std::string name = file_name(id);
  RC_ASSERT(name.find('/') == std::string::npos);
  RC_ASSERT(name.front() != '.');
  RC_ASSERT(id_of_file_name(name) == id);
}

}  // namespace
}  // namespace quire::cli
