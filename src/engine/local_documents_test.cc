#include "engine/local_documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/manual_executor.h"
#include "engine/testing/test_node.h"
#include "engine/tuning.h"

namespace quire::engine {
namespace {

using testing::body;
using ::testing::ElementsAre;
using testing::put_change;
using testing::TestNode;

TEST(Documents, GetAnswersWhatPutWrote) {
  TestNode node;
  const auto written = node.put("a", R"({"n":1.0})");
  const auto found = node.get("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->body, R"({"n":1.0})");
  EXPECT_EQ(found->revision, written.revision);
  EXPECT_EQ(found->sequence, written.sequence);
  EXPECT_FALSE(found->deleted);
}

TEST(Documents, ADocumentOutlivesWhatReplacedIt) {
  TestNode node;
  node.put("a", R"({"n":1})");
  const auto found = node.get("a").value();
  node.put("a", R"({"n":2})");
  EXPECT_EQ(found.body, R"({"n":1})");
}

TEST(Documents, ErrorsNameWhatIsNotThere) {
  TestNode node;
  EXPECT_EQ(node.get("a").error().field(), "missing");
  EXPECT_EQ(node.get("a", {}, "nowhere").error().field(), "collection");
  const auto found = wait<Document>([&](auto done) {
    node.node.documents().get(node.caller, {}, {.database = {.name = "other"}}, "a", {}, std::move(done));
  });
  EXPECT_EQ(found.error().code(), ErrorCode::not_found);
  EXPECT_EQ(found.error().field(), "database");
}

TEST(Documents, ADatabaseMadeAgainUnderItsNameIsFound) {
  TestNode node;
  auto& catalog = static_cast<Catalog&>(node.node.catalog());
  node.put("a", "{}");
  ASSERT_TRUE(wait<void>(
      [&](auto done) { catalog.remove_database(node.caller, {}, {.name = "main"}, std::move(done)); }));
  EXPECT_EQ(node.get("a").error().field(), "database");
  ASSERT_TRUE(wait<DatabaseDescription>(
      [&](auto done) { catalog.create_database(node.caller, {}, {.name = "main"}, {}, std::move(done)); }));
  EXPECT_EQ(node.get("a").error().field(), "missing");
}

TEST(Documents, AShardThatNobodyAsksForIsLetGo) {
  ManualClock clock;
  ManualExecutor executor(clock);
  database::testing::ShardWorld world;
  testing::MapCatalog catalog(world);
  LocalNode node(catalog, clock, executor);
  const std::weak_ptr<database::Shard> shard = *catalog.use(catalog.find("main", {})->id);
  const auto users = shard.use_count();
  EXPECT_EQ(node.documents().count(Caller::admin(), {}, {}).value(), 0U);
  EXPECT_EQ(shard.use_count(), users + 1);
  executor.advance(std::chrono::milliseconds(tuning::kShardAtHandMs));
  EXPECT_EQ(shard.use_count(), users + 1) << "it was used since the tick before";
  executor.advance(std::chrono::milliseconds(tuning::kShardAtHandMs));
  EXPECT_EQ(shard.use_count(), users);
  EXPECT_FALSE(executor.until_next_timer()) << "nothing to look after";
}

TEST(Documents, AReadOfMemoryOnlyAnswersFromMemoryOrSaysThatItCannot) {
  TestNode node;
  GetOptions options;
  options.memory_only = true;
  EXPECT_TRUE(needs_disk(node.get("a", options).error())) << "the database is not open yet";
  node.put("a", R"({"n":1})");
  EXPECT_EQ(node.get("a", options)->body, R"({"n":1})");
  EXPECT_EQ(node.get("b", options).error().field(), "missing");
  options.conflicts = true;
  EXPECT_TRUE(needs_disk(node.get("a", options).error())) << "the tree is read from the store";
}

TEST(Documents, ConflictsAndAncestorsComeWhenAsked) {
  TestNode node;
  const auto first = node.put("a", R"({"n":1})");
  const auto second = node.put("a", R"({"n":2})");
  Change losing;
  losing.kind = Change::Kind::replicate;
  losing.id = "a";
  losing.body = body(R"({"n":3})");
  losing.path = {document::Revision::parse("1-00").value()};
  ASSERT_TRUE(node.write_one(std::move(losing)));

  const auto plain = node.get("a").value();
  EXPECT_TRUE(plain.conflicts.empty());
  EXPECT_TRUE(plain.ancestors.empty());
  const auto whole = node.get("a", {.revision = {}, .conflicts = true, .ancestors = true}).value();
  ASSERT_EQ(whole.conflicts.size(), 1U);
  EXPECT_EQ(whole.conflicts.front().revision.to_string(), "1-00");
  EXPECT_THAT(whole.ancestors, ElementsAre(second.revision, first.revision));
  EXPECT_EQ(node.get("a", {.revision = whole.conflicts.front().revision}).value().body, R"({"n":3})");
}

TEST(Documents, RefusedRowsKeepTheirPlaces) {
  TestNode node;
  node.put("taken", "{}");
  std::vector<Change> changes;
  changes.push_back(put_change("a", "{}"));
  changes.push_back(put_change("b", "{}", "nowhere"));
  changes.push_back(put_change("taken", "{}"));
  changes.push_back(put_change("c", "{}"));
  changes.push_back(put_change("d", "{}", "nowhere"));
  const auto answer = node.write(std::move(changes)).value();
  ASSERT_EQ(answer.rows.size(), 5U);
  EXPECT_EQ(answer.rows[0]->id, "a");
  EXPECT_EQ(answer.rows[1].error().field(), "collection");
  EXPECT_EQ(answer.rows[2].error().code(), ErrorCode::conflict);
  EXPECT_EQ(answer.rows[3]->id, "c");
  EXPECT_EQ(answer.rows[4].error().field(), "collection");
}

TEST(Documents, AnAtomicWriteWithARefusedRowDoesNothing) {
  TestNode node;
  std::vector<Change> changes;
  changes.push_back(put_change("a", "{}"));
  changes.push_back(put_change("b", "{}", "nowhere"));
  WriteOptions options;
  options.atomic = true;
  const auto answer = node.write(std::move(changes), options);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().field(), "changes[1]");
  EXPECT_FALSE(node.get("a"));
}

TEST(Documents, ARetryWithItsRequestIdGetsTheFirstAnswer) {
  TestNode node;
  WriteOptions options;
  options.request_id = "r1";
  const auto first = node.write_one(put_change("", R"({"n":1})"), options).value();
  const auto again = node.write_one(put_change("", R"({"n":1})"), options).value();
  EXPECT_EQ(first.id, again.id);
  EXPECT_EQ(first.sequence, again.sequence);
  EXPECT_EQ(node.list()->size(), 1U);
}

TEST(Documents, AListingHonoursItsBounds) {
  TestNode node;
  for (const char* id : {"a", "b", "c", "d"}) node.put(id, "{}");
  node.remove("b");
  EXPECT_THAT(node.list().value(), ElementsAre("a", "c", "d"));
  ListOptions options;
  options.after = "a";
  options.before = "d";
  options.include_deleted = true;
  EXPECT_THAT(node.list(options).value(), ElementsAre("b", "c"));
  options.descending = true;
  options.limit = 1;
  EXPECT_THAT(node.list(options).value(), ElementsAre("c"));
}

TEST(Documents, AListingSaysWhetherThereIsMore) {
  TestNode node;
  for (const char* id : {"a", "b"}) node.put(id, "{}");
  const auto list = [&](std::uint64_t limit, bool stop) {
    ListOptions options;
    options.limit = limit;
    return node.node.documents()
        .list(node.caller, {}, {}, options, [&](const ListRow&) { return !stop; })
        .value();
  };
  EXPECT_TRUE(list(1, false).more);
  EXPECT_FALSE(list(2, false).more);
  EXPECT_EQ(list(2, true).rows, 1U);
  EXPECT_TRUE(list(2, true).more);
}

TEST(Documents, DeadlineAndCancellationStopEveryCall) {
  TestNode node;
  node.put("a", "{}");
  node.limits.deadline = node.world.clock.steady() - std::chrono::seconds(1);
  EXPECT_EQ(node.get("a").error().code(), ErrorCode::deadline);
  EXPECT_EQ(node.list().error().code(), ErrorCode::deadline);
  EXPECT_EQ(node.read().error().code(), ErrorCode::deadline);
  EXPECT_EQ(node.write_one(put_change("b", "{}")).error().code(), ErrorCode::deadline);
  node.limits = {};
  node.limits.cancellation = Cancellation::make();
  node.limits.cancellation.cancel();
  EXPECT_EQ(node.get("a").error().code(), ErrorCode::cancelled);
  EXPECT_EQ(node.list().error().code(), ErrorCode::cancelled);
  EXPECT_EQ(node.read().error().code(), ErrorCode::cancelled);
  EXPECT_EQ(node.write_one(put_change("b", "{}")).error().code(), ErrorCode::cancelled);
  node.limits = {};
  EXPECT_FALSE(node.get("b"));
}

// --- attachments

Attachment upload(TestNode& node, std::string_view bytes) {
  auto writer = node.node.documents().write_attachment(node.caller, {}, {}).value();
  for (const char byte : bytes) EXPECT_TRUE(writer->write({&byte, 1}));
  auto attachment = writer->finish().value();
  attachment.content_type = "text/plain";
  return attachment;
}

Result<WriteResult> attach(TestNode& node, std::string_view id, std::string_view name,
                           std::optional<Attachment> attachment,
                           const std::optional<document::Revision>& expected = {}) {
  return wait<WriteResult>([&](auto done) {
    change_attachment(node.node.documents(), node.caller, {}, {}, id, expected, name, std::move(attachment),
                      {}, std::move(done));
  });
}

std::string download(TestNode& node, std::string_view id, std::string_view name,
                     const ByteRange& range = {}) {
  std::string bytes;
  const auto read = node.node.documents().read_attachment(node.caller, {}, {}, id, name, {}, range,
                                                          [&](std::string_view piece) {
                                                            bytes += piece;
                                                            return true;
                                                          });
  return read ? bytes : "error " + read.error().field();
}

TEST(Attachments, AreAddedReplacedAndTakenAwayWithTheirDocument) {
  TestNode node;
  node.put("a", R"({"n":1})");
  ASSERT_TRUE(attach(node, "a", "x", upload(node, "hello")).value().rows.front());
  ASSERT_TRUE(attach(node, "a", "y", upload(node, "world")).value().rows.front());
  ASSERT_TRUE(attach(node, "a", "x", upload(node, "HELLO")).value().rows.front());
  EXPECT_EQ(download(node, "a", "x"), "HELLO");
  EXPECT_EQ(download(node, "a", "y"), "world");
  EXPECT_EQ(node.get("a").value().body, R"({"n":1})");
  ASSERT_TRUE(attach(node, "a", "x", std::nullopt).value().rows.front());
  EXPECT_EQ(download(node, "a", "x"), "error attachment");
  EXPECT_EQ(download(node, "a", "y"), "world");
  EXPECT_EQ(attach(node, "a", "x", std::nullopt).error().code(), ErrorCode::not_found);
}

TEST(Attachments, ARangePastTheEndIsCutShort) {
  TestNode node;
  node.put("a", "{}");
  ASSERT_TRUE(attach(node, "a", "x", upload(node, "0123456789")));
  EXPECT_EQ(download(node, "a", "x", {.offset = 3, .length = 4}), "3456");
  EXPECT_EQ(download(node, "a", "x", {.offset = 8, .length = ~std::uint64_t{0}}), "89");
  EXPECT_EQ(download(node, "a", "x", {.offset = 10, .length = 1}), "");
  EXPECT_EQ(download(node, "a", "x", {.offset = ~std::uint64_t{0}, .length = 1}), "");
}

TEST(Attachments, AnOlderRevisionIsNotChanged) {
  TestNode node;
  const auto first = node.put("a", "{}");
  node.put("a", R"({"n":2})");
  const auto answer = attach(node, "a", "x", upload(node, "hello"), first.revision);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->rows.front().error().code(), ErrorCode::conflict);
}

TEST(Attachments, AnEditOfTheDocumentKeepsThem) {
  TestNode node;
  node.put("a", "{}");
  ASSERT_TRUE(attach(node, "a", "x", upload(node, "hello")));
  node.put("a", R"({"n":2})");
  EXPECT_EQ(download(node, "a", "x"), "hello");
  EXPECT_EQ(attachments_of(node.get("a").value()).value().front().content_type, "text/plain");
}

}  // namespace
}  // namespace quire::engine
