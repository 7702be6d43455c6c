#include "engine/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "base/testing/manual_clock.h"
#include "engine/accounts_authority.h"
#include "engine/local_accounts.h"
#include "engine/testing/test_node.h"

// That what accounts may do is decided in one place, and obeyed by every call.

namespace quire::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MapCatalog;
using testing::put_change;

access::Options cheap_options() {
  access::Options options;
  options.password = {.memory_kib = 19 * 1024, .passes = 2};
  options.databases_each = 3;
  return options;
}

// A node with accounts over databases in memory, and a few people.
struct AccountsNode : ::testing::Test {
  AccountsNode()
      : world(clock),
        access(
            access::Access::open(catalog, cheap_options(), clock, system_random(), *world.executor).value()) {
    database::DatabaseInfo made = catalog.create("things", ann.id, {}).value();
    id = made.id;
    Change change = put_change("a", R"({"n":1})");
    write(Caller::admin(), std::move(change)).value();
    accounts.share(Caller::admin(), things, "reader", Right::read).value();
    accounts.share(Caller::admin(), things, "writer", Right::write).value();
  }

  User add(const std::string& name, Role role = Role::user) {
    NewUser user{.name = name, .password = Secret("correct horse " + name), .email = {}, .role = role};
    return access->add_user(std::move(user)).value();
  }
  Caller caller(std::string_view name, const KeyRequest& request = {}) {
    return accounts.authenticate(key(name, request).text.reveal()).value();
  }
  NewKey key(std::string_view name, const KeyRequest& request = {}) {
    return access->make_key(access->find_user(name)->id, request).value();
  }

  // --- one call of each kind
  Status get(const Caller& by) {
    return code(wait<Document>([&](auto done) {
      node.documents().get(by, {}, {.database = things, .collection = "_default"}, "a", {}, std::move(done));
    }));
  }
  Result<EditResult> write(const Caller& by, Change change) {
    std::vector<Change> changes;
    changes.push_back(std::move(change));
    WriteOptions options;
    options.create_collections = true;
    QUIRE_TRY(auto done, wait<WriteResult>([&](auto then) {
                node.documents().write(by, {}, things, std::move(changes), options, std::move(then));
              }));
    return std::move(done.rows.front());
  }
  Status put(const Caller& by) {
    Change change = put_change("a", R"({"n":2})");
    change.condition = Change::Condition::any;
    return code(write(by, std::move(change)));
  }
  Status list(const Caller& by) {
    return code(node.documents().list(by, {}, {.database = things, .collection = "_default"}, {},
                                      [](const ListRow&) { return true; }));
  }
  Status feed(const Caller& by) { return code(node.feeds().position(by, {}, things)); }
  Status describe(const Caller& by) {
    return code(wait<DatabaseStatistics>(
        [&](auto done) { catalog_calls.statistics(by, {}, things, std::move(done)); }));
  }
  Status drop(const Caller& by) {
    return code(wait<void>([&](auto done) {
      catalog_calls.drop_collection(by, {}, {.database = things, .collection = "none"}, std::move(done));
    }));
  }
  Status change(const Caller& by) {
    return code(wait<DatabaseDescription>(
        [&](auto done) { catalog_calls.change_database(by, {}, things, {}, std::move(done)); }));
  }
  template <class T>
  static Status code(const Result<T>& result) {
    return result ? ok() : Status(result.error());
  }

  ManualClock clock;
  database::testing::ShardWorld world;
  MapCatalog catalog{world};
  std::unique_ptr<access::Access> access;
  User ann = add("ann");
  User reader = add("reader");
  User writer = add("writer");
  User other = add("other");
  User root = add("root", Role::admin);
  Databases databases{catalog, *world.executor};
  AccountsAuthority authority{*access, databases, clock, cheap_options()};
  LocalNode node{catalog, clock, *world.executor, authority};
  LocalAccounts accounts{*access, databases, authority, clock, cheap_options()};
  Catalog& catalog_calls = node.catalog();
  DatabaseAddress things{.name = "things", .owner = ann.id};
  std::string id;
};

// "-": allowed; else the code.
std::string word(const Status& status) { return status ? "-" : std::string(name(status.error().code())); }

TEST_F(AccountsNode, EveryCallObeysTheRight) {
  const auto row = [&](const Caller& by) {
    return std::vector<std::string>{word(get(by)), word(list(by)), word(feed(by)),  word(describe(by)),
                                    word(put(by)), word(drop(by)), word(change(by))};
  };
  // The collection "none" is not there: whoever may drop it is told so.
  const std::string gone = "not_found";
  EXPECT_THAT(row(caller("ann")), ElementsAre("-", "-", "-", "-", "-", gone, "-"));
  EXPECT_THAT(row(caller("root")), ElementsAre("-", "-", "-", "-", "-", gone, "-"));
  EXPECT_THAT(row(caller("writer")), ElementsAre("-", "-", "-", "-", "-", gone, "forbidden"));
  EXPECT_THAT(row(caller("reader")), ElementsAre("-", "-", "-", "-", "forbidden", "forbidden", "forbidden"));
  EXPECT_THAT(row(caller("other")), ElementsAre(gone, gone, gone, gone, gone, gone, gone));
  const std::string who = "unauthenticated";
  EXPECT_THAT(row(Caller::anonymous()), ElementsAre(who, who, who, who, who, who, who));

  ASSERT_TRUE(accounts.set_public(caller("ann"), things, Right::read));
  EXPECT_THAT(row(Caller::anonymous()), ElementsAre("-", "-", "-", "-", who, who, who));
  EXPECT_THAT(row(caller("other")), ElementsAre("-", "-", "-", "-", "forbidden", "forbidden", "forbidden"));
}

TEST_F(AccountsNode, AKeyMayDoLessThanItsAccount) {
  KeyRequest only_read;
  only_read.most = Right::read;
  const Caller narrow = caller("ann", only_read);
  EXPECT_EQ(word(get(narrow)), "-");
  EXPECT_EQ(word(put(narrow)), "forbidden");
  KeyRequest elsewhere;
  elsewhere.databases = {"0123456789abcdef"};
  EXPECT_EQ(word(get(caller("ann", elsewhere))), "not_found");
  EXPECT_EQ(word(get(caller("root", elsewhere))), "not_found");
  EXPECT_EQ(accounts.make_key(narrow, "ann", {}).error().code(), ErrorCode::forbidden);
}

TEST_F(AccountsNode, WhatOneMayNotUseIsAnsweredAsWhatIsNotThere) {
  const Caller by = caller("other");
  const auto hidden = get(by).error();
  things.name = "thinks";
  const auto absent = get(by).error();
  EXPECT_EQ(hidden.code(), absent.code());
  EXPECT_EQ(hidden.field(), absent.field());
  EXPECT_EQ(hidden.message().size(), absent.message().size());
  things.name = "things";
  const auto seen = wait<std::vector<DatabaseDescription>>(
      [&](auto done) { catalog_calls.databases(by, {}, std::move(done)); });
  EXPECT_THAT(seen.value(), IsEmpty());
}

TEST_F(AccountsNode, TheServersOwnDatabaseIsNobodys) {
  for (const Caller& by : {Caller::admin(), caller("root")}) {
    for (const auto& info : wait<std::vector<DatabaseDescription>>([&](auto done) {
                              catalog_calls.databases(by, {}, std::move(done));
                            }).value()) {
      EXPECT_NE(info.name, access::kSystemDatabase);
    }
    things = {.name = access::kSystemDatabase, .owner = {}};
    for (const Status& status : {get(by), list(by), feed(by), describe(by), put(by), drop(by), change(by)}) {
      EXPECT_EQ(word(status), "not_found");
    }
    const auto made = wait<DatabaseDescription>(
        [&](auto done) { catalog_calls.create_database(by, {}, things, {}, std::move(done)); });
    EXPECT_EQ(made.error().code(), ErrorCode::invalid);
  }
  EXPECT_FALSE(catalog_calls.database_of_id(catalog.find(access::kSystemDatabase, {})->id).has_value());
}

TEST_F(AccountsNode, AnAccountMakesDatabasesOfItsOwnUpToItsQuota) {
  const Caller by = caller("ann");
  const auto make = [&](std::string_view owner, std::string_view name) {
    return code(wait<DatabaseDescription>([&](auto done) {
      catalog_calls.create_database(by, {}, {.name = name, .owner = owner}, {}, std::move(done));
    }));
  };
  EXPECT_EQ(word(make(other.id, "theirs")), "not_found");
  EXPECT_EQ(word(make({}, "the-servers")), "not_found");
  EXPECT_EQ(word(make(ann.id, "second")), "-");
  EXPECT_EQ(word(make(ann.id, "third")), "-");
  const Status fourth = make(ann.id, "fourth");
  EXPECT_EQ(word(fourth), "forbidden");
  EXPECT_EQ(fourth.error().limit(), 3U);
}

TEST_F(AccountsNode, AGrantEndsWithItsDatabase) {
  ASSERT_TRUE(wait<void>(
      [&](auto done) { catalog_calls.remove_database(caller("ann"), {}, things, std::move(done)); }));
  ASSERT_TRUE(catalog.create("things", ann.id, {}));
  EXPECT_EQ(word(list(caller("reader"))), "not_found");
  EXPECT_EQ(word(list(caller("ann"))), "-");
}

TEST_F(AccountsNode, AnAccountGoesWithItsDatabases) {
  EXPECT_EQ(accounts.remove_user(caller("other"), {}, "ann").error().code(), ErrorCode::forbidden);
  ASSERT_TRUE(accounts.remove_user(caller("root"), {}, "ann"));
  EXPECT_FALSE(catalog.find("things", ann.id));
  EXPECT_FALSE(access->find_user("ann"));
}

// --- reservations

TEST_F(AccountsNode, AReservedDatabaseIsItsHoldersAlone) {
  const Caller holder = caller("writer");
  const auto held = accounts.reserve(holder, things).value();
  EXPECT_EQ(held.holder, writer.id);
  for (const char* who : {"ann", "reader", "root"}) {
    const Caller by = caller(who);
    for (const Status& status : {get(by), list(by), feed(by)}) {
      ASSERT_EQ(word(status), "locked") << who;
      EXPECT_GT(status.error().retry_after_ms(), 0U);
      EXPECT_LE(status.error().retry_after_ms(), 300'000U);
    }
    EXPECT_EQ(word(put(by)), by.identity()->user == reader.id ? "forbidden" : "locked") << who;
    EXPECT_EQ(word(describe(by)), "-") << who;
    EXPECT_EQ(accounts.reserve(by, things).error().code(), ErrorCode::locked);
    EXPECT_EQ(accounts.reservation(by, things).value()->holder, writer.id);
  }
  EXPECT_EQ(word(get(caller("other"))), "not_found");
  EXPECT_EQ(word(get(holder)), "-");
  EXPECT_EQ(word(put(caller("writer"))), "-");  // another key of the same account
  EXPECT_EQ(accounts.held(holder)->id, id);

  ASSERT_TRUE(accounts.release(holder, things));
  EXPECT_EQ(word(put(caller("ann"))), "-");
  EXPECT_GT(accounts.reserve(caller("ann"), things)->epoch, held.epoch);
}

TEST_F(AccountsNode, AReservationSlidesWithUseAndEndsWithoutIt) {
  const Caller holder = caller("writer");
  const Caller waiting = caller("ann");
  ASSERT_TRUE(accounts.reserve(holder, things));
  for (int i = 0; i < 5; ++i) {
    clock.advance(std::chrono::minutes(4));
    ASSERT_EQ(word(get(holder)), "-");
    ASSERT_EQ(word(get(waiting)), "locked");
  }
  clock.advance(std::chrono::minutes(5));
  EXPECT_EQ(word(get(waiting)), "-");
  EXPECT_FALSE(accounts.held(holder).has_value());
  EXPECT_TRUE(accounts.reserve(waiting, things));
  EXPECT_EQ(word(put(holder)), "locked");
}

TEST_F(AccountsNode, WhoReadsMayHoldAndThenOnlyReads) {
  const Caller holder = caller("reader");
  ASSERT_TRUE(accounts.reserve(holder, things));
  EXPECT_EQ(word(get(holder)), "-");
  EXPECT_EQ(word(put(holder)), "forbidden");
  EXPECT_EQ(word(put(caller("ann"))), "locked");
}

// The transform runs while the change is prepared: after its right was decided, before it is committed.
TEST_F(AccountsNode, AChangeThatWasPreparedBeforeAReservationIsRefused) {
  const Caller late = caller("ann");
  const Caller holder = caller("writer");
  Change change;
  change.kind = Change::Kind::transform;
  change.id = "a";
  change.transform = [&](std::string_view) -> Result<std::optional<Body>> {
    EXPECT_TRUE(accounts.reserve(holder, things));
    return std::optional(testing::body(R"({"n":"late"})"));
  };
  EXPECT_EQ(write(late, std::move(change)).error().code(), ErrorCode::locked);
  const auto now = wait<Document>([&](auto done) {
    node.documents().get(holder, {}, {.database = things, .collection = "_default"}, "a", {},
                         std::move(done));
  });
  EXPECT_EQ(now->body, R"({"n":1})");
}

// --- what runs when a right ends

struct Ends : AccountsNode {
  std::future<std::string> wait_for_changes(const Caller& by) {
    auto answer = std::make_shared<std::promise<std::string>>();
    auto future = answer->get_future();
    const Position now = node.feeds().position(by, {}, things).value();
    node.feeds().wait(by, {}, things, now, [answer](Result<Position> end) {
      answer->set_value(end ? "-" : std::string(name(end.error().code())));
    });
    return future;
  }
  static std::string within_a_second(std::future<std::string>& answer) {
    return answer.wait_for(std::chrono::seconds(1)) == std::future_status::ready ? answer.get()
                                                                                 : "still waits";
  }
};

TEST_F(Ends, AFeedEndsWithTheKeyThePasswordTheGrantAndTheReservation) {
  const NewKey shown = key("reader");
  auto by_key = wait_for_changes(accounts.authenticate(shown.text.reveal()).value());
  ASSERT_TRUE(accounts.revoke_key(caller("reader"), "reader", shown.text.reveal()));
  EXPECT_EQ(within_a_second(by_key), "unauthenticated");

  auto by_password = wait_for_changes(caller("writer"));
  ASSERT_TRUE(accounts.set_password(caller("root"), "writer", Secret("another password")));
  EXPECT_EQ(within_a_second(by_password), "unauthenticated");

  auto by_grant = wait_for_changes(caller("reader"));
  ASSERT_TRUE(accounts.unshare(caller("ann"), things, "reader"));
  EXPECT_EQ(within_a_second(by_grant), "not_found");

  auto by_reservation = wait_for_changes(caller("ann"));
  ASSERT_TRUE(accounts.reserve(caller("writer"), things));
  EXPECT_EQ(within_a_second(by_reservation), "locked");

  const auto session = accounts.log_in("other", Secret("correct horse other"), "127.0.0.1").value();
  ASSERT_TRUE(accounts.release(caller("writer"), things));
  ASSERT_TRUE(accounts.set_public(caller("ann"), things, Right::read));
  const Caller logged_in = accounts.authenticate(session.token.reveal()).value();
  auto by_session = wait_for_changes(logged_in);
  ASSERT_TRUE(accounts.log_out(logged_in));
  EXPECT_EQ(within_a_second(by_session), "unauthenticated");
}

// Following is no use of it.
TEST_F(Ends, AFeedEndsWithASessionThatIsNotUsed) {
  const auto session = accounts.log_in("ann", Secret("correct horse ann"), "127.0.0.1").value();
  const Caller caller = accounts.authenticate(session.token.reveal()).value();
  auto feed = wait_for_changes(caller);
  const auto idle = cheap_options().session_idle;
  clock.advance(idle - std::chrono::seconds(1));
  EXPECT_TRUE(accounts.authenticate(session.token.reveal()));
  clock.advance(idle - std::chrono::seconds(1));
  EXPECT_EQ(within_a_second(feed), "still waits") << "it was used meanwhile";
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(within_a_second(feed), "unauthenticated");
  EXPECT_EQ(code(get(caller)).error().code(), ErrorCode::unauthenticated);
}

// Whether a name is taken does not hang on who has the database now.
TEST_F(AccountsNode, ATakenNameIsTakenWhileSomebodyHasTheDatabase) {
  const auto create = [&](std::string_view who) {
    return code(wait<DatabaseDescription>(
        [&](auto done) { node.catalog().create_database(caller(who), {}, things, {}, std::move(done)); }));
  };
  const auto free_owner = create("ann").error().code();
  const auto free_other = create("other").error().code();
  EXPECT_EQ(free_owner, ErrorCode::exists);
  EXPECT_EQ(free_other, ErrorCode::not_found);
  ASSERT_TRUE(accounts.reserve(caller("writer"), things));
  EXPECT_EQ(create("ann").error().code(), free_owner);
  EXPECT_EQ(create("other").error().code(), free_other);
}

}  // namespace
}  // namespace quire::engine
