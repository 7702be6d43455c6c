#include "query/sort.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "query/sort_rows.h"

namespace quire::query {
namespace {

std::string key_of(std::string_view sort, std::string_view body, std::string_view id = "x") {
  document::Arena scratch;
  std::string key;
  EXPECT_TRUE(Sort::parse(sort).value().append_key(body, id, scratch, key));
  return key;
}

TEST(Sort, SaysWhatIsWrongAndWhere) {
  const auto field = [](std::string_view json) { return Sort::parse(json).error().field(); };
  EXPECT_EQ(field(R"({"a":2})"), "a");
  EXPECT_EQ(field(R"({"a":1,"b.c":"up"})"), "b.c");
  EXPECT_EQ(field(R"({"a..b":1})"), "a..b");
  EXPECT_EQ(field(R"({"$a":1})"), "$a");
  EXPECT_FALSE(Sort::parse("[]"));
  EXPECT_FALSE(Sort::parse("{"));
  std::string many = "{";
  for (int i = 0; i < 33; ++i) many += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + "\":1";
  EXPECT_EQ(Sort::parse(many + "}").error().code(), ErrorCode::too_large);
}

TEST(Sort, PrintsWhatItParses) {
  EXPECT_EQ(Sort::parse(R"( {"a.b": 1, "c": -1.0} )").value().print(), R"({"a.b":1,"c":-1})");
  EXPECT_EQ(Sort::parse(R"({"a":{"$numberInt":"-1"}})").value().print(), R"({"a":-1})");
  EXPECT_TRUE(Sort::parse("").value().empty());
  EXPECT_TRUE(Sort::parse("{}").value().empty());
}

TEST(Sort, OfAnArrayTheLeastAndTheGreatestCount) {
  EXPECT_EQ(key_of(R"({"a":1})", R"({"a":[3,1,2]})"), key_of(R"({"a":1})", R"({"a":1})"));
  EXPECT_EQ(key_of(R"({"a":-1})", R"({"a":[3,1,2]})"), key_of(R"({"a":-1})", R"({"a":3})"));
  EXPECT_EQ(key_of(R"({"a.b":-1})", R"({"a":[{"b":1},{"b":[7,2]},5]})"),
            key_of(R"({"a.b":-1})", R"({"a":{"b":7}})"));
  EXPECT_EQ(key_of(R"({"a.b":1})", R"({"a":[{"b":1},5]})"), key_of(R"({"a.b":1})", "{}"));
}

TEST(Sort, OfSeveralKeysThroughAnArrayOneElementCounts) {
  const char* const sort = R"({"a.x":1,"b":1,"a.y":-1})";
  EXPECT_EQ(key_of(sort, R"({"a":[{"x":1,"y":1},{"x":2,"y":9},{"x":1,"y":3}],"b":5})"),
            key_of(sort, R"({"a":{"x":1,"y":3},"b":5})"));
  EXPECT_EQ(key_of(sort, R"({"a":[{"x":2},{"y":3}]})"), key_of(sort, R"({"a":{"y":3}})"));
  EXPECT_EQ(key_of(R"({"a":-1,"a.x":1})", R"({"a":[{"x":2},{"x":1}]})"),
            key_of(R"({"a":-1,"a.x":1})", R"({"a":{"x":2}})"));
  EXPECT_EQ(key_of(R"({"a":1,"_id":-1})", R"({"a":[2,1]})", "i"),
            key_of(R"({"a":1,"_id":-1})", R"({"a":1})", "i"));
}

TEST(Sort, AnArrayWithoutElementsStandsInFrontOfNull) {
  const char* const up = R"({"a":1})";
  const char* const down = R"({"a":-1})";
  EXPECT_LT(key_of(up, R"({"a":[]})"), key_of(up, "{}"));
  EXPECT_GT(key_of(down, R"({"a":[]})"), key_of(down, "{}"));
  EXPECT_GT(key_of(up, R"({"a":[[]]})"), key_of(up, R"({"a":"x"})"));
  EXPECT_EQ(key_of(R"({"a.b":1})", R"({"a":[]})"), key_of(R"({"a.b":1})", "{}"));
}

TEST(Sort, ANumberNamesAnElement) {
  EXPECT_EQ(key_of(R"({"a.1.b":1})", R"({"a":[{"b":1},{"b":2}]})"), key_of(R"({"a":1})", R"({"a":2})"));
  EXPECT_EQ(key_of(R"({"a.0":1})", R"({"a":[2,1]})"), key_of(R"({"a":1})", R"({"a":2})"));
  EXPECT_EQ(key_of(R"({"a.7.b":1})", R"({"a":[{"b":1}]})"), key_of(R"({"a":1})", "{}"));
  EXPECT_EQ(key_of(R"({"a.7":1})", R"({"a":[{"7":1}]})"), key_of(R"({"a":1})", R"({"a":1})"));
}

TEST(Sort, ArraysSideBySideAreRefused) {
  document::Arena scratch;
  std::string key;
  const Sort sort = Sort::parse(R"({"a":1,"c.d":1})").value();
  const Error error = sort.append_key(R"({"a":[1],"c":[{"d":2}]})", "x", scratch, key).error();
  EXPECT_EQ(
      error.to_string(),
      "invalid: a document cannot stand in the order of the sort: its paths 'a' and 'c.d' go through two "
      "arrays side by side");
  EXPECT_TRUE(sort.append_key(R"({"a":[1],"c":{"d":2}})", "x", scratch, key));
}

TEST(Sort, WhatIsMissingIsNull) {
  EXPECT_EQ(key_of(R"({"a":1})", "{}"), key_of(R"({"a":1})", R"({"a":null})"));
  EXPECT_EQ(key_of(R"({"a.b":1})", R"({"a":[1,2]})"), key_of(R"({"a.b":1})", "{}"));
  EXPECT_LT(key_of(R"({"a":1})", "{}"), key_of(R"({"a":1})", R"({"a":false})"));
}

TEST(Sort, TheIdIsAString) {
  EXPECT_LT(key_of(R"({"_id":1})", "{}", "a"), key_of(R"({"_id":1})", "{}", "b"));
  EXPECT_GT(key_of(R"({"_id":-1})", "{}", "a"), key_of(R"({"_id":-1})", "{}", "b"));
}

// Rows of a list.
class Listed final : public RowSource {
 public:
  explicit Listed(std::size_t count) : count_(count) {}
  Result<bool> next(Row& row) override {
    if (at_ == count_) return false;
    // Each value some ten times, in no order.
    const std::size_t value = at_ * 7919 % (count_ / 10 + 1);
    id_ = std::to_string(at_ * 31 % count_);
    body_ = "{\"v\":" + std::to_string(value) + ",\"filler\":\"" + std::string(value % 50, 'x') + "\"}";
    row = {.id = id_, .body = body_};
    ++at_;
    return true;
  }

 private:
  const std::size_t count_;
  std::size_t at_ = 0;
  std::string id_;
  std::string body_;
};

struct Sorted {
  std::vector<std::string> ids;
  std::uint64_t spilled = 0;
};

Result<Sorted> sort_listed(std::size_t count, const SortOptions& options, const Budget& budget) {
  Run run{.clock = system_clock(), .limits = {}, .budget = budget};
  Watch watch(run);
  const auto rows =
      sort_rows(std::make_unique<Listed>(count), Sort::parse(R"({"v":-1})").value(), options, watch);
  Sorted sorted;
  Row row;
  for (;;) {
    QUIRE_TRY(const bool more, rows->next(row));
    if (!more) break;
    sorted.ids.emplace_back(row.id);
  }
  sorted.spilled = run.spilled;
  return sorted;
}

TEST(SortRows, InRunsOnTheDiskAsInMemory) {
  const auto whole = sort_listed(10'007, {}, {}).value();
  ASSERT_EQ(whole.ids.size(), 10'007U);
  EXPECT_EQ(whole.spilled, 0U);
  Budget little;
  little.memory_bytes = 20'000;
  little.spill_directory = ::testing::TempDir();
  const auto spilled = sort_listed(10'007, {}, little).value();
  EXPECT_GT(spilled.spilled, 100'000U);
  EXPECT_EQ(spilled.ids, whole.ids);
}

TEST(SortRows, TheFirstFewAreThoseOfAll) {
  const auto whole = sort_listed(1009, {}, {}).value().ids;
  for (const std::uint64_t most : {1U, 10U, 1008U, 1009U, 5000U}) {
    auto few = sort_listed(1009, {.most = most, .after = {}}, {}).value().ids;
    EXPECT_EQ(few, std::vector(whole.begin(),
                               whole.begin() +
                                   static_cast<std::ptrdiff_t>(std::min<std::size_t>(most, whole.size()))));
  }
  // So many that they do not fit.
  Budget little;
  little.memory_bytes = 5000;
  little.spill_directory = ::testing::TempDir();
  const auto few = sort_listed(1009, {.most = 500, .after = {}}, little).value().ids;
  ASSERT_GE(few.size(), 500U);
  EXPECT_TRUE(std::equal(few.begin(), few.begin() + 500, whole.begin()));
}

TEST(SortRows, SayWhichBoundWasPassed) {
  Budget little;
  little.memory_bytes = 5000;
  EXPECT_EQ(sort_listed(1009, {}, little).error().code(), ErrorCode::exhausted);
  little.spill_directory = ::testing::TempDir();
  little.spilled_bytes = 10'000;
  const Error error = sort_listed(1009, {}, little).error();
  EXPECT_EQ(error.code(), ErrorCode::exhausted);
  EXPECT_EQ(error.limit(), 10'000U);
}

}  // namespace
}  // namespace quire::query
