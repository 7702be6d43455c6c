#include "quire/quire_c.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using ::testing::ElementsAre;

struct CInterface : ::testing::Test {
  CInterface() {
    std::string name = (std::filesystem::temp_directory_path() / "quire-c-XXXXXX").string();
    directory = ::mkdtemp(name.data());
    EXPECT_EQ(quire_open(directory.c_str(), 0, &handle, nullptr), QUIRE_OK);
  }
  ~CInterface() override {
    quire_close(handle);
    std::filesystem::remove_all(directory);
  }

  int put(const char* id, const std::string& json, const char* revision = nullptr) {
    quire_free(new_revision);
    quire_free(error);
    new_revision = nullptr;
    error = nullptr;
    return quire_put(handle, nullptr, "things", id, json.data(), json.size(), revision, nullptr,
                     &new_revision, &error);
  }

  std::string directory;
  quire_handle* handle = nullptr;
  char* new_revision = nullptr;
  char* error = nullptr;
};

TEST_F(CInterface, PutsGetsAndRemoves) {
  ASSERT_EQ(put("a", R"({"n":1})"), QUIRE_OK);
  ASSERT_EQ(put("a", R"({"n":2})"), QUIRE_CONFLICT);
  EXPECT_NE(std::strstr(error, "conflict"), nullptr);

  char* json = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(quire_get(handle, "main", "things", "a", &json, &bytes, nullptr), QUIRE_OK);
  EXPECT_EQ(std::strlen(json), bytes);
  EXPECT_NE(std::strstr(json, R"("n":1)"), nullptr);
  quire_free(json);

  ASSERT_EQ(quire_remove(handle, nullptr, "things", "a", nullptr, nullptr, nullptr), QUIRE_OK);
  EXPECT_EQ(quire_get(handle, "main", "things", "a", &json, nullptr, nullptr), QUIRE_NOT_FOUND);
  quire_free(new_revision);
  quire_free(error);
}

TEST_F(CInterface, ShowsChangesAndGoesOn) {
  ASSERT_EQ(put("a", R"({"n":1})"), QUIRE_OK);
  ASSERT_EQ(put("b", "{}"), QUIRE_OK);
  std::vector<std::string> seen;
  const auto note = [](void* context, const quire_change* change) {
    auto& list = *static_cast<std::vector<std::string>*>(context);
    list.push_back(std::string(change->operation) + " " + change->id + " " +
                   (change->body ? change->body : "-"));
    return list.size() == 2 ? 1 : 0;
  };
  char* position = nullptr;
  ASSERT_EQ(quire_changes(handle, nullptr, nullptr, 0, note, &seen, &position, nullptr), QUIRE_OK);
  char* end = nullptr;
  ASSERT_EQ(quire_changes(handle, nullptr, position, 10, note, &seen, &end, nullptr), QUIRE_OK);
  EXPECT_THAT(seen, ElementsAre("create_collection  -", R"(insert a {"n":1})", "insert b {}"));
  EXPECT_THAT(end, ::testing::StartsWith("3-"));
  quire_free(position);
  quire_free(end);
  quire_free(new_revision);
}

TEST_F(CInterface, ASecondHandleIsRefused) {
  quire_handle* second = nullptr;
  EXPECT_EQ(quire_open(directory.c_str(), 0, &second, &error), QUIRE_LOCKED);
  EXPECT_EQ(second, nullptr);
  EXPECT_NE(error, nullptr);
  quire_free(error);
}

}  // namespace
