// Which way a query takes is told by how many documents it looks at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/find.h"
#include "query/testing/memory_view.h"

namespace quire::query {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;
using testing::MemoryView;

constexpr std::uint64_t kDocuments = 10'000;

// Documents whose members "k" rise otherwise than their ids; "g" is one of a thousand values, "c" one of ten,
// and neither tells anything of "k". "last" is 1 where "k" is one of the 300 greatest, and 0 elsewhere.
class Plans : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    view_ = new MemoryView;
    for (std::uint64_t i = 0; i < kDocuments; ++i) {
      const std::uint64_t k = i * 7919 % kDocuments;
      const auto member = [](const char* name, std::uint64_t value) {
        return std::string("\"") + name + "\":" + std::to_string(value);
      };
      const std::string id = std::to_string(kDocuments + i);
      view_->put(id, "{" + member("k", k) + "," + member("g", k * 617 % 1009 % 1000) + "," +
                         member("c", k * 617 % 1013 % 10) + "," +
                         member("last", k >= kDocuments - 300 ? 1 : 0) + "}");
    }
  }
  static void TearDownTestSuite() { delete view_; }

  void SetUp() override {
    for (const UsableIndex& index : all_indexes()) indexes_.push_back(index);
  }

  // Each of one member, by its name.
  static std::vector<UsableIndex> all_indexes() {
    if (view_->indexes().empty()) {
      for (const char* const name : {"c", "g", "k", "last"}) {
        view_->add_index(name, R"({"keys":[{")" + std::string(name) + R"(":1}]})");
      }
    }
    return view_->indexes();
  }

  // How many documents are looked at, those included that are looked at to choose.
  std::uint64_t looked_at(std::string_view filter, std::string_view sort, std::uint64_t limit,
                          std::uint64_t skip = 0) {
    Find find;
    find.filter = document::Filter::parse(filter, {}).value();
    find.sort = Sort::parse(sort).value();
    find.limit = limit;
    find.skip = skip;
    const auto planned = ids_of(find);
    const std::uint64_t scanned = planned.second;
    find.hint = "$natural";
    EXPECT_EQ(planned.first, ids_of(find).first);
    return scanned;
  }

 private:
  std::pair<std::vector<std::string>, std::uint64_t> ids_of(const Find& find) {
    const Collection collection{.documents = {.view = *view_, .collection = MemoryView::kCollection},
                                .count = kDocuments,
                                .indexes = indexes_,
                                .visible = {}};
    query::Run run{.clock = system_clock(), .limits = {}, .budget = {}};
    const auto execution = Execution::start(collection, find, run).value();
    std::vector<std::string> ids;
    Row row;
    while (execution->next(row).value()) ids.emplace_back(row.id);
    if (find.sort.empty()) std::sort(ids.begin(), ids.end());
    return {ids, run.scanned};
  }

  static inline MemoryView* view_ = nullptr;
  std::vector<UsableIndex> indexes_;
};

TEST_F(Plans, ARangeThatLeadsToFewerDocumentsThanTheSortIsSorted) {
  EXPECT_THAT(looked_at(R"({"g":{"$gte":970}})", R"({"k":1})", 100), Le(600U));
  EXPECT_THAT(looked_at(R"({"g":{"$gte":970}})", R"({"k":-1})", 20, 80), Le(600U));
  EXPECT_THAT(looked_at(R"({"g":{"$gte":970},"k":{"$gte":5}})", R"({"k":1})", 100), Le(600U));
}

TEST_F(Plans, AnIndexInTheOrderOfTheSortServesWhereItFillsThePageSooner) {
  EXPECT_THAT(looked_at(R"({"g":{"$gte":100}})", R"({"k":1})", 10), Le(50U));
  EXPECT_THAT(looked_at(R"({"g":{"$gte":970}})", R"({"k":1})", 3), Le(400U));
  EXPECT_THAT(looked_at(R"({"g":{"$gte":100}})", R"({"_id":-1})", 10), Le(50U));
  for (const char* const sort : {R"({"k":1,"_id":1})", R"({"k":-1,"_id":1})"})
    EXPECT_THAT(looked_at("{}", sort, 10), Le(50U)) << "ids are the order of what is equal";
}

TEST_F(Plans, AGivenValueIsWeighedAgainstTheSortToo) {
  EXPECT_THAT(looked_at(R"({"c":3})", R"({"k":1})", 10), Le(300U));
  EXPECT_THAT(looked_at(R"({"c":3})", R"({"k":1})", 500), AllOf(Ge(900U), Le(1400U)));
}

TEST_F(Plans, WhereTheFirstInOrderAreNotFoundTheFilterLeads) {
  EXPECT_THAT(looked_at(R"({"last":1})", R"({"k":1})", 10), Le(600U));
}

TEST_F(Plans, ThePartsOfAChoiceServeWhereTheyLeadToFewDocuments) {
  EXPECT_THAT(looked_at(R"({"$or":[{"g":{"$gte":990}},{"last":1}]})", "{}", 0), Le(450U));
  EXPECT_THAT(looked_at(R"({"$or":[{"g":{"$gte":100}},{"c":{"$gte":1}}]})", "{}", 0), kDocuments);
}

TEST_F(Plans, OfTwoRangesTheOneWithFewerEntriesServes) {
  EXPECT_THAT(looked_at(R"({"c":{"$gte":1},"g":{"$gte":970}})", "{}", 0), Le(350U));
  EXPECT_THAT(looked_at(R"({"c":{"$gte":1},"g":{"$gte":970}})", R"({"last":1})", 300), Le(700U));
}

}  // namespace
}  // namespace quire::query
