#include "database/catalog_records.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/bytes.h"
#include "database/testing/record_samples.h"

namespace quire::database {
namespace {

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

DatabaseRecord with_purges() {
  DatabaseRecord record = sample(DatabaseState::live, false, false);
  record.info.settings.purge_limit = 500;
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
      {"database-purges", keys::database(id), encoded(with_purges())},
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
    EXPECT_EQ(record->info.settings.purge_limit, name == "database-purges" ? 500U : 0U);
    EXPECT_EQ(record->state, name == "database-planned"    ? DatabaseState::planned
                             : name == "database-removing" ? DatabaseState::removing
                                                           : DatabaseState::live);
    ++databases;
  }
  EXPECT_EQ(databases, 6);
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

}  // namespace
}  // namespace quire::database
