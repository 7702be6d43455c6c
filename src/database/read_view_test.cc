#include "database/read_view.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <thread>

#include "database/keys.h"
#include "database/testing/test_shard.h"
#include "storage/testing/temporary_directory.h"

namespace quire::database {
namespace {

using testing::MemberIndexes;
using testing::ShardWorld;
using Ids = std::vector<std::string>;

struct ReadViewTest : ::testing::Test {
  ShardWorld world;
  std::unique_ptr<Shard> shard = world.in_memory();

  void put(const std::string& id, const std::string& body, Edit::Kind kind = Edit::Kind::put) {
    Edit edit;
    edit.id = id;
    edit.kind = kind;
    edit.precondition = Edit::Precondition::any;
    edit.body = body;
    ASSERT_TRUE(shard->write({edit}, {})->rows.at(0));
  }
  void remove(const std::string& id) { put(id, "{}", Edit::Kind::remove); }
  std::unique_ptr<ReadView> view() { return std::move(*shard->view()); }
};

Ids ids_of(ReadView& view, const IdRange& range, CollectionId collection = kDefaultCollection) {
  Ids ids;
  const auto cursor = view.documents(collection, range);
  while (*cursor->advance()) ids.emplace_back(cursor->id());
  EXPECT_FALSE(*cursor->advance()) << "a cursor at its end goes on";
  return ids;
}

std::vector<std::pair<std::string, std::string>> entries_of(ReadView& view, std::uint32_t index,
                                                            const EntryRange& range) {
  std::vector<std::pair<std::string, std::string>> entries;
  const auto cursor = view.entries(index, range);
  while (*cursor->advance()) entries.emplace_back(cursor->key(), cursor->id());
  return entries;
}

TEST_F(ReadViewTest, a_view_is_one_state_whatever_is_written_after_it) {
  put("a", R"({"v":1})");
  put("b", R"({"v":1})");
  put("gone", "{}");
  const auto before = view();
  put("a", R"({"v":2})");
  put("c", R"({"v":1})");
  remove("b");
  remove("gone");

  EXPECT_EQ(before->sequence(), 3U);
  EXPECT_EQ((*before->get(kDefaultCollection, "a"))->body, R"({"v":1})");
  EXPECT_EQ((*before->get(kDefaultCollection, "b"))->body, R"({"v":1})");
  EXPECT_FALSE(*before->get(kDefaultCollection, "c"));
  EXPECT_EQ(ids_of(*before, {}), (Ids{"a", "b", "gone"}));

  const auto after = view();
  EXPECT_EQ(after->sequence(), 7U);
  EXPECT_EQ((*after->get(kDefaultCollection, "a"))->body, R"({"v":2})");
  EXPECT_EQ((*after->get(kDefaultCollection, "a"))->revision.generation, 2U);
  EXPECT_FALSE(*after->get(kDefaultCollection, "b"));
  EXPECT_EQ(ids_of(*after, {}), (Ids{"a", "c"}));
}

TEST_F(ReadViewTest, ranges_of_ids_are_walked_both_ways_without_what_is_deleted) {
  for (const char* id : {"a", "b", "c", "d", "e"}) put(id, "{}");
  // A deletion that carries a text stands among the documents.
  put("c", R"({"x":1})", Edit::Kind::remove);
  remove("e");
  const auto other = shard->create_collection("other");
  const auto now = view();
  EXPECT_EQ(ids_of(*now, {}), (Ids{"a", "b", "d"}));
  EXPECT_EQ(ids_of(*now, {.from = "b"}), (Ids{"b", "d"}));
  EXPECT_EQ(ids_of(*now, {.from = "b", .to = "d"}), (Ids{"b"}));
  EXPECT_EQ(ids_of(*now, {.to = "b"}), (Ids{"a"}));
  EXPECT_EQ(ids_of(*now, {.walk = Walk::backward}), (Ids{"d", "b", "a"}));
  EXPECT_EQ(ids_of(*now, {.from = "b", .to = "d", .walk = Walk::backward}), (Ids{"b"}));
  EXPECT_EQ(ids_of(*now, {.from = "x", .walk = Walk::backward}), Ids{});
  EXPECT_EQ(ids_of(*now, {}, other->id), Ids{});
}

TEST_F(ReadViewTest, entries_are_walked_and_skipped_both_ways) {
  const auto index = *shard->create_index(kDefaultCollection, "member", "k");
  for (const char* id : {"1", "2", "3"}) {
    for (const char* value : {"a", "b", "c", "d"}) {
      put(std::string(value) + id, R"({"k":")" + std::string(value) + R"("})");
    }
  }
  const auto key = [](const char* value) { return MemberIndexes::key_of(value); };
  const auto now = view();
  const auto all = entries_of(*now, index, {});
  ASSERT_EQ(all.size(), 12U);
  EXPECT_EQ(all.front(), std::pair(key("a"), std::string("a1")));
  const auto middle = entries_of(*now, index, {.from = key("b"), .to = key("d"), .walk = Walk::backward});
  ASSERT_EQ(middle.size(), 6U);
  EXPECT_EQ(middle.front().second, "c3");
  EXPECT_EQ(middle.back().second, "b1");

  const auto forward = now->entries(index, {});
  forward->skip_to(key("b"));
  ASSERT_TRUE(*forward->advance());
  EXPECT_EQ(forward->id(), "b1");
  forward->skip_to(key("a"));  // never back
  ASSERT_TRUE(*forward->advance());
  EXPECT_EQ(forward->id(), "b2");
  forward->skip_to(keys::after_prefix(key("c")));
  ASSERT_TRUE(*forward->advance());
  EXPECT_EQ(forward->id(), "d1");
  forward->skip_to("zzz");
  EXPECT_FALSE(*forward->advance());

  const auto backward = now->entries(index, {.to = key("d"), .walk = Walk::backward});
  ASSERT_TRUE(*backward->advance());
  EXPECT_EQ(backward->id(), "c3");
  backward->skip_to(key("c"));
  ASSERT_TRUE(*backward->advance());
  EXPECT_EQ(backward->id(), "b3");
  backward->skip_to(key("a"));
  EXPECT_FALSE(*backward->advance());
}

TEST_F(ReadViewTest, documents_read_through_the_cache_are_those_of_the_view) {
  put("a", R"({"v":0})");
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 1; !stop; ++i) put("a", R"({"v":)" + std::to_string(i) + "}");
  });
  for (int round = 0; round < 2000; ++round) {
    const auto now = view();
    const auto first = *now->get(kDefaultCollection, "a");
    const auto cursor = now->documents(kDefaultCollection, {});
    ASSERT_TRUE(*cursor->advance());
    const auto again = *now->get(kDefaultCollection, "a");
    ASSERT_EQ(first->body, cursor->body());
    ASSERT_EQ(first->body, again->body);
    ASSERT_EQ(first->revision, *cursor->revision());
    // The text counts the writes, as the sequence does.
    ASSERT_EQ(first->body, R"({"v":)" + std::to_string(now->sequence() - 1) + "}");
  }
  stop = true;
  writer.join();
}

// What a walk over heads skips is what decoding the whole head says.
TEST(ReadView, walks_see_what_lists_see) {
  EXPECT_TRUE(rc::check([] {
    ShardWorld world;
    const auto shard = world.in_memory();
    const auto count = *rc::gen::inRange(0, 30);
    for (int i = 0; i < count; ++i) {
      Edit edit;
      edit.id = std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 8)));
      edit.precondition = Edit::Precondition::any;
      edit.body = R"({"n":)" + std::to_string(i) + "}";
      if (*rc::gen::inRange(0, 3) == 0) edit.kind = Edit::Kind::remove;
      if (*rc::gen::inRange(0, 4) == 0) edit.body = "{}";
      (void)shard->write({edit}, {});
    }
    Ids listed;
    (void)shard->list(kDefaultCollection, {}, {}, [&](std::string_view id, const StoredDocument& document) {
      listed.push_back(std::string(id) + std::string(document.body) + document.revision.to_string());
      return true;
    });
    const auto view = std::move(*shard->view());
    for (const Walk walk : {Walk::forward, Walk::backward}) {
      Ids walked;
      const auto cursor = view->documents(kDefaultCollection, {.walk = walk});
      while (*cursor->advance()) {
        walked.push_back(std::string(cursor->id()) + std::string(cursor->body()) +
                         cursor->revision()->to_string());
      }
      RC_ASSERT(walked == listed);
      std::reverse(listed.begin(), listed.end());
    }
  }));
}

}  // namespace
}  // namespace quire::database
