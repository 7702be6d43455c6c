#include "access/rights.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "base/testing/seeded_random.h"

namespace quire::access {
namespace {

using Numbers = std::vector<Rights::Number>;

TEST(Rights, ThePageOfALongListIsAtHand) {
  Rights rights;
  constexpr std::uint64_t kAll = 100'000;
  for (std::uint64_t i = kAll; i > 0; --i) rights.set(i * 7, 1, Right::read);
  const auto page = rights.shared_with(1, 99'990, 50);
  EXPECT_EQ(page.total, kAll);
  ASSERT_EQ(page.databases.size(), 10U);
  EXPECT_EQ(page.databases.front(), 99'991U * 7);
  EXPECT_EQ(rights.shared_with(1, kAll, 50).databases, Numbers{});
  EXPECT_EQ(rights.shared_with(1, UINT64_MAX, UINT64_MAX).databases, Numbers{});
  EXPECT_EQ(rights.shared_with(1, 0, UINT64_MAX).databases.size(), kAll);
  EXPECT_EQ(rights.shared_with(2, 0, 50).total, 0U);
}

// What was given, as plain sets.
struct Model {
  std::map<std::pair<Rights::Number, Rights::Number>, Right> grants;  // database, user
  std::map<Rights::Number, Right> everybody;

  Right of(Rights::Number database, Rights::Number user) const {
    const auto grant = grants.find({database, user});
    const auto all = everybody.find(database);
    return std::max(grant == grants.end() ? Right::none : grant->second,
                    all == everybody.end() ? Right::none : all->second);
  }
};

RC_GTEST_PROP(RightsProperty, SayWhatAPlainListSays, (std::uint64_t seed)) {
  SeededRandom random(seed);
  Rights rights;
  Model model;
  for (int step = 0; step < 200; ++step) {
    const auto database = 1 + random.below(6);
    const auto user = 1 + random.below(4);
    const auto right = static_cast<Right>(random.below(3));
    switch (random.below(8)) {
      case 0:
        rights.forget_database(database);
        std::erase_if(model.grants, [&](const auto& grant) { return grant.first.first == database; });
        model.everybody.erase(database);
        break;
      case 1:
      case 2:
        rights.set_everybody(database, right);
        model.everybody[database] = right;
        break;
      default:
        rights.set(database, user, right);
        model.grants[{database, user}] = right;
        if (right == Right::none) model.grants.erase({database, user});
    }
  }
  for (Rights::Number database = 1; database <= 6; ++database) {
    std::size_t grants = 0;
    for (Rights::Number user = 1; user <= 4; ++user) {
      RC_ASSERT(rights.of(database, user) == model.of(database, user));
      grants += model.grants.count({database, user});
    }
    RC_ASSERT(rights.grants(database).size() == grants);
  }
  Numbers open;
  for (const auto& [database, right] : model.everybody) {
    if (right != Right::none) open.push_back(database);
  }
  RC_ASSERT(rights.open_to_all(0, 100).databases == open);
  for (Rights::Number user = 1; user <= 4; ++user) {
    Numbers shared;
    for (const auto& [of, right] : model.grants) {
      if (of.second == user) shared.push_back(of.first);
    }
    const std::uint64_t offset = random.below(4);
    Numbers some(shared.begin() + static_cast<long>(std::min<std::size_t>(offset, shared.size())),
                 shared.end());
    if (some.size() > 2) some.resize(2);
    const auto page = rights.shared_with(user, offset, 2);
    RC_ASSERT(page.databases == some);
    RC_ASSERT(page.total == shared.size());
  }
}

}  // namespace
}  // namespace quire::access
