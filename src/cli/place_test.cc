#include "cli/place.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace quire::cli {
namespace {

TEST(Place, AnAddressNamesDatabaseCollectionAndId) {
  Place place;
  EXPECT_EQ(place.take_address("a").value(), "a");
  EXPECT_EQ(place.collection_address().collection, "_default");
  EXPECT_EQ(place.database_address().name, "main");
  EXPECT_EQ(place.take_address("things/a").value(), "a");
  EXPECT_EQ(place.collection_address().collection, "things");
  place = {};
  EXPECT_EQ(place.take_address("other/things/a/b").value(), "a/b");
  EXPECT_EQ(place.database_address().name, "other");
}

TEST(Place, ADirectoryThatIsNamedComesBeforeAServerOfTheEnvironment) {
  ::setenv("QUIRE_SERVER", "http://127.0.0.1:1", 1);
  ::setenv("QUIRE_DATA", "elsewhere", 1);
  Place place;
  EXPECT_EQ(place.server_url().value(), "http://127.0.0.1:1");
  place.data = "./quire-data";
  EXPECT_EQ(place.server_url().value(), "");
  EXPECT_EQ(place.data_directory(), "./quire-data");
  place.server = "http://127.0.0.1:2";
  EXPECT_EQ(place.server_url().error().code(), ErrorCode::invalid);
  place.data.clear();
  EXPECT_EQ(place.server_url().value(), "http://127.0.0.1:2");
  EXPECT_EQ(place.data_directory(), "elsewhere");
  ::unsetenv("QUIRE_SERVER");
  ::unsetenv("QUIRE_DATA");
  EXPECT_EQ(Place().data_directory(), "./quire-data");
  EXPECT_EQ(Place().server_url().value(), "");
}

TEST(Place, WhereACollectionIsGivenTheWholeArgumentIsTheId) {
  Place place;
  place.collection = "things";
  EXPECT_EQ(place.take_address("a/b/c").value(), "a/b/c");
}

TEST(Place, AnAddressWithoutAnIdIsRefused) {
  for (const char* address : {"", "/", "things/", "/a", "//", "a//b", "/a/b", "a/b/"}) {
    Place place;
    EXPECT_FALSE(place.take_address(address)) << address;
  }
}

}  // namespace
}  // namespace quire::cli
