#include "quire/quire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

// The library as a program sees it: the public header, and nothing else of ours.

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Directory {
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "quire-embed-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const { return path + "/" + name; }
  std::string path;
};

struct Library : ::testing::Test {
  Directory directory;
  std::optional<quire::Quire> opened = quire::open(directory / "data").value();
  quire::Database db = opened->database();
  quire::Collection things = db.collection("things");

  // Lets the directory go: the handles are of another one afterwards.
  void close() {
    opened.reset();
    quire::Options options;
    options.in_memory = true;
    db = quire::open(directory / "memory", options).value().database();
    things = db.collection("things");
  }
};

quire::ErrorCode code_of(const quire::Error& error) { return error.code(); }
template <class T>
quire::ErrorCode code_of(const quire::Result<T>& result) {
  return result ? quire::ErrorCode::internal : code_of(result.error());
}

// --- documents

TEST_F(Library, ADocumentComesBackByteForByteEvenAfterReopening) {
  const auto written = things.put("7", R"({ "n" : 1.0, "s":"\u00e9" })").value();
  EXPECT_EQ(written.id, "7");
  EXPECT_EQ(written.durable, quire::Durability::disk);
  close();
  const auto again = quire::open(directory / "data").value();
  const auto found = again.database().collection("things").get("7").value();
  EXPECT_EQ(found.body(), R"({"n":1.0,"s":"\u00e9"})");
  EXPECT_EQ(found.revision(), written.revision);
  EXPECT_EQ(found.json(), R"({"_id":"7","_rev":")" + written.revision + R"(","n":1.0,"s":"\u00e9"})");
}

TEST_F(Library, ADocumentOutlivesTheLibrarysHandles) {
  things.put("7", R"({"n":1})").value();
  const auto found = things.get("7").value();
  close();
  EXPECT_EQ(found.body(), R"({"n":1})");
  EXPECT_EQ(found.id(), "7");
}

TEST_F(Library, AnIdComesFromTheCallTheDocumentOrTheLibrary) {
  EXPECT_EQ(things.put(R"({"_id":"a"})").value().id, "a");
  EXPECT_EQ(things.put("b", R"({"_id":"b"})").value().id, "b");
  const auto first = things.put(R"({"n":1})").value().id;
  const auto second = things.put(R"({"n":2})").value().id;
  EXPECT_EQ(first.size(), 24U);
  EXPECT_LT(first, second);
  EXPECT_EQ(things.put("b", R"({"_id":"c"})").error().field(), "_id");
  EXPECT_EQ(code_of(things.put("", "{}")), quire::ErrorCode::invalid);
}

TEST_F(Library, ThePresentRevisionMustBeNamed) {
  const auto first = things.put("a", R"({"n":1})").value();
  EXPECT_EQ(code_of(things.put("a", R"({"n":2})")), quire::ErrorCode::conflict);
  EXPECT_EQ(code_of(things.put("a", "{}", {.revision = {}, .condition = quire::Condition::absent})),
            quire::ErrorCode::exists);
  const auto second = things.put("a", R"({"n":2})", {.revision = first.revision}).value();
  EXPECT_EQ(code_of(things.put("a", R"({"n":3})", {.revision = first.revision})), quire::ErrorCode::conflict);
  const auto third = things.put(R"({"_id":"a","_rev":")" + second.revision + R"("})").value();
  EXPECT_EQ(things.get("a", {.revision = first.revision}).value().body(), R"({"n":1})");
  EXPECT_EQ(things.put("a", "{}", {.revision = "x"}).error().field(), "revision");
  EXPECT_TRUE(things.put("a", "{}", {.revision = {}, .condition = quire::Condition::any}));
  EXPECT_EQ(code_of(things.remove("a", {.revision = third.revision})), quire::ErrorCode::conflict);
  EXPECT_TRUE(things.remove("a"));
  EXPECT_EQ(things.get("a").error().field(), "deleted");
}

TEST_F(Library, UpdatesOfManyThreadsLoseNothing) {
  things.put("counter", R"({"n":0})").value();
  constexpr int kThreads = 8;
  constexpr int kUpdates = 50;
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kUpdates; ++i) {
        if (!things.update("counter", R"({"$inc":{"n":1}})")) ++failed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(things.get("counter").value().body(), R"({"n":400})");
}

TEST_F(Library, AnUpdateThatChangesNothingSaysSo) {
  const auto first = things.put("a", R"({"n":1})").value();
  const auto same = things.update("a", R"({"n":1})").value();
  EXPECT_FALSE(same.changed);
  EXPECT_EQ(same.revision, first.revision);
  EXPECT_EQ(code_of(things.update("b", R"({"n":1})")), quire::ErrorCode::not_found);
}

TEST_F(Library, ErrorsNameFieldAndLimit) {
  const auto bad = things.put("a", R"({"x":[1,{"y":tru}]})");
  EXPECT_EQ(code_of(bad), quire::ErrorCode::invalid);
  EXPECT_EQ(bad.error().field(), "x[1].y");
  const auto large = things.put("a", "{\"s\":\"" + std::string(9 << 20, 'x') + "\"}");
  EXPECT_EQ(code_of(large), quire::ErrorCode::too_large);
  EXPECT_EQ(large.error().limit(), 8U << 20);
  EXPECT_THROW(things.get("a").value(), quire::BadResult);
  try {
    things.get("a").value();
  } catch (const quire::BadResult& thrown) {
    EXPECT_THAT(thrown.what(), HasSubstr("not_found"));
  }
}

TEST_F(Library, ManyWritesAnswerARowEach) {
  std::vector<quire::Write> writes(4);
  writes[0] = {.kind = quire::Write::Kind::put, .id = "a", .json = R"({"n":1})"};
  writes[1] = {.kind = quire::Write::Kind::put, .id = "b", .json = "nonsense"};
  writes[2] = {.kind = quire::Write::Kind::put, .collection = "others", .id = "c", .json = "{}"};
  writes[3] = {.kind = quire::Write::Kind::remove, .id = "nobody"};
  const auto rows = db.write(writes).value();
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0]->id, "a");
  EXPECT_EQ(code_of(rows[1]), quire::ErrorCode::invalid);
  EXPECT_EQ(rows[2]->id, "c");
  EXPECT_EQ(code_of(rows[3]), quire::ErrorCode::not_found);

  writes[0].id = "atomic";
  const auto atomic = db.write(writes, {.atomic = true});
  ASSERT_FALSE(atomic);
  EXPECT_EQ(atomic.error().field(), "writes[1]");
  EXPECT_EQ(code_of(db.collection().get("atomic")), quire::ErrorCode::not_found);
}

TEST_F(Library, ARetryWithItsRequestIdDoesNothing) {
  const auto first = things.put(R"({"n":1})", {.revision = {}, .request_id = "r"}).value();
  const auto again = things.put(R"({"n":1})", {.revision = {}, .request_id = "r"}).value();
  EXPECT_EQ(first.id, again.id);
  EXPECT_EQ(first.revision, again.revision);
  EXPECT_EQ(things.count().value(), 1U);
}

TEST_F(Library, ACollectionThatNobodyMadeIsEmpty) {
  EXPECT_EQ(things.count().value(), 0U);
  EXPECT_TRUE(things.list().value().documents.empty());
  EXPECT_EQ(code_of(things.get("a")), quire::ErrorCode::not_found);
  EXPECT_THAT(db.collections().value(), ElementsAre("_default"));
  things.put("a", "{}").value();
  EXPECT_THAT(db.collections().value(), ElementsAre("_default", "things"));
  EXPECT_TRUE(db.drop_collection("things"));
  EXPECT_EQ(things.count().value(), 0U);
}

TEST_F(Library, PagesAndScansGoByIds) {
  for (const char* id : {"d", "b", "a", "c"}) things.put(id, "{}").value();
  std::vector<std::string> ids;
  quire::ListOptions options;
  options.limit = 3;
  for (bool more = true; more;) {
    const auto page = things.list(options).value();
    for (const auto& document : page.documents) ids.push_back(document.id());
    more = page.more;
    options.after = ids.back();
  }
  EXPECT_THAT(ids, ElementsAre("a", "b", "c", "d"));
  std::vector<quire::Document> kept;
  EXPECT_TRUE(things.scan([&](const quire::Document& document) {
    kept.push_back(document);
    return kept.size() < 2;
  }));
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[1].id(), "b");
  EXPECT_EQ(kept[1].body(), "{}");
}

// --- attachments

TEST_F(Library, AnAttachmentStreamsInAndOut) {
  things.put("a", "{}").value();
  const std::string piece(100'000, 'p');
  auto writer = things.write_attachment("a", "photo", "image/png").value();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(writer.write(piece));
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(code_of(writer.write("x")), quire::ErrorCode::invalid);

  std::uint64_t bytes = 0;
  const auto about = things.read_attachment("a", "photo", [&](std::string_view part) {
    bytes += part.size();
    return true;
  });
  EXPECT_EQ(bytes, 1'000'000U);
  EXPECT_EQ(about->length, bytes);
  EXPECT_EQ(about->content_type, "image/png");
  const auto listed = things.get("a").value().attachments().value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed.front().digest, about->digest);
  EXPECT_EQ(listed.front().digest.size(), 64U);
  ASSERT_TRUE(things.remove_attachment("a", "photo"));
  EXPECT_TRUE(things.get("a").value().attachments().value().empty());
}

// --- changes

TEST_F(Library, AFollowerGoesOnWhereItWas) {
  things.put("a", R"({"n":1})").value();
  std::string position;
  {
    auto changes = db.changes({.bodies = true}).value();
    ASSERT_EQ((*changes.next())->operation, quire::Operation::create_collection);
    const quire::Change* const first = changes.next().value();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->id, "a");
    EXPECT_EQ(first->collection, "things");
    EXPECT_EQ(first->body, R"({"n":1})");
    EXPECT_EQ(first->revision, things.get("a")->revision());
    position = changes.position();
    EXPECT_EQ(changes.next().value(), nullptr);
    things.put("b", "{}").value();
    EXPECT_EQ(changes.next().value()->id, "b");
    EXPECT_EQ(changes.next().value(), nullptr);
  }
  close();
  const auto again = quire::open(directory / "data").value();
  auto resumed = again.database().changes({.since = position}).value();
  EXPECT_EQ(resumed.next().value()->id, "b");
  EXPECT_EQ(resumed.next().value(), nullptr);
}

TEST_F(Library, PositionsThatAreNoneAreRefused) {
  EXPECT_EQ(code_of(db.changes({.since = "x"})), quire::ErrorCode::invalid);
  auto ahead = db.changes({.since = "99"}).value();
  EXPECT_EQ(code_of(ahead.next()), quire::ErrorCode::history_lost);
}

TEST_F(Library, ALiveFollowerWaits) {
  auto changes =
      db.changes({.collection = {}, .live = true, .timeout = std::chrono::milliseconds(30)}).value();
  EXPECT_EQ(changes.next().value(), nullptr) << "nothing comes before the timeout";
  auto forever = db.changes({.live = true}).value();
  std::thread writer([&] { db.collection().put("a", "{}").value(); });
  EXPECT_EQ(forever.next().value()->id, "a");
  writer.join();
  EXPECT_EQ(changes.next().value()->id, "a");
  std::thread stopper([&] { forever.stop(); });
  EXPECT_EQ(code_of(forever.next()), quire::ErrorCode::cancelled);
  stopper.join();
  EXPECT_EQ(code_of(forever.next()), quire::ErrorCode::cancelled);
}

// --- directories

TEST_F(Library, ADirectoryIsForOneHandleAtATime) {
  const auto second = quire::open(directory / "data");
  EXPECT_EQ(code_of(second), quire::ErrorCode::locked);
  EXPECT_THAT(second.error().message(), HasSubstr(directory / "data"));
  close();
  EXPECT_TRUE(quire::open(directory / "data"));
}

TEST_F(Library, ADirectoryIsForOneProcessAtATime) {
  const pid_t child = ::fork();
  if (child == 0) {
    // This child opens the directory itself, as another program would.
    const auto second = quire::open(directory / "data");
    ::_exit(code_of(second) == quire::ErrorCode::locked ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(Library, AForkedChildIsToldAndTheParentGoesOn) {
  things.put("a", R"({"n":1})").value();
  auto changes = db.changes({}).value();
  const pid_t child = ::fork();
  if (child == 0) {
    int wrong = 0;
    const auto told = [&](const auto& result) {
      const bool right = code_of(result) == quire::ErrorCode::unavailable &&
                         result.error().message().find("fork") != std::string::npos;
      if (!right) ++wrong;
    };
    told(things.get("a"));
    told(things.put("b", "{}"));
    told(things.update("a", "{}"));
    told(things.remove("a"));
    told(things.list());
    told(things.count());
    told(things.scan([](const quire::Document&) { return true; }));
    told(db.write({}));
    told(db.collections());
    told(db.changes({}));
    told(changes.next());
    told(opened->databases());
    told(opened->backup("nowhere"));
    // Letting go of the handles must neither hang nor touch the files.
    {
      const auto first = std::move(changes);
      opened.reset();
    }
    ::_exit(wrong);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(things.get("a").value().body(), R"({"n":1})");
  EXPECT_TRUE(things.put("b", "{}"));
}

TEST_F(Library, ADirectoryIsMadeOnlyWhereThatIsAskedFor) {
  const auto missing = quire::open(directory / "other", {.create = false});
  EXPECT_EQ(code_of(missing), quire::ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(directory / "other"));
}

TEST_F(Library, DatabasesAreApart) {
  ASSERT_TRUE(opened->create_database("second"));
  EXPECT_EQ(code_of(opened->create_database("second")), quire::ErrorCode::exists);
  EXPECT_THAT(opened->databases().value(), ElementsAre("main", "second"));
  opened->database("second").collection().put("a", "{}").value();
  EXPECT_EQ(code_of(db.collection().get("a")), quire::ErrorCode::not_found);
  ASSERT_TRUE(opened->remove_database("second"));
  EXPECT_EQ(opened->database("second").collection().get("a").error().field(), "database");
  EXPECT_EQ(code_of(opened->remove_database("second")), quire::ErrorCode::not_found);
}

TEST_F(Library, ABackupIsRestoredWithAnotherHistory) {
  things.put("a", R"({"n":1})").value();
  ASSERT_TRUE(opened->backup(directory / "copy"));
  things.put("b", "{}").value();
  ASSERT_TRUE(quire::restore(directory / "copy", directory / "fresh"));
  const auto fresh = quire::open(directory / "fresh").value();
  EXPECT_EQ(fresh.database().collection("things").count().value(), 1U);
  auto lost = fresh.database().changes({.since = "1"}).value();
  EXPECT_EQ(code_of(lost.next()), quire::ErrorCode::history_lost);
  EXPECT_EQ(code_of(quire::restore(directory / "copy", directory / "fresh")), quire::ErrorCode::exists);
  int findings = 0;
  EXPECT_TRUE(fresh.verify([&](const std::string&) { ++findings; }));
  EXPECT_EQ(findings, 0);
}

TEST_F(Library, FiguresAreExact) {
  things.put("a", R"({"n":1})").value();
  things.put("b", "{}").value();
  things.remove("b").value();
  const auto figures = db.figures().value();
  ASSERT_EQ(figures.collections.size(), 2U);
  EXPECT_EQ(figures.collections[1].name, "things");
  EXPECT_EQ(figures.collections[1].documents, 1U);
  EXPECT_EQ(figures.collections[1].deleted, 1U);
  EXPECT_EQ(figures.collections[1].bytes, 7U);
  EXPECT_THAT(figures.position, ::testing::StartsWith("4-"));
}

}  // namespace
