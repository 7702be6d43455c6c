#include <gtest/gtest.h>

#include "api/route.h"
#include "api/testing/test_api.h"

// Fails the program where no test has called a route of the table. A run of chosen tests says nothing about
// that.

namespace quire::api {
namespace {

class EveryRouteIsCalled final : public ::testing::Environment {
 public:
  void TearDown() override {
    if (::testing::GTEST_FLAG(filter) != "*" || ::testing::UnitTest::GetInstance()->Failed()) return;
    for (const Route& route : routes()) {
      EXPECT_EQ(testing::TestApi::called().count(std::string(route.name)), 1U)
          << "no test calls the route " << route.name;
    }
  }
};

const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new EveryRouteIsCalled);

TEST(RouteCoverage, IsLookedAtWhenAllTestsAreDone) { EXPECT_NE(kEnvironment, nullptr); }

}  // namespace
}  // namespace quire::api
