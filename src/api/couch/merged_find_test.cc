#include "api/couch/merged_find.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <map>

namespace quire::api::couch {
namespace {

using ::testing::ElementsAre;

using Reached = std::vector<MergedFind::Reached>;

// Collections of numbers, two to a page; a cursor is how many are in front of it.
class Merging : public ::testing::Test {
 protected:
  MergedFind merge(Reached reached) {
    return {engine::SortKeys::parse(R"({"n":1})").value(), std::move(reached),
            [this](const std::string& collection, const std::string& cursor, const engine::RowSink& sink) {
              return page(collection, cursor, sink);
            }};
  }
  Result<engine::FindEnd> page(const std::string& collection, const std::string& cursor,
                               const engine::RowSink& sink) {
    std::size_t at = 0;
    std::from_chars(cursor.data(), cursor.data() + cursor.size(), at);
    const std::vector<int>& all = numbers_[collection];
    const std::size_t end = std::min(at + 2, all.size());
    for (; at < end; ++at) {
      const std::string id = std::to_string(all[at]);
      if (!sink({.id = id, .value = R"({"n":)" + id + "}"})) break;
    }
    return engine::FindEnd{.stats = {}, .next = end < all.size() ? std::to_string(end) : std::string()};
  }
  static std::vector<std::string> take(MergedFind& rows, std::size_t most) {
    std::vector<std::string> taken;
    while (taken.size() < most) {
      const auto found = rows.next().value();
      if (!found) break;
      taken.push_back(found->collection + " " + found->id);
    }
    return taken;
  }

  std::map<std::string, std::vector<int>> numbers_;
};

TEST_F(Merging, GoesOnWhereItStopped) {
  numbers_ = {{"a", {1, 4, 5, 6, 9}}, {"b", {2, 3, 7}}, {"c", {}}};
  std::vector<std::string> all;
  Reached reached{{.collection = "a"}, {.collection = "b"}, {.collection = "c"}};
  while (true) {
    MergedFind rows = merge(std::move(reached));
    for (const std::string& one : take(rows, 3)) all.push_back(one);
    const std::string bookmark = rows.bookmark();
    if (bookmark.empty()) break;
    ASSERT_LE(all.size(), 8U);
    reached = MergedFind::parse(bookmark).value();
  }
  EXPECT_THAT(all, ElementsAre("a 1", "b 2", "b 3", "a 4", "a 5", "a 6", "b 7", "a 9"));
}

TEST_F(Merging, OrdersWhatIsEqualById) {
  numbers_ = {{"b", {1, 1}}, {"a", {1}}};
  MergedFind rows = merge({{.collection = "b"}, {.collection = "a"}});
  EXPECT_THAT(take(rows, 9), ElementsAre("a 1", "b 1", "b 1"));
}

TEST(MergedBookmark, IsReadAsItIsWrittenOrNotAtAll) {
  const auto reached = MergedFind::parse("*a,3,aGk+/w==;b,0,;");
  ASSERT_TRUE(reached);
  ASSERT_EQ(reached->size(), 2U);
  EXPECT_EQ(reached->front().collection, "a");
  EXPECT_EQ(reached->front().taken, 3U);
  EXPECT_EQ(reached->front().cursor, "aGk+/w==");
  EXPECT_EQ(reached->back().cursor, "");
  for (const char* const text :
       {"", "nil", "a/x", "*", "*a,3,x", "*a,3;", "*a,x,;", "*a,-1,;", "*a,99999999999999999999,;"}) {
    EXPECT_FALSE(MergedFind::parse(text)) << text;
  }
}

}  // namespace
}  // namespace quire::api::couch
