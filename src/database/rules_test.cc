#include "database/rules.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "database/testing/test_shard.h"

namespace quire::database {
namespace {

using testing::ShardWorld;

// A text must hold another one: the definition.
class Holds final : public DocumentRule {
 public:
  explicit Holds(std::string_view text) : text_(text) {}
  Status check(std::string_view id, std::string_view body) const override {
    if (body.find(text_) != std::string_view::npos) return ok();
    return Error(ErrorCode::invalid, "'" + std::string(id) + "' does not hold it").at("a.b").with("\"x\":1");
  }

 private:
  const std::string text_;
};
class HoldsRules final : public DocumentRuleFactory {
 public:
  std::string_view kind() const override { return "holds"; }
  Result<std::shared_ptr<const DocumentRule>> make(std::string_view, std::string_view text) const override {
    if (text.empty()) return Error(ErrorCode::invalid, "it has to hold something");
    return std::shared_ptr<const DocumentRule>(std::make_shared<Holds>(text));
  }
};

Edit edit_of(const std::string& id, const std::string& body) {
  Edit edit;
  edit.id = id;
  edit.precondition = Edit::Precondition::any;
  edit.body = body;
  return edit;
}

class RulesTest : public ::testing::Test {
 protected:
  RulesTest() { world_.rule_kinds = {&holds_}; }

  static std::string write(Shard& shard, Edit edit) {
    auto written = shard.write({std::move(edit)}, {});
    if (written && written->rows.front()) return "done";
    const Error& error = written ? written->rows.front().error() : written.error();
    return std::string(name(error.code())) + " " + error.field();
  }
  std::string write(Edit edit) { return write(*shard_, std::move(edit)); }

  HoldsRules holds_;
  ShardWorld world_;
  std::unique_ptr<Shard> shard_;
  void SetUp() override { shard_ = world_.in_memory(); }
};

TEST_F(RulesTest, NewTextsObeyAndOldOnesStay) {
  EXPECT_EQ(write(edit_of("old", R"({"n":1})")), "done");
  ASSERT_TRUE(shard_->set_rule(kDefaultCollection, "holds", "good"));
  EXPECT_EQ(write(edit_of("a", R"({"n":1})")), "invalid a.b");
  EXPECT_EQ(write(edit_of("a", R"({"good":1})")), "done");
  EXPECT_EQ(write(edit_of("old", R"({"n":2})")), "invalid a.b");
  Edit transform = edit_of("a", "");
  transform.kind = Edit::Kind::transform;
  transform.transform = [](std::string_view) { return std::optional<std::string>(R"({"bad":1})"); };
  EXPECT_EQ(write(transform), "invalid a.b");
  Edit revise = edit_of("a", "");
  revise.kind = Edit::Kind::revise;
  revise.revise = [](const Present&) -> Result<Revised> {
    return Revised{.kind = Revised::Kind::updated, .body = R"({"bad":1})"};
  };
  EXPECT_EQ(write(revise), "invalid a.b");
  Edit remove = edit_of("old", "{}");
  remove.kind = Edit::Kind::remove;
  EXPECT_EQ(write(remove), "done");
  ASSERT_TRUE(shard_->drop_rule(kDefaultCollection));
  EXPECT_EQ(write(edit_of("a", R"({"n":1})")), "done");
  EXPECT_EQ(shard_->drop_rule(kDefaultCollection).error().code(), ErrorCode::not_found);
}

TEST_F(RulesTest, ReplicasObeyAndWhatIsKnownIsNoNews) {
  Edit replica = edit_of("a", R"({"n":1})");
  replica.kind = Edit::Kind::replicate;
  replica.path = {{1, document::RevisionHash::from_text("aa")}};
  EXPECT_EQ(write(replica), "done");
  ASSERT_TRUE(shard_->set_rule(kDefaultCollection, "holds", "good"));
  EXPECT_EQ(write(replica), "done") << "it is here already";
  replica.path = {{1, document::RevisionHash::from_text("0")}};
  EXPECT_EQ(write(replica), "invalid a.b") << "though it would lose";
}

TEST_F(RulesTest, AnErrorOfAnAtomicWriteSaysWhereAndMore) {
  ASSERT_TRUE(shard_->set_rule(kDefaultCollection, "holds", "good"));
  const auto written = shard_->write({edit_of("a", R"({"good":1})"), edit_of("b", "{}")}, {.atomic = true});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().field(), "changes[1].a.b");
  EXPECT_EQ(written.error().detail(), "\"x\":1");
}

TEST_F(RulesTest, ARuleOutlivesTheShardAndGoesWithItsCollection) {
  const std::string directory = ::testing::TempDir() + "quire-rules";
  std::filesystem::remove_all(directory);
  {
    auto shard = world_.on_disk(directory);
    const auto made = shard->create_collection("c");
    ASSERT_TRUE(shard->set_rule(made->id, "holds", "good"));
    ASSERT_TRUE(shard->set_rule(kDefaultCollection, "holds", "good"));
    ASSERT_TRUE(shard->drop_collection("c"));
  }
  {
    auto shard = world_.on_disk(directory);
    EXPECT_EQ(shard->rule(kDefaultCollection)->record.definition, "good");
    EXPECT_EQ(write(*shard, edit_of("a", "{}")), "invalid a.b");
    EXPECT_FALSE(shard->set_rule(kDefaultCollection, "holds", ""));
    EXPECT_FALSE(shard->set_rule(kDefaultCollection, "nobody", "x"));
    EXPECT_EQ(write(*shard, edit_of("a", "{}")), "invalid a.b");
    EXPECT_EQ(write(*shard, edit_of("a", R"({"good":1})")), "done");
  }
  world_.rule_kinds.clear();
  auto shard = world_.on_disk(directory);
  EXPECT_TRUE(shard->get(kDefaultCollection, "a"));
  EXPECT_EQ(write(*shard, edit_of("b", R"({"good":1})")), "read_only ");
  std::filesystem::remove_all(directory);
}

// A write that was prepared before a rule was set does not slip through behind it.
TEST_F(RulesTest, NothingSlipsThrough) {
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !over; ++i)
        (void)write(edit_of(std::to_string(t) + "-" + std::to_string(i % 50), "{}"));
    });
  }
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(shard_->set_rule(kDefaultCollection, "holds", "good"));
    const Sequence at = shard_->position().sequence;
    std::this_thread::yield();
    EXPECT_EQ(shard_->position().sequence, at);
    ASSERT_TRUE(shard_->drop_rule(kDefaultCollection));
    std::this_thread::yield();
  }
  over = true;
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace quire::database
