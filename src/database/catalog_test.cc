#include "database/catalog.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "base/testing/manual_executor.h"
#include "database/blob_store.h"
#include "database/catalog_records.h"
#include "database/checkpoint_store.h"
#include "database/testing/record_samples.h"
#include "database/testing/test_shard.h"
#include "database/tuning.h"
#include "document/revision_tree.h"
#include "storage/testing/temporary_directory.h"

namespace quire::database {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using storage::testing::TemporaryDirectory;

// --- records

DatabaseRecord sample(DatabaseState state, bool restored, bool tombstones) {
  DatabaseRecord record;
  record.state = state;
  record.restored = restored;
  record.info.name = "orders";
  record.info.owner = "ada";
  record.info.created_ms = 1'767'225'600'000;
  record.info.settings.history_ms = 60'000;
  record.info.settings.history_bytes = 1024;
  if (tombstones) record.info.settings.tombstone_ms = 3'600'000;
  return record;
}

template <class Record>
std::string encoded(const Record& record) {
  std::string out;
  encode(record, out);
  return out;
}

struct CatalogSample {
  const char* name;
  std::string key;
  std::string value;
};

DatabaseRecord limited() {
  DatabaseRecord record = sample(DatabaseState::live, false, false);
  record.info.settings.revision_limit = 10;
  return record;
}

std::vector<CatalogSample> catalog_samples() {
  const std::string id = "00112233445566ff";
  return {
      {"catalog", std::string(keys::kCatalog), encoded(CatalogRecord{1'767'225'600'000})},
      {"database", keys::database(id), encoded(sample(DatabaseState::live, false, false))},
      {"node", std::string(keys::kNode), encoded(NodeRecord{std::string(16, '\xA1')})},
      {"database-planned", keys::database(id), encoded(sample(DatabaseState::planned, false, true))},
      {"database-removing", keys::database(id), encoded(sample(DatabaseState::removing, false, false))},
      {"database-restored", keys::database(id), encoded(sample(DatabaseState::live, true, true))},
      {"database-limited", keys::database(id), encoded(limited())},
      {"due", keys::due(id), encoded(DueRecord{1'767'225'600'000})},
  };
}

TEST(CatalogRecords, AreWrittenAsTheFixtureAndThePageHaveThem) {
  const std::string page = testing::read_text("docs/formats/catalog.md");
  const std::string fixture = testing::read_text("tests/formats/1/catalog.hex");
  std::string lines;
  for (const CatalogSample& record : catalog_samples()) {
    const std::string line =
        std::string(record.name) + " " + to_hex(record.key) + " " + to_hex(record.value) + "\n";
    EXPECT_NE(page.find(line), std::string::npos) << line;
    lines += line;
  }
  EXPECT_EQ(fixture, lines);
}

TEST(CatalogRecords, OfTheFixtureAreRead) {
  std::istringstream in(testing::read_text("tests/formats/1/catalog.hex"));
  std::string name;
  std::string key;
  std::string value;
  int databases = 0;
  while (in >> name >> key >> value) {
    const std::string bytes = *from_hex(value);
    if (name == "catalog") {
      EXPECT_EQ(decode_catalog(bytes)->created_ms, 1'767'225'600'000);
    }
    if (name == "due") {
      EXPECT_EQ(decode_due(bytes)->due_ms, 1'767'225'600'000);
    }
    if (name == "node") {
      EXPECT_EQ(decode_node(bytes)->id, std::string(16, '\xA1'));
    }
    if (!name.starts_with("database")) continue;
    EXPECT_EQ(keys::database_id(*from_hex(key)), "00112233445566ff");
    const auto record = decode_database(bytes);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->info.name, "orders");
    EXPECT_EQ(record->info.owner, "ada");
    EXPECT_EQ(record->info.created_ms, 1'767'225'600'000);
    EXPECT_EQ(record->info.settings.history_ms, 60'000);
    EXPECT_EQ(record->info.settings.history_bytes, 1024U);
    const bool tombstones = name == "database-planned" || name == "database-restored";
    EXPECT_EQ(record->info.settings.tombstone_ms.value_or(0), tombstones ? 3'600'000 : 0);
    EXPECT_EQ(record->restored, name == "database-restored");
    EXPECT_EQ(record->info.settings.revision_limit, name == "database-limited" ? 10U : 0U);
    EXPECT_EQ(record->state, name == "database-planned"    ? DatabaseState::planned
                             : name == "database-removing" ? DatabaseState::removing
                                                           : DatabaseState::live);
    ++databases;
  }
  EXPECT_EQ(databases, 5);
}

// What is decoded encodes to the same bytes, whatever byte of a record was changed or cut.
TEST(CatalogRecords, HaveOneEncodingEach) {
  const auto again = [](char letter, const std::string& bytes) -> std::string {
    const auto recode = [](const auto& record) { return record ? encoded(*record) : std::string("refused"); };
    if (letter == 'C') return recode(decode_catalog(bytes));
    if (letter == 'U') return recode(decode_node(bytes));
    return letter == 'D' ? recode(decode_database(bytes)) : recode(decode_due(bytes));
  };
  for (const CatalogSample& record : catalog_samples()) {
    const char letter = record.key.front();
    ASSERT_EQ(again(letter, record.value), record.value);
    EXPECT_EQ(again(letter, record.value + '\0'), "refused");
    for (std::size_t at = 0; at < record.value.size(); ++at) {
      EXPECT_EQ(again(letter, record.value.substr(0, at)), "refused") << record.name << " cut to " << at;
      for (unsigned change = 1; change < 256; ++change) {
        std::string bytes = record.value;
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ change);
        const std::string back = again(letter, bytes);
        ASSERT_TRUE(back == "refused" || back == bytes) << record.name << " at " << at;
      }
    }
  }
}

// --- the catalog

Edit put(std::string id, std::string body) {
  Edit edit;
  edit.id = std::move(id);
  edit.body = std::move(body);
  edit.precondition = Edit::Precondition::any;
  return edit;
}

Status write(Shard& shard, std::string id, std::string body) {
  auto result = shard.write({put(std::move(id), std::move(body))}, {});
  if (!result) return result.error();
  return result->rows[0] ? ok() : Status(result->rows[0].error());
}

class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() { options_.idle_close = milliseconds(60'000); }

  std::string path() const { return folder_ / "data"; }
  Result<std::unique_ptr<Catalog>> try_open() {
    return Catalog::open(path(), options_, clock_, system_random(), executor_);
  }
  void open() {
    auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().to_string();
    catalog_ = std::move(*opened);
  }
  void reopen() {
    catalog_.reset();
    open();
  }
  Status set_settings(const std::string& id, const ShardSettings& settings) {
    const auto changed = catalog_->change_settings(id, [&](ShardSettings& current) { current = settings; });
    return changed ? ok() : Status(changed.error());
  }
  std::shared_ptr<Shard> use(const std::string& name) {
    auto info = catalog_->find(name);
    EXPECT_TRUE(info) << name;
    auto shard = catalog_->use(info->id);
    EXPECT_TRUE(shard) << shard.error().to_string();
    return *shard;
  }
  std::string body(const std::string& database, const std::string& id) {
    const auto document = use(database)->get(kDefaultCollection, id);
    return document ? std::string(document->body) : document.error().to_string();
  }

  TemporaryDirectory folder_;
  ManualClock clock_;
  ManualExecutor executor_{clock_};
  CatalogOptions options_;
  std::unique_ptr<Catalog> catalog_;
};

TEST_F(CatalogTest, MainIsThereFromTheStartAndStays) {
  open();
  const auto main = catalog_->find("main");
  ASSERT_TRUE(main);
  EXPECT_EQ(main->id.size(), 16U);
  EXPECT_EQ(main->owner, "");
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":1})"));
  reopen();
  EXPECT_EQ(catalog_->find("main")->id, main->id);
  EXPECT_EQ(body("main", "a"), R"({"n":1})");
}

TEST_F(CatalogTest, ANodesIdIsMadeOnce) {
  open();
  const std::string id = catalog_->node_id();
  EXPECT_EQ(id.size(), 32U);
  reopen();
  EXPECT_EQ(catalog_->node_id(), id);
  catalog_.reset();
  {
    // A directory from before nodes had ids.
    const auto store = *storage::open(path() + "/catalog", {});
    auto batch = store->make_batch();
    batch->erase(storage::Family::meta, keys::kNode);
    ASSERT_TRUE(store->write(*batch, storage::Sync::disk));
  }
  open();
  const std::string made = catalog_->node_id();
  EXPECT_EQ(made.size(), 32U);
  EXPECT_NE(made, id);
  reopen();
  EXPECT_EQ(catalog_->node_id(), made);
}

TEST_F(CatalogTest, CompactingReturnsAtOnceAndLetsWhatIsSupersededGo) {
  open();
  const std::string id = catalog_->find("main")->id;
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":1})"));
  const auto first = use("main")->get(kDefaultCollection, "a")->revision;
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":2})"));
  ASSERT_TRUE(use("main")->get(kDefaultCollection, "a", {.revision = first}));
  ASSERT_TRUE(catalog_->compact(id));
  EXPECT_TRUE(catalog_->compacting(id));
  ASSERT_TRUE(catalog_->compact(id)) << "once is enough";
  EXPECT_TRUE(use("main")->get(kDefaultCollection, "a", {.revision = first})) << "it has not run yet";
  executor_.run_ready();
  EXPECT_FALSE(catalog_->compacting(id));
  EXPECT_FALSE(use("main")->get(kDefaultCollection, "a", {.revision = first}));
  EXPECT_EQ(body("main", "a"), R"({"n":2})");
  EXPECT_GT(use("main")->history_edge(), 0U);
  EXPECT_EQ(catalog_->compact(std::string(16, '0')).error().code(), ErrorCode::not_found);
}

TEST_F(CatalogTest, ARevisionLimitStaysAndIsObeyed) {
  open();
  ShardSettings settings;
  settings.revision_limit = 2;
  ASSERT_TRUE(set_settings(catalog_->find("main")->id, settings));
  reopen();
  EXPECT_EQ(catalog_->find("main")->settings.revision_limit, 2U);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(write(*use("main"), "a", R"({"n":)" + std::to_string(i) + "}"));
  const auto tree = document::RevisionTree::decode(*use("main")->tree(kDefaultCollection, "a"));
  EXPECT_EQ(tree->node_count(), 2U);
}

TEST_F(CatalogTest, DatabasesAreKeptApartByOwnerAndName) {
  open();
  const auto mine = catalog_->create("orders", "ada");
  const auto yours = catalog_->create("orders", "bob");
  ASSERT_TRUE(mine && yours);
  EXPECT_NE(mine->id, yours->id);
  EXPECT_EQ(catalog_->create("orders", "ada").error().code(), ErrorCode::exists);
  EXPECT_EQ(catalog_->find("orders").error().code(), ErrorCode::not_found);
  ASSERT_TRUE(write(**catalog_->use(mine->id), "a", "{}"));
  EXPECT_FALSE((*catalog_->use(yours->id))->get(kDefaultCollection, "a"));
  reopen();
  EXPECT_EQ(catalog_->find("orders", "ada")->id, mine->id);
  EXPECT_EQ(catalog_->find("orders", "bob")->id, yours->id);
  EXPECT_EQ(catalog_->list().size(), 3U);
  ASSERT_TRUE(catalog_->create("letters", "ada"));
  const auto owned = catalog_->owned_by("ada");
  ASSERT_EQ(owned.size(), 2U);
  EXPECT_EQ(owned[0].name, "letters");
  EXPECT_EQ(owned[1].id, mine->id);
  EXPECT_EQ(catalog_->owned_by("ad").size(), 0U);
  EXPECT_EQ(catalog_->count_owned_by("ada"), 2U);
  EXPECT_EQ(catalog_->count_owned_by("ad"), 0U);
  ASSERT_TRUE(catalog_->remove(mine->id));
  EXPECT_EQ(catalog_->count_owned_by("ada"), 1U);
}

TEST_F(CatalogTest, RefusesNamesThatAreNone) {
  open();
  for (const std::string name : {"", "a/b", ".", "..", "_x", "a\nb", "a\xFF"}) {
    EXPECT_EQ(catalog_->create(name).error().code(), ErrorCode::invalid) << name;
  }
  EXPECT_EQ(catalog_->create(std::string(129, 'n')).error().code(), ErrorCode::too_large);
  EXPECT_EQ(catalog_->create("x", "a/b").error().code(), ErrorCode::invalid);
  EXPECT_TRUE(catalog_->create(std::string(128, 'n')));
  EXPECT_TRUE(catalog_->create("Größe, 株式 & \xF0\x9F\x8D\x83"));
  EXPECT_EQ(catalog_->create(std::string("a\0b", 3)).error().code(), ErrorCode::invalid);
}

TEST_F(CatalogTest, AReservedDatabaseIsMadeOnceAndByNobodyElse) {
  open();
  const auto made = catalog_->reserved("_records");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->owner, "");
  EXPECT_EQ(catalog_->reserved("_records")->id, made->id);
  EXPECT_EQ(catalog_->create("_records").error().code(), ErrorCode::invalid);
  EXPECT_EQ(catalog_->reserved("records").error().code(), ErrorCode::invalid);
  EXPECT_EQ(catalog_->reserved("").error().code(), ErrorCode::invalid);
  EXPECT_EQ(catalog_->reserved("_a/b").error().code(), ErrorCode::invalid);
  reopen();
  EXPECT_EQ(catalog_->reserved("_records")->id, made->id);
  EXPECT_EQ(catalog_->find("_records")->id, made->id);
}

TEST_F(CatalogTest, IdsFindDatabasesAndAreNoNames) {
  open();
  const auto made = catalog_->create("orders", "ada");
  ASSERT_TRUE(is_database_id(made->id)) << made->id;
  EXPECT_EQ(catalog_->find_id(made->id)->name, "orders");
  EXPECT_EQ(catalog_->find_id("orders").error().code(), ErrorCode::not_found);
  EXPECT_EQ(catalog_->create(made->id).error().code(), ErrorCode::invalid) << "it would hide behind an id";
  EXPECT_EQ(catalog_->create("0123456789abcdef").error().code(), ErrorCode::invalid);
  EXPECT_TRUE(catalog_->create("0123456789abcde"));
  EXPECT_TRUE(catalog_->create("0123456789ABCDEF"));
  ASSERT_TRUE(catalog_->remove(made->id));
  EXPECT_EQ(catalog_->find_id(made->id).error().code(), ErrorCode::not_found);
}

TEST_F(CatalogTest, SettingsAreThereFromTheBeginningAndChangeOneByOne) {
  open();
  ShardSettings settings;
  settings.history_ms = 60'000;
  const auto made = catalog_->create("orders", {}, settings);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->settings.history_ms, 60'000);
  reopen();
  const auto changed =
      catalog_->change_settings(made->id, [](ShardSettings& current) { current.history_bytes = 7; });
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->settings.history_ms, 60'000);
  EXPECT_EQ(catalog_->find("orders")->settings.history_bytes, 7U);
}

TEST_F(CatalogTest, SettingsOutOfBoundsChangeNothing) {
  open();
  const std::string id = catalog_->find("main")->id;
  const auto code = [&](const std::function<void(ShardSettings&)>& change) {
    return catalog_->change_settings(id, change).error().code();
  };
  EXPECT_EQ(code([](ShardSettings& current) { current.history_ms = -1; }), ErrorCode::invalid);
  EXPECT_EQ(code([](ShardSettings& current) { current.history_ms = tuning::kMostHistoryMs + 1; }),
            ErrorCode::too_large);
  EXPECT_EQ(code([](ShardSettings& current) { current.history_bytes = tuning::kMostHistoryBytes + 1; }),
            ErrorCode::too_large);
  EXPECT_EQ(catalog_->find("main")->settings.history_ms, ShardSettings().history_ms);
  ShardSettings wrong;
  wrong.history_ms = -1;
  EXPECT_EQ(catalog_->create("orders", {}, wrong).error().code(), ErrorCode::invalid);
  EXPECT_FALSE(catalog_->find("orders"));
}

TEST_F(CatalogTest, SettingsAreThoseOfADatabaseThatWasClosedMeanwhile) {
  open();
  const std::string id = catalog_->find("main")->id;
  ShardSettings settings;
  settings.history_ms = 0;
  settings.history_bytes = 0;
  ASSERT_TRUE(set_settings(id, settings));
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":1})"));
  const auto replaced = use("main")->get(kDefaultCollection, "a")->revision;
  executor_.advance(std::chrono::minutes(5));
  ASSERT_EQ(catalog_->open_databases(), 0U);
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":2})"));
  const auto kept = use("main")->get(kDefaultCollection, "a", {.revision = replaced});
  EXPECT_FALSE(kept) << "what was replaced is still there";
}

TEST_F(CatalogTest, SettingsStay) {
  open();
  const std::string id = catalog_->find("main")->id;
  ShardSettings settings;
  settings.history_ms = 5;
  settings.history_bytes = 6;
  settings.tombstone_ms = 7;
  ASSERT_TRUE(set_settings(id, settings));
  reopen();
  const ShardSettings kept = catalog_->find("main")->settings;
  EXPECT_EQ(kept.history_ms, 5);
  EXPECT_EQ(kept.history_bytes, 6U);
  EXPECT_EQ(kept.tombstone_ms, 7);
}

TEST_F(CatalogTest, AnUnknownDatabaseIsNotFound) {
  open();
  const std::string id = "0123456789abcdef";
  EXPECT_EQ(catalog_->use(id).error().code(), ErrorCode::not_found);
  EXPECT_EQ(catalog_->remove(id).error().code(), ErrorCode::not_found);
  EXPECT_EQ(set_settings(id, {}).error().code(), ErrorCode::not_found);
  EXPECT_EQ(catalog_->use("../../etc").error().code(), ErrorCode::not_found);
}

// --- opening on use, closing when idle

TEST_F(CatalogTest, OpensOnUseAndClosesWhenIdle) {
  open();
  EXPECT_EQ(catalog_->open_databases(), 0U);
  auto shard = use("main");
  ASSERT_TRUE(write(*shard, "a", "{}"));
  EXPECT_EQ(catalog_->open_databases(), 1U);
  executor_.advance(std::chrono::minutes(10));
  EXPECT_EQ(catalog_->open_databases(), 1U) << "closed while somebody has it";
  shard.reset();
  executor_.advance(milliseconds(30'000));
  EXPECT_EQ(catalog_->open_databases(), 1U);
  executor_.advance(milliseconds(60'000));
  EXPECT_EQ(catalog_->open_databases(), 0U);
  EXPECT_EQ(executor_.until_next_timer(), std::nullopt) << "something ticks on though nothing is open";
  EXPECT_EQ(body("main", "a"), "{}");
}

TEST_F(CatalogTest, ManyHandlesAreOneShard) {
  open();
  const auto first = use("main");
  const auto second = use("main");
  EXPECT_EQ(first.get(), second.get());
  EXPECT_EQ(catalog_->open_databases(), 1U);
}

TEST_F(CatalogTest, NoMoreStayOpenThanTheBudgetAllows) {
  options_.memory_bytes = 32 << 20;  // 8 open databases, the least
  open();
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) {
    names.push_back("d" + std::to_string(i));
    ASSERT_TRUE(catalog_->create(names.back()));
    ASSERT_TRUE(write(*use(names.back()), "a", "{\"n\":" + std::to_string(i) + "}"));
    EXPECT_LE(catalog_->open_databases(), tuning::kLeastOpenDatabases) << "at once, not with the next look";
    clock_.advance(milliseconds(1));
  }
  EXPECT_EQ(catalog_->open_databases(), tuning::kLeastOpenDatabases);
  std::vector<std::shared_ptr<Shard>> held;
  for (const std::string& name : names) held.push_back(use(name));
  EXPECT_EQ(catalog_->open_databases(), names.size()) << "what somebody has stays open";
  held.clear();
  executor_.advance(milliseconds(20'000));
  EXPECT_EQ(catalog_->open_databases(), tuning::kLeastOpenDatabases);
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(body(names[static_cast<std::size_t>(i)], "a"), "{\"n\":" + std::to_string(i) + "}");
}

TEST_F(CatalogTest, ThousandsAreKnownAndFewAreOpen) {
  open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(catalog_->create("d" + std::to_string(i)));
  EXPECT_EQ(catalog_->open_databases(), 0U);
  EXPECT_FALSE(fs::exists(path() + "/databases"));
  reopen();
  EXPECT_EQ(catalog_->list().size(), 101U);
  EXPECT_EQ(catalog_->open_databases(), 0U);
}

// --- care

TEST_F(CatalogTest, WhatAClosedDatabaseOwesIsDoneWhenItIsDue) {
  open();
  const auto info = catalog_->create("orders");
  ShardSettings settings;
  settings.history_ms = 3'600'000;
  ASSERT_TRUE(set_settings(info->id, settings));
  for (const char* text : {R"({"n":1})", R"({"n":2})"}) ASSERT_TRUE(write(*use("orders"), "a", text));
  EXPECT_EQ(use("orders")->history_edge(), 0U);
  executor_.advance(std::chrono::minutes(5));
  EXPECT_EQ(catalog_->open_databases(), 0U) << "care and closing";
  reopen();
  executor_.advance(std::chrono::minutes(50));
  EXPECT_EQ(catalog_->open_databases(), 0U);
  executor_.advance(std::chrono::minutes(10));
  EXPECT_EQ(catalog_->open_databases(), 0U) << "opened for care, it is let go at once";
  EXPECT_EQ(use("orders")->history_edge(), 1U) << "what was due was not done";
}

TEST_F(CatalogTest, ADatabaseInUseIsCaredForToo) {
  open();
  ShardSettings settings;
  settings.history_ms = 60'000;
  ASSERT_TRUE(set_settings(catalog_->find("main")->id, settings));
  const auto shard = use("main");
  for (const char* text : {R"({"n":1})", R"({"n":2})"}) ASSERT_TRUE(write(*shard, "a", text));
  executor_.advance(milliseconds(tuning::kCareEveryMs + 120'000));
  EXPECT_EQ(shard->history_edge(), 1U);
}

TEST_F(CatalogTest, WhatAnEndedProcessOwedIsLookedAtAfterTheNextStart) {
  open();
  ShardSettings settings;
  settings.history_ms = 1000;
  ASSERT_TRUE(set_settings(catalog_->find("main")->id, settings));
  executor_.advance(milliseconds(1000));
  for (const char* text : {R"({"n":1})", R"({"n":2})"}) ASSERT_TRUE(write(*use("main"), "a", text));
  reopen();
  executor_.advance(milliseconds(tuning::kCareAfterStartMs - 1));
  EXPECT_EQ(catalog_->open_databases(), 0U) << "a start leaves the disk to requests for a while";
  executor_.advance(milliseconds(1000));
  EXPECT_EQ(use("main")->history_edge(), 1U);
}

// --- a database that fails, is removed, is damaged

TEST_F(CatalogTest, RemovingTakesTheFilesAndTheName) {
  open();
  const auto info = catalog_->create("orders");
  ASSERT_TRUE(write(*use("orders"), "a", "{}"));
  const std::string files = path() + "/databases/" + info->id;
  EXPECT_TRUE(fs::exists(files));
  ASSERT_TRUE(catalog_->remove(info->id));
  EXPECT_FALSE(fs::exists(files));
  EXPECT_EQ(catalog_->use(info->id).error().code(), ErrorCode::not_found);
  const auto again = catalog_->create("orders");
  ASSERT_TRUE(again);
  EXPECT_NE(again->id, info->id);
  EXPECT_FALSE(use("orders")->get(kDefaultCollection, "a"));
  reopen();
  EXPECT_EQ(catalog_->list().size(), 2U);
}

TEST_F(CatalogTest, RemovingWaitsForThoseWhoUseIt) {
  open();
  const auto info = catalog_->create("orders");
  auto shard = use("orders");
  std::atomic<bool> removed{false};
  std::thread remover([&] {
    EXPECT_TRUE(catalog_->remove(info->id));
    removed = true;
  });
  while (catalog_->find("orders")) std::this_thread::yield();
  EXPECT_EQ(catalog_->use(info->id).error().code(), ErrorCode::not_found);
  ASSERT_TRUE(write(*shard, "a", "{}"));
  EXPECT_FALSE(removed);
  shard.reset();
  remover.join();
  EXPECT_TRUE(removed);
}

TEST_F(CatalogTest, ARemovalThatACrashEndedIsTakenUp) {
  open();
  const auto info = catalog_->create("orders");
  ASSERT_TRUE(write(*use("orders"), "a", "{}"));
  catalog_.reset();
  {
    const auto store = *storage::open(path() + "/catalog", {});
    auto batch = store->make_batch();
    DatabaseRecord record;
    record.state = DatabaseState::removing;
    record.info = *info;
    batch->put(storage::Family::meta, keys::database(info->id), encoded(record));
    ASSERT_TRUE(store->write(*batch, storage::Sync::disk));
  }
  open();
  EXPECT_FALSE(fs::exists(path() + "/databases/" + info->id));
  EXPECT_EQ(catalog_->list().size(), 1U);
  EXPECT_TRUE(catalog_->create("orders"));
}

TEST_F(CatalogTest, AFailedDatabaseIsUnavailableUntilItIsLetGoAndThenOpenedAgain) {
  open();
  auto shard = use("main");
  const std::string id = catalog_->find("main")->id;
  ASSERT_TRUE(write(*shard, "a", "{}"));
  ASSERT_TRUE(shard->store().flush());
  const auto flip = [&] {
    for (const auto& entry : fs::directory_iterator(path() + "/databases/" + id)) {
      if (entry.path().extension() != ".sst") continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(20);
      const char byte = static_cast<char>(file.get());
      file.seekp(20);
      file.put(static_cast<char>(byte ^ 1));
    }
  };
  flip();
  int findings = 0;
  EXPECT_TRUE(catalog_->verify([&](const std::string&) { ++findings; }));
  EXPECT_GT(findings, 0);
  EXPECT_EQ(catalog_->use(id).error().code(), ErrorCode::unavailable);
  flip();  // the damage is mended, and what failed stays failed until it is opened again
  EXPECT_EQ(catalog_->use(id).error().code(), ErrorCode::unavailable);
  shard.reset();
  EXPECT_TRUE(write(*use("main"), "b", "{}"));
  EXPECT_EQ(body("main", "a"), "{}");
}

TEST_F(CatalogTest, ALostFolderIsDamageAndNoEmptyDatabase) {
  open();
  const auto info = catalog_->find("main");
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  catalog_.reset();
  fs::remove_all(path() + "/databases/" + info->id);
  open();
  EXPECT_EQ(catalog_->use(info->id).error().code(), ErrorCode::corrupt);
  EXPECT_FALSE(fs::exists(path() + "/databases/" + info->id));
  std::vector<std::string> findings;
  EXPECT_TRUE(catalog_->verify([&](const std::string& finding) { findings.push_back(finding); }));
  EXPECT_EQ(findings.size(), 1U);
}

TEST_F(CatalogTest, AHalfMadeFolderOfAPlannedDatabaseIsMadeAnew) {
  open();
  const auto info = catalog_->create("orders");
  fs::create_directories(path() + "/databases/" + info->id);
  std::ofstream(path() + "/databases/" + info->id + "/QUIRE-SHARD.new").put('x');
  EXPECT_TRUE(write(*use("orders"), "a", "{}"));
}

// --- whose directory it is

TEST_F(CatalogTest, ASecondHandleIsLocked) {
  open();
  const auto second = try_open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::locked);
  EXPECT_NE(second.error().message().find(path()), std::string::npos);
  catalog_.reset();
  open();
}

std::vector<std::string> everything_in(const std::string& directory) {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) all.push_back(entry.path().string());
  std::sort(all.begin(), all.end());
  return all;
}

TEST_F(CatalogTest, ADirectoryOfSomethingElseIsNotTouched) {
  fs::create_directories(path() + "/catalog");
  std::ofstream(path() + "/letter.txt") << "dear Ada";
  const auto before = everything_in(path());
  for (const bool create : {true, false}) {
    options_.create = create;
    const auto opened = try_open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), ErrorCode::invalid);
    EXPECT_NE(opened.error().message().find("letter.txt"), std::string::npos) << opened.error().message();
  }
  EXPECT_EQ(everything_in(path()), before);
  std::ofstream(path() + "/catalog/page.txt") << "socks";
  EXPECT_EQ(try_open().error().code(), ErrorCode::invalid);
  fs::remove_all(path());
  std::ofstream(path()) << "a file";
  EXPECT_EQ(try_open().error().code(), ErrorCode::invalid);
}

TEST_F(CatalogTest, HalfADirectoryIsDamageAndStaysAsItIs) {
  open();
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  catalog_.reset();
  fs::remove_all(path() + "/catalog");
  const auto before = everything_in(path());
  EXPECT_EQ(try_open().error().code(), ErrorCode::corrupt);
  EXPECT_EQ(everything_in(path()), before);
}

TEST_F(CatalogTest, WithoutCreateNothingIsMade) {
  options_.create = false;
  EXPECT_EQ(try_open().error().code(), ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(path()));
  fs::create_directories(path());
  EXPECT_EQ(try_open().error().code(), ErrorCode::not_found);
  EXPECT_TRUE(fs::is_empty(path()));
}

TEST_F(CatalogTest, InMemoryNothingReachesADisk) {
  options_.medium = storage::Medium::memory;
  open();
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  EXPECT_FALSE(fs::exists(path()));
  executor_.advance(std::chrono::minutes(5));
  EXPECT_EQ(catalog_->open_databases(), 0U);
  EXPECT_EQ(body("main", "a"), "{}");
  const auto info = catalog_->create("orders");
  ASSERT_TRUE(write(*use("orders"), "a", "{}"));
  EXPECT_TRUE(catalog_->remove(info->id));
  EXPECT_FALSE(fs::exists(path()));
}

// --- copies

TEST_F(CatalogTest, ABackupIsADirectoryThatRestores) {
  open();
  ASSERT_TRUE(catalog_->create("orders", "ada"));
  ASSERT_TRUE(catalog_->create("unused"));
  const std::string orders = catalog_->find("orders", "ada")->id;
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":1})"));
  ASSERT_TRUE(write(**catalog_->use(orders), "b", R"({"n":2})"));
  const Position before = use("main")->position();
  ASSERT_TRUE(use("main")->checkpoints().put("peer", 0, R"({"seq":1})"));
  const std::string node = catalog_->node_id();
  const std::string copy = folder_ / "copy";
  ASSERT_TRUE(catalog_->backup(copy));
  EXPECT_EQ(catalog_->backup(copy).error().code(), ErrorCode::exists);
  ASSERT_TRUE(write(*use("main"), "later", "{}"));
  catalog_.reset();

  EXPECT_EQ(Catalog::restore(copy, path()).error().code(), ErrorCode::exists);
  fs::remove_all(path());
  const Status restored = Catalog::restore(copy, path());
  ASSERT_TRUE(restored) << restored.error().to_string();
  open();
  EXPECT_EQ(catalog_->list().size(), 3U);
  EXPECT_EQ(body("main", "a"), R"({"n":1})");
  EXPECT_EQ(catalog_->find("orders", "ada")->id, orders);
  EXPECT_EQ((*catalog_->use(orders))->get(kDefaultCollection, "b")->body, R"({"n":2})");
  EXPECT_FALSE(use("main")->get(kDefaultCollection, "later"));
  EXPECT_EQ(use("main")->checkpoints().get("peer")->body, R"({"seq":1})");
  EXPECT_EQ(catalog_->node_id(), node) << "it stands for the one that was lost";
  EXPECT_TRUE(write(*use("unused"), "c", "{}"));
  const Position after = use("main")->position();
  EXPECT_NE(after.incarnation, before.incarnation);
  EXPECT_EQ(after.sequence, before.sequence);
  reopen();
  EXPECT_EQ(use("main")->position(), after) << "only the first opening begins an incarnation";
}

TEST_F(CatalogTest, ADamagedBackupIsNamedAndLeavesNothing) {
  open();
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  const std::string copy = folder_ / "copy";
  ASSERT_TRUE(catalog_->backup(copy));
  catalog_.reset();
  fs::remove_all(path());
  EXPECT_EQ(Catalog::restore(folder_ / "nowhere", path()).error().code(), ErrorCode::not_found);
  const std::string empty = folder_ / "empty";
  fs::create_directories(empty);
  EXPECT_FALSE(Catalog::restore(empty, path()));
  fs::remove_all(copy + "/databases");
  const Status restored = Catalog::restore(copy, path());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code(), ErrorCode::corrupt) << restored.error().to_string();
  EXPECT_NE(restored.error().message().find("main"), std::string::npos);
  EXPECT_FALSE(fs::exists(path()));
  EXPECT_FALSE(fs::exists(path() + ".partial"));
}

TEST_F(CatalogTest, VerifyFindsNothingInWhatIsWhole) {
  open();
  ASSERT_TRUE(catalog_->create("unused"));
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  std::vector<std::string> findings;
  EXPECT_TRUE(catalog_->verify([&](const std::string& finding) { findings.push_back(finding); }));
  EXPECT_EQ(findings, std::vector<std::string>{});
  fs::create_directories(path() + "/databases/somebody");
  EXPECT_TRUE(catalog_->verify([&](const std::string& finding) { findings.push_back(finding); }));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NE(findings[0].find("somebody"), std::string::npos);
  EXPECT_TRUE(fs::exists(path() + "/databases/somebody"));
}

TEST_F(CatalogTest, ALookAtOpenDatabasesOpensNoneAndKeepsNoneOpen) {
  open();
  ASSERT_TRUE(catalog_->create("other"));
  std::vector<std::string> seen;
  const auto look = [&](const DatabaseInfo& info, Shard& shard) {
    seen.push_back(info.name + " " + std::to_string(shard.position().sequence));
  };
  catalog_->each_open(look);
  EXPECT_EQ(seen, std::vector<std::string>{});
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  ASSERT_TRUE(use("main")->get(kDefaultCollection, "a"));  // a read fills the cache, a write does not
  catalog_->each_open(look);
  EXPECT_EQ(seen, std::vector<std::string>{"main 1"});
  EXPECT_GT(catalog_->document_cache_used(), 0U);

  for (int i = 0; i < 20; ++i) {
    executor_.advance(options_.idle_close / 4);
    catalog_->each_open(look);
  }
  EXPECT_EQ(catalog_->open_databases(), 0U) << "being looked at is no use";
}

TEST_F(CatalogTest, TheDocumentCacheHasWhatTheSettingsGiveIt) {
  options_.memory_bytes = 64 << 20;
  options_.document_cache_bytes = 1 << 20;
  open();
  const auto shard = use("main");
  std::string body = "{\"text\":\"" + std::string(2000, 'x') + "\"}";
  for (int i = 0; i < 1000; ++i) {
    const std::string id = std::to_string(i);
    ASSERT_TRUE(write(*shard, id, body));
    ASSERT_TRUE(shard->get(kDefaultCollection, id, {}));
  }
  EXPECT_GT(catalog_->document_cache_used(), 700'000U);
  EXPECT_LE(catalog_->document_cache_used(), 1U << 20);
}

// --- from many threads

TEST(CatalogThreads, UseCreateRemoveAndCloseAtOnce) {
  TemporaryDirectory folder;
  const auto executor = make_thread_pool(2);
  CatalogOptions options;
  options.idle_close = milliseconds(1);
  auto catalog = *Catalog::open(folder / "data", options, system_clock(), system_random(), *executor);
  std::atomic<int> written{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string own = "d" + std::to_string(t);
      for (int round = 0; round < 8; ++round) {
        const auto info = catalog->create(own);
        ASSERT_TRUE(info);
        for (const std::string& id : {info->id, catalog->find("main")->id}) {
          const auto shard = catalog->use(id);
          ASSERT_TRUE(shard) << shard.error().to_string();
          ASSERT_TRUE(write(**shard, own + std::to_string(round), "{}"));
          ++written;
        }
        std::this_thread::sleep_for(milliseconds(5));
        ASSERT_TRUE(catalog->remove(info->id));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(written, 64);
  const auto main = *catalog->use(catalog->find("main")->id);
  EXPECT_EQ(main->collections().find(kDefaultCollection)->counts.documents, 32U);
}

}  // namespace
}  // namespace quire::database
