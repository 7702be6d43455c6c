// Generated documents, indexes and queries, as find_differential_test.cc has them, over a shard: documents
// change while indexes are there and while they are built, pages go on by their tokens.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "engine/testing/test_node.h"
#include "query/testing/generated.h"
#include "query/testing/naive_query.h"

namespace quire::engine {
namespace {

using query::testing::Generator;
using query::testing::NaiveQuery;

constexpr CollectionAddress kCompared{.database = {}, .collection = "things"};

class World {
 public:
  explicit World(std::uint64_t seed) : generator_(seed) {
    generator_.collations = seed % 2 == 0;
    node_.put("first", "{}", "things");
    documents_["first"] = "{}";
    for (int i = 0; i < 25; ++i) change_one();
    for (int i = 0; i < 3; ++i) {
      const std::string name = "i" + std::to_string(i);
      // Some are refused: two paths through arrays, one key twice.
      (void)node_.node.queries().create_index(node_.caller, {}, kCompared, name, generator_.index());
      for (int j = 0; j < 5; ++j) change_one();
    }
    for (const auto& index : node_.shard()->indexes()) {
      EXPECT_TRUE(node_.shard()->wait_for_index(index.id));
    }
    for (int i = 0; i < 10; ++i) change_one();
  }

  void check() {
    NaiveQuery naive;
    naive.filter = generator_.filter();
    naive.sort = generator_.sort();
    naive.projection = generator_.projection();
    FindRequest request;
    if (generator_.collations) request.collation = generator_.collation();
    if (!request.collation.empty()) {
      naive.collation =
          std::make_shared<document::Collation>(document::Collation::parse(request.collation).value());
    }
    const auto described = query::testing::naive_query(documents_, naive);
    if (!described) return;  // refused for arrays side by side
    auto expected = *described;
    request.filter = naive.filter;
    request.sort = naive.sort;
    request.projection = naive.projection;
    request.limit = 1 + generator_.below(20);
    std::vector<std::string> found;
    std::string index;
    for (int pages = 0; pages < 100; ++pages) {
      const auto end =
          node_.node.queries().find(node_.caller, {}, kCompared, request, [&](const FoundRow& row) {
            found.emplace_back(row.value);
            return true;
          });
      ASSERT_TRUE(end) << end.error().to_string() << "\n" << naive.filter;
      index = end->stats.index;
      request.cursor = end->next;
      if (request.cursor.empty()) break;
    }
    if (!index.empty()) ++by_index;
    if (!index.empty() && naive.collation) ++by_collated_index;
    if (naive.sort == "{}") {
      std::sort(expected.begin(), expected.end());
      std::sort(found.begin(), found.end());
    }
    ASSERT_EQ(found, expected) << "filter " << naive.filter << "\nsort " << naive.sort << "\nindex " << index
                               << "\ncollation " << request.collation;
    FindRequest counted;
    counted.collation = request.collation;
    counted.filter = naive.filter;
    ASSERT_EQ(node_.node.queries().count(node_.caller, {}, kCompared, counted).value(), expected.size())
        << naive.filter;
    if (generator_.chance(10)) change_one();
  }

  static inline int by_index = 0;
  static inline int by_collated_index = 0;

 private:
  void change_one() {
    const std::string id = generator_.id();
    const std::string body = generator_.document();
    Change change = testing::put_change(id, body, "things");
    change.condition = Change::Condition::any;
    // An index may refuse it.
    if (node_.write_one(std::move(change))) documents_[id] = body;
  }

  Generator generator_;
  testing::TestNode node_;
  std::map<std::string, std::string> documents_;
};

TEST(LocalQueriesDifferential, AShardAnswersAsTheDescriptionDoes) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    World world(seed);
    for (int i = 0; i < 50; ++i) {
      world.check();
      if (HasFatalFailure()) FAIL() << "seed " << seed;
    }
  }
  EXPECT_GT(World::by_index, 100);
  EXPECT_GT(World::by_collated_index, 20);
}

}  // namespace
}  // namespace quire::engine
