#include "query/index_catalog.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <thread>

#include "base/testing/manual_clock.h"
#include "database/testing/test_shard.h"
#include "query/value_index.h"

namespace quire::query {
namespace {

using database::Edit;
using database::kDefaultCollection;
using database::Shard;
using database::testing::disagreements;
using database::testing::ShardWorld;

struct World : ShardWorld {
  explicit World(const Clock& with = system_clock()) : ShardWorld(with) { kinds.push_back(&values); }
  ValueIndexes values;
};

// A directory of its own, removed at the end.
struct Directory {
  Directory() {
    static std::atomic<int> made{0};
    path = ::testing::TempDir() + "index-catalog-" + std::to_string(getpid()) + "-" + std::to_string(++made);
    std::filesystem::create_directories(path);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

Edit put(const std::string& id, const std::string& body) {
  Edit edit;
  edit.id = id;
  edit.precondition = Edit::Precondition::any;
  edit.body = body;
  return edit;
}
Edit removal(const std::string& id) {
  Edit edit = put(id, "{}");
  edit.kind = Edit::Kind::remove;
  return edit;
}

void write(Shard& shard, const Edit& edit) { ASSERT_TRUE(shard.write({edit}, {})->rows.at(0)); }

void wait_for_all(Shard& shard) {
  for (const auto& info : shard.indexes()) ASSERT_TRUE(shard.wait_for_index(info.id));
}

TEST(IndexCatalog, makes_shows_and_drops_indexes_by_name) {
  World world;
  const auto shard = world.in_memory();
  write(*shard, put("1", R"({"a":1})"));
  const auto made = create_index(*shard, kDefaultCollection, "by_a", R"({ "keys": [{"a":1}] })");
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->definition, R"({"keys":[{"a":1}]})");
  EXPECT_TRUE(create_index(*shard, kDefaultCollection, "by_a", R"({"keys":[{"a":1.0}]})"));
  EXPECT_EQ(create_index(*shard, kDefaultCollection, "by_a", R"({"keys":[{"b":1}]})").error().code(),
            ErrorCode::exists);
  EXPECT_EQ(create_index(*shard, kDefaultCollection, "b", "{").error().code(), ErrorCode::invalid);
  EXPECT_EQ(create_index(*shard, 77, "b", R"({"keys":[{"b":1}]})").error().code(), ErrorCode::not_found);
  ASSERT_TRUE(create_index(*shard, kDefaultCollection, "a", R"({"keys":[{"b":1}]})"));
  wait_for_all(*shard);
  const auto all = list_indexes(*shard, kDefaultCollection);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].name, "by_a");
  EXPECT_EQ(all[1].state, database::IndexState::ready);
  const auto view = std::move(*shard->view());
  const auto usable = usable_indexes(*shard, *view, kDefaultCollection);
  ASSERT_EQ(usable.size(), 2U);
  EXPECT_EQ(usable[0].definition->name, "by_a");
  EXPECT_FALSE(usable[0].multikey);
  EXPECT_EQ(usable[0].entries, 1U);
  ASSERT_TRUE(drop_index(*shard, kDefaultCollection, "by_a"));
  EXPECT_EQ(drop_index(*shard, kDefaultCollection, "by_a").error().code(), ErrorCode::not_found);
  EXPECT_EQ(list_indexes(*shard, kDefaultCollection).size(), 1U);
  EXPECT_EQ(usable_indexes(*shard, *view, kDefaultCollection).size(), 2U) << "the view is of before";
  const auto cursor = view->entries(usable[0].id, {});
  EXPECT_TRUE(*cursor->advance());
}

TEST(IndexCatalog, one_of_many_who_ask_for_a_name_makes_it) {
  World world;
  const auto shard = world.in_memory();
  std::vector<std::thread> threads;
  std::atomic<int> made{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const std::string definition = R"({"keys":[{"p)" + std::to_string(t) + R"(":1}]})";
      made += create_index(*shard, kDefaultCollection, "one", definition) ? 1 : 0;
      EXPECT_TRUE(create_index(*shard, kDefaultCollection, "same", R"({"keys":[{"p":1}]})"));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(shard->indexes().size(), 2U);
}

// The mark is there before anybody can see the first entry that needs it, and after the shard was closed.
TEST(IndexCatalog, an_index_is_multikey_from_the_first_array_on) {
  World world;
  const Directory directory;
  const auto multikey = [](Shard& shard) {
    const auto view = std::move(*shard.view());
    std::string out;
    for (const auto& index : usable_indexes(shard, *view, kDefaultCollection))
      out += index.multikey ? 'm' : '-';
    return out;
  };
  {
    const auto shard = world.on_disk(directory / "shard");
    write(*shard, put("1", R"({"a":1,"b":[1]})"));
    for (const char* path : {"a", "b", "c"}) {
      ASSERT_TRUE(
          create_index(*shard, kDefaultCollection, path, R"({"keys":[{")" + std::string(path) + R"(":1}]})"));
    }
    wait_for_all(*shard);
    EXPECT_EQ(multikey(*shard), "-m-");
    write(*shard, put("2", R"({"c":[]})"));
    EXPECT_EQ(multikey(*shard), "-mm");
    write(*shard, removal("2"));
    EXPECT_EQ(multikey(*shard), "-mm");
  }
  EXPECT_EQ(multikey(*world.on_disk(directory / "shard")), "-mm");
}

TEST(IndexCatalog, a_failed_build_names_the_document_or_the_twins) {
  World world;
  const auto shard = world.in_memory();
  write(*shard, put("first", R"({"a":[1],"b":[2],"u":5})"));
  write(*shard, put("second", R"({"u":5.0})"));
  ASSERT_TRUE(create_index(*shard, kDefaultCollection, "ab", R"({"keys":[{"a":1},{"b":1}]})"));
  ASSERT_TRUE(create_index(*shard, kDefaultCollection, "u", R"({"keys":[{"u":1}],"unique":true})"));
  wait_for_all(*shard);
  const auto all = list_indexes(*shard, kDefaultCollection);
  EXPECT_EQ(all[0].state, database::IndexState::failed);
  EXPECT_NE(all[0].failure.find("'first'"), std::string::npos) << all[0].failure;
  EXPECT_EQ(all[1].failure, "two documents have one key of 'u': 'first' and 'second'");
  write(*shard, put("third", R"({"a":[1],"b":[2],"u":5})"));
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>());
}

TEST(IndexCatalog, a_write_that_an_index_cannot_have_is_refused) {
  World world;
  const auto shard = world.in_memory();
  ASSERT_TRUE(create_index(*shard, kDefaultCollection, "ab", R"({"keys":[{"a":1},{"b":1}]})"));
  ASSERT_TRUE(
      create_index(*shard, kDefaultCollection, "u", R"({"keys":[{"u":1}],"unique":true,"sparse":true})"));
  EXPECT_EQ(shard->write({put("1", R"({"a":[1],"b":[2]})")}, {})->rows.at(0).error().code(),
            ErrorCode::invalid);
  write(*shard, put("2", R"({"u":[1,1,2]})"));
  const auto taken = shard->write({put("3", R"({"u":2.0})")}, {})->rows.at(0);
  EXPECT_EQ(taken.error().code(), ErrorCode::conflict);
  EXPECT_NE(taken.error().message().find("'u'"), std::string::npos);
  write(*shard, put("4", "{}"));
  write(*shard, put("5", "{}"));
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>());
}

// --- expiry

std::string dated(std::int64_t ms) {
  return R"({"t":{"$date":{"$numberLong":")" + std::to_string(ms) + "\"}}}";
}

TEST(IndexCatalog, documents_expire_when_their_earliest_date_is_old_enough) {
  ManualClock clock;
  World world(clock);
  const auto shard = world.in_memory();
  const WallMs now = clock.wall_ms();
  ASSERT_TRUE(
      create_index(*shard, kDefaultCollection, "ttl", R"({"keys":[{"t":1}],"expireAfterSeconds":10})"));
  write(*shard, put("old", dated(now - 10'000)));
  write(*shard, put("young", dated(now - 9'000)));
  write(*shard,
        put("list", R"({"t":["x",{"$date":{"$numberLong":")" + std::to_string(now + 50'000) +
                        R"("}},{"$date":{"$numberLong":")" + std::to_string(now - 60'000) + R"("}}]})"));
  write(*shard, put("number", R"({"t":5})"));
  write(*shard, put("none", "{}"));
  EXPECT_TRUE(shard->expires());
  const auto due = shard->maintain({});
  ASSERT_TRUE(due) << due.error().to_string();
  EXPECT_EQ(*due, std::optional<WallMs>(now + 1'000));
  const auto there = [&] {
    std::string out;
    (void)shard->list(kDefaultCollection, {}, {}, [&](std::string_view id, const auto&) {
      out += std::string(id) + " ";
      return true;
    });
    return out;
  };
  EXPECT_EQ(there(), "none number young ");
  // The history tells of it, as of every deletion.
  const auto cursor = shard->history({});
  int removals = 0;
  while (true) {
    const auto row = cursor->next();
    if (!row || !*row) break;
    removals += (*row)->second.operation == database::Operation::remove ? 1 : 0;
  }
  EXPECT_EQ(removals, 2);
  clock.advance(std::chrono::milliseconds(1'000));
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_EQ(there(), "none number ");
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>());
}

// --- whatever happens

std::string value_of(std::minstd_rand& dice, int depth) {
  const unsigned kind = depth == 0 ? dice() % 4 : dice() % 7;
  if (kind < 4) {
    static const char* const leaves[] = {"1", "2", "\"a\"", "null"};
    return leaves[kind];
  }
  std::string out = kind < 6 ? "[" : "{";
  for (unsigned i = dice() % 3; i > 0; --i) {
    if (out.size() > 1) out += ',';
    if (kind == 6) out += std::string("\"") + (i == 1 ? "b" : "c") + "\":";
    out += value_of(dice, depth - 1);
  }
  return out + (kind < 6 ? "]" : "}");
}

// Generated documents, indexes and drops, also while another thread writes, with the shard closed and opened
// in between: the entries are those of the documents, and of no others.
TEST(IndexCatalog, entries_are_those_of_the_documents_after_any_sequence) {
  static const char* const definitions[] = {R"({"keys":[{"a":1}]})",
                                            R"({"keys":[{"a.b":-1},{"c":1}]})",
                                            R"({"keys":[{"a.b":1},{"a.c":1}],"sparse":true})",
                                            R"({"keys":[{"a":1}],"unique":true,"partial":{"c":{"$gt":1}}})",
                                            R"({"keys":[{"c":1},{"_id":1}],"unique":true})",
                                            R"({"keys":[{"a":1}],"collation":{"locale":"de","strength":1}})"};
  for (unsigned seed = 1; seed <= 6; ++seed) {
    std::minstd_rand dice(seed);
    World world;
    const Directory directory;
    auto shard = world.on_disk(directory / "shard");
    for (int step = 0; step < 60; ++step) {
      const unsigned what = dice() % 12;
      const std::string name = std::to_string(dice() % 6);
      if (what == 0) {
        (void)drop_index(*shard, kDefaultCollection, name);
      } else if (what <= 2) {
        (void)create_index(*shard, kDefaultCollection, name, definitions[std::stoul(name)]);
      } else if (what == 3) {
        shard.reset();
        shard = world.on_disk(directory / "shard");
      } else {
        std::thread beside([&, side = dice()] {
          std::minstd_rand own(static_cast<unsigned>(side));
          for (int i = 0; i < 5; ++i)
            (void)shard->write({put(std::to_string(own() % 30), "{\"c\":" + value_of(own, 2) + "}")}, {});
        });
        for (int i = 0; i < 10; ++i) {
          const std::string id = std::to_string(dice() % 30);
          const std::string body = "{\"a\":" + value_of(dice, 3) + ",\"c\":" + value_of(dice, 1) + "}";
          (void)shard->write({dice() % 5 == 0 ? removal(id) : put(id, body)}, {});
        }
        beside.join();
      }
      if (step % 6 == 0) {
        EXPECT_EQ(disagreements(*shard), std::vector<std::string>()) << "seed " << seed;
      }
    }
    wait_for_all(*shard);
    EXPECT_EQ(disagreements(*shard), std::vector<std::string>()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace quire::query
