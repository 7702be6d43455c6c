#include "access/audit_log.h"

#include <gtest/gtest.h>

#include "access/testing/access_world.h"
#include "access/tuning.h"

namespace quire::access {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::AccessWorld;
using testing::kPassword;

std::vector<AuditRecord> events(AccessWorld& world) {
  std::vector<AuditRecord> all;
  const auto store = Store::open(*world.catalog, world.clock, world.random);
  EXPECT_TRUE((*store)->each_event([&](AuditRecord&& event) {
    all.push_back(std::move(event));
    return ok();
  }));
  return all;
}

std::string names(AccessWorld& world) {
  std::string all;
  for (const AuditRecord& event : events(world)) all += event.event + ";";
  return all;
}

TEST(AuditLog, HasLoginsAndWhatWasNotedInTheirOrder) {
  AccessWorld world;
  const User ada = world.user("ada", kPassword);
  const auto session = world->log_in("ada", Secret(kPassword), "192.0.2.1");
  EXPECT_FALSE(world->log_in("ada", Secret("wrong password"), "192.0.2.2"));
  EXPECT_FALSE(world->log_in("my password by mistake", Secret("wrong password"), "192.0.2.3"));
  const auto identity = world->authenticate(session->token.reveal());
  world->note("shared", identity.get(), "00112233445566ff to bob", "192.0.2.1");
  ASSERT_TRUE(world->log_out(*identity));
  EXPECT_EQ(names(world), "");
  world.pass(seconds(1));
  const auto all = events(world);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(names(world), "login;login refused;login refused;shared;logout;");
  EXPECT_EQ(all[0].user, ada.id);
  EXPECT_EQ(all[0].address, "192.0.2.1");
  EXPECT_EQ(all[0].credential, identity->credential);
  EXPECT_EQ(all[1].on, ada.id);
  EXPECT_EQ(all[2].on, "");
  EXPECT_EQ(all[3].user, ada.id);
  EXPECT_EQ(all[3].on, "00112233445566ff to bob");
  world.pass(seconds(10));
  EXPECT_EQ(events(world).size(), 5U);
}

TEST(AuditLog, LosesNothingWithAnOrderlyEnd) {
  AccessWorld world;
  for (int i = 0; i < 2000; ++i) world->note("event" + std::to_string(i), nullptr, "");
  world.reopen();
  const auto all = events(world);
  ASSERT_EQ(all.size(), 2000U);
  for (int i = 0; i < 2000; ++i)
    EXPECT_EQ(all[static_cast<std::size_t>(i)].event, "event" + std::to_string(i));
}

TEST(AuditLog, WaitsForAStoreThatFails) {
  AccessWorld world;
  world.catalog->stop();
  world->note("one", nullptr, "");
  world.pass(seconds(1));
  world.catalog->go_on();
  world.pass(seconds(1));
  EXPECT_EQ(names(world), "one;");
}

TEST(AuditLog, CountsWhatItCouldNotTake) {
  AccessWorld world;
  for (std::size_t i = 0; i < tuning::kAuditQueue + 7; ++i) world->note("event", nullptr, "");
  world.pass(seconds(1));
  world->note("after", nullptr, "");
  world.pass(seconds(1));
  const auto all = events(world);
  ASSERT_EQ(all.size(), tuning::kAuditQueue + 2);
  EXPECT_EQ(all[tuning::kAuditQueue].event, "events lost");
  EXPECT_EQ(all[tuning::kAuditQueue].on, "7");
}

TEST(AuditLog, CutsWhatIsLongWithinNoCharacter) {
  AccessWorld world;
  std::string text;
  while (text.size() < 10'000) text += "\u20AC";
  world->note("event", nullptr, text);
  world->note("event", nullptr, "\xFF\xFE");
  world.pass(seconds(1));
  const auto all = events(world);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].on, text.substr(0, 255));
}

TEST(AuditLog, KeepsThirteenMonths) {
  AccessWorld world;
  for (int month = 0; month < 20; ++month) {
    world->note("month" + std::to_string(month), nullptr, "");
    world.pass(seconds(1));
    world.clock.advance(hours(24 * 31));
  }
  const auto all = events(world);
  ASSERT_EQ(all.size(), tuning::kAuditMonths);
  EXPECT_EQ(all.front().event, "month7");
  EXPECT_EQ(all.back().event, "month19");
}

}  // namespace
}  // namespace quire::access
