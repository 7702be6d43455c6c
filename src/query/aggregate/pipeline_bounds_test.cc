// What a pipeline may take, and how it ends where it takes more.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "query/testing/run_pipeline.h"

namespace quire::query {
namespace {

using testing::PipelineRunner;

class PipelineBounds : public ::testing::Test {
 protected:
  PipelineBounds() {
    std::filesystem::create_directory(directory_);
    runner_.budget.spill_directory = directory_;
    std::vector<std::string> documents;
    for (int i = 0; i < 20'000; ++i) {
      documents.push_back(R"({"_id":"d)" + std::to_string(i) + R"(","n":)" + std::to_string(i) +
                          R"(,"g":"group )" + std::to_string(i % 5000) +
                          R"(","x":"some text that takes a little room"})");
    }
    runner_.collections["c"] = testing::documents_of(documents);
  }
  ~PipelineBounds() override { std::filesystem::remove_all(directory_); }

  const std::string directory_ = ::testing::TempDir() + "quire-bounds-" + std::to_string(::getpid());
  PipelineRunner runner_;
};

constexpr const char* kGroup =
    R"([{"$group":{"_id":"$g","n":{"$sum":1},"s":{"$sum":"$n"},"x":{"$push":"$x"}}},)"
    R"({"$group":{"_id":null,"groups":{"$sum":1},"n":{"$sum":"$n"},"s":{"$sum":"$s"}}}])";
constexpr const char* kSort =
    R"([{"$project":{"n":1,"x":1}},{"$sort":{"n":-1}},{"$group":{"_id":null,"f":{"$first":"$n"},"l":{"$last":"$n"},"c":{"$sum":1}}}])";

TEST_F(PipelineBounds, GroupsAndSortsGoToTheDiskAndComeBackWhole) {
  const char* const groups = R"({"_id":null,"groups":5000,"n":20000,"s":199990000})";
  const char* const sorted = R"({"_id":null,"f":19999,"l":0,"c":20000})";
  EXPECT_EQ(runner_.run("c", kGroup), groups);
  EXPECT_EQ(runner_.spilled, 0U);
  EXPECT_EQ(runner_.run("c", kSort), sorted);
  EXPECT_EQ(runner_.spilled, 0U);
  for (const std::uint64_t memory : {1 << 20, 64 << 10, 16 << 10}) {
    runner_.budget.memory_bytes = memory;
    EXPECT_EQ(runner_.run("c", kGroup), groups) << memory;
    EXPECT_GT(runner_.spilled, 100'000U);
    EXPECT_EQ(runner_.run("c", kSort), sorted) << memory;
    EXPECT_GT(runner_.spilled, 100'000U);
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(PipelineBounds, EndWhereMemoryAndDiskDoNotSuffice) {
  runner_.budget.memory_bytes = 64 << 10;
  runner_.budget.spilled_bytes = 100'000;
  for (const char* const pipeline : {kGroup, kSort})
    EXPECT_TRUE(runner_.run("c", pipeline).starts_with("exhausted")) << runner_.run("c", pipeline);
  runner_.budget.spill_directory.clear();
  for (const char* const pipeline : {kGroup, kSort})
    EXPECT_TRUE(runner_.run("c", pipeline).starts_with("exhausted")) << runner_.run("c", pipeline);
}

TEST_F(PipelineBounds, OneGroupThatIsLargerThanMemoryEndsThePipeline) {
  runner_.budget.memory_bytes = 64 << 10;
  EXPECT_EQ(runner_.run("c", R"([{"$group":{"_id":null,"all":{"$push":"$x"}}}])"),
            "exhausted: one group needs more memory than the setting queries.memory allows");
  EXPECT_TRUE(
      runner_.run("c", R"([{"$group":{"_id":null,"all":{"$addToSet":"$n"}}}])").starts_with("exhausted"));
}

TEST_F(PipelineBounds, AListIsAtMostAsLargeAsADocument) {
  runner_.budget.memory_bytes = 256 << 20;
  const std::string grown = R"({"$set":{"x":{"$concat":["$x","$x","$x","$x","$x","$x","$x","$x"]}}},)";
  const std::string made =
      runner_.run("c", "[" + grown + grown + R"({"$group":{"_id":null,"all":{"$push":"$x"}}}])");
  EXPECT_TRUE(made.starts_with("too_large: [2].$group.all.$push")) << made.substr(0, 100);
}

TEST_F(PipelineBounds, LooksAtItsCallerWhileItWorks) {
  runner_.limits.cancellation = Cancellation::make();
  runner_.limits.cancellation.cancel();
  const char* const slow =
      R"([{"$set":{"y":{"$reduce":{"input":{"$range":[0,100000]},"initialValue":0,"in":{"$add":["$$value","$$this"]}}}}}])";
  for (const char* const pipeline :
       {kGroup, kSort, slow, R"([{"$unwind":"$n"},{"$match":{"n":-1}}])", R"([{"$count":"n"}])"})
    EXPECT_TRUE(runner_.run("c", pipeline).starts_with("cancelled")) << pipeline;
  runner_.limits.cancellation = Cancellation();
  runner_.limits.deadline = system_clock().steady();
  EXPECT_TRUE(runner_.run("c", kGroup).starts_with("deadline"));
  runner_.limits.deadline.reset();
  runner_.budget.time = std::chrono::milliseconds(0);
  EXPECT_TRUE(runner_.run("c", kGroup).starts_with("exhausted"));
}

TEST_F(PipelineBounds, ALookupAsksOnceForManyDocuments) {
  const char* const pipeline =
      R"([{"$limit":2500},{"$lookup":{"from":"c","localField":"n","foreignField":"n","as":"o"}},)"
      R"({"$group":{"_id":{"$size":"$o"},"n":{"$sum":1}}}])";
  EXPECT_EQ(runner_.run("c", pipeline), R"({"_id":1,"n":2500})");
  // With little memory for as few as there is room for.
  runner_.budget.memory_bytes = 256 << 10;
  EXPECT_EQ(runner_.run(
                "c", R"([{"$limit":3},{"$lookup":{"from":"c","localField":"x","foreignField":"x","as":"o"}},)"
                     R"({"$project":{"_id":0,"n":{"$size":"$o"}}}])"),
            R"({"n":20000} {"n":20000} {"n":20000})");
}

}  // namespace
}  // namespace quire::query
