#include "cli/place.h"

#include <gtest/gtest.h>

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
