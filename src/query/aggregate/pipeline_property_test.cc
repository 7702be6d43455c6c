// Pipelines at random over documents at random: what comes out is what the naive evaluator makes, with much
// memory and with so little that every group and sort goes to the disk.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <sstream>

#include "query/testing/naive_aggregate.h"
#include "query/testing/run_pipeline.h"

namespace quire::query {
namespace {

using testing::Json;
using testing::JsonCollections;
using testing::PipelineRunner;

// {name: value}. Nothing is left to how initializer lists are read.
Json object(const std::string& name, const Json& value) {
  Json made = Json::object();
  made[name] = value;
  return made;
}
Json object(const std::vector<std::pair<std::string, Json>>& members) {
  Json made = Json::object();
  for (const auto& [name, value] : members) made[name] = value;
  return made;
}

class Maker {
 public:
  explicit Maker(std::uint32_t seed, bool capitals = false) : random_(seed), capitals_(capitals) {}

  std::vector<Json> documents(std::size_t most) {
    std::vector<Json> made(pick(most + 1));
    for (std::size_t i = 0; i < made.size(); ++i) {
      Json& document = made[i];
      document["_id"] = "d" + std::to_string(i);
      for (const char* name : {"a", "b", "c"}) {
        if (pick(5) != 0) document[name] = value(2);
      }
    }
    return made;
  }

  Json pipeline() {
    Json stages = Json::array();
    if (pick(2) == 0) stages.push_back(object("$match", filter()));
    for (std::size_t i = pick(3); i > 0; --i) stages.push_back(stage());
    if (pick(2) == 0) {
      stages.push_back(object("$group", group()));
      stages.push_back(object("$sort", object("_id", pick(2) == 0 ? 1 : -1)));
    } else if (pick(3) == 0) {
      stages.push_back(object("$sort", object({{"a", 1}, {"c", -1}, {"_id", 1}})));
      if (pick(2) == 0) stages.push_back(object("$limit", 1 + pick(20)));
      if (pick(2) == 0) stages.push_back(object("$skip", pick(10)));
    }
    if (pick(6) == 0) stages.push_back(object("$count", "many"));
    return stages;
  }

 private:
  std::size_t pick(std::size_t bound) { return random_() % bound; }
  const char* name() {
    static constexpr const char* kNames[] = {"a", "b", "c"};
    return kNames[pick(3)];
  }
  std::string path() {
    std::string made = std::string("$") + name();
    if (pick(4) == 0) (made += '.') += name();
    return pick(12) == 0 ? "$_id" : made;
  }

  Json value(int depth) {
    switch (pick(depth > 0 ? 10 : 6)) {
      case 0: return nullptr;
      case 1: return pick(2) == 0;
      case 2: return static_cast<double>(pick(8)) - 3.5;
      case 3: return text();
      case 4:
      case 5: return static_cast<int>(pick(7)) - 3;
      case 6:
      case 7: {
        Json array = Json::array();
        for (std::size_t i = pick(4); i > 0; --i) array.push_back(value(depth - 1));
        return array;
      }
      default: {
        Json object = Json::object();
        for (std::size_t i = pick(3); i > 0; --i) object[name()] = value(depth - 1);
        return object;
      }
    }
  }

  std::string text() {
    std::string made(pick(3), static_cast<char>('x' + pick(2)));
    for (char& one : made) {
      if (capitals_ && pick(2) == 0) one = static_cast<char>(one - 'a' + 'A');
    }
    return made;
  }

  Json filter() {
    switch (pick(3)) {
      case 0: return object(name(), object("$exists", pick(3) != 0));
      case 1: return object(name(), object("$gte", static_cast<int>(pick(3)) - 2));
      default: return object(name(), object("$ne", value(0)));
    }
  }

  Json expression(int depth) {
    const auto list = [&](std::size_t count) {
      Json made = Json::array();
      for (std::size_t i = 0; i < count; ++i) made.push_back(expression(depth - 1));
      return made;
    };
    const auto any_list = [&]() -> Json {
      if (pick(2) == 0) return list(pick(4));
      Json values = Json::array();
      for (std::size_t i = pick(6); i > 0; --i) values.push_back(value(1));
      return object("$literal", values);
    };
    switch (pick(depth > 0 ? 10 : 4)) {
      case 0: return object("$literal", value(1));
      case 1:
      case 2:
      case 3: return path();
      case 4: return object("$cond", list(3));
      case 5: return object("$ifNull", list(2));
      case 6: return object(pick(2) == 0 ? "$eq" : "$gt", list(2));
      case 7: return object("$isArray", list(1));
      case 8: return object("$in", Json::array({expression(depth - 1), any_list()}));
      default: return object({{"x", expression(depth - 1)}, {"y", path()}});
    }
  }

  // As what a member is set to: an object as it stands would be members below it.
  Json made_member(int depth) {
    const Json made = expression(depth);
    if (!made.is_object() || made.begin().key()[0] == '$') return made;
    return object("$ifNull", Json::array({made, nullptr}));
  }

  Json group() {
    Json made = Json::object();
    switch (pick(4)) {
      case 0: made["_id"] = expression(2); break;
      case 1: made["_id"] = nullptr; break;
      default: made["_id"] = std::string("$") + name(); break;
    }
    static constexpr const char* kKinds[] = {"$sum",   "$avg",  "$min",  "$max",
                                             "$first", "$last", "$push", "$addToSet"};
    for (std::size_t i = pick(5); i > 0; --i)
      made["m" + std::to_string(i)] = object(kKinds[pick(8)], pick(3) == 0 ? expression(1) : Json(path()));
    if (pick(2) == 0) made["n"] = object("$sum", 1);
    return made;
  }

  Json stage() {
    switch (pick(8)) {
      case 0: return object("$addFields", object({{name(), made_member(2)}, {"new", made_member(1)}}));
      case 1: return object("$project", object({{name(), 1}, {"new", made_member(2)}}));
      case 2: return object("$project", object(name(), 0));
      case 3:
        return object("$unwind", object({{"path", std::string("$") + name()},
                                         {"preserveNullAndEmptyArrays", pick(2) == 0},
                                         {"includeArrayIndex", "at"}}));
      case 4: return object("$unwind", std::string("$") + name());
      case 5:
        return object("$lookup", object({{"from", "others"},
                                         {"localField", name()},
                                         {"foreignField", pick(3) == 0 ? std::string("b.c") : name()},
                                         {"as", "found"}}));
      case 6: return object("$unionWith", pick(4) == 0 ? "nowhere" : "others");
      default: return object("$match", filter());
    }
  }

  std::mt19937 random_;
  const bool capitals_;
};

// What a collation that knows no case makes of all strings but paths. (Names of members have no capitals but
// in those of functions.)
Json in_small_letters(const Json& value) {
  if (value.is_string()) {
    std::string text = value;
    if (!text.starts_with('$')) {
      for (char& one : text) one = one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one;
    }
    return text;
  }
  if (!value.is_structured()) return value;
  Json made = value;
  for (auto member = made.begin(); member != made.end(); ++member) *member = in_small_letters(*member);
  return made;
}
std::vector<Json> in_small_letters(const std::vector<Json>& documents) {
  std::vector<Json> made;
  for (const Json& one : documents) made.push_back(in_small_letters(one));
  return made;
}

// Whole numbers and halves are written in one way on both sides; means are rounded.
Json in_one_form(const Json& value) {
  if (value.is_number_float()) {
    const double number = value;
    const auto whole = static_cast<std::int64_t>(number);
    return static_cast<double>(whole) == number ? Json(whole) : Json(std::round(number * 1e9) / 1e9);
  }
  if (!value.is_structured()) return value;
  Json made = value;
  for (auto member = made.begin(); member != made.end(); ++member) *member = in_one_form(*member);
  return made;
}

std::string print(const std::vector<Json>& documents) {
  std::string out;
  for (const Json& one : documents) out += in_one_form(one).dump() + "\n";
  return out;
}

std::vector<std::string> in_order(const std::string& lines) {
  std::vector<std::string> list;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) list.push_back(line);
  std::sort(list.begin(), list.end());
  return list;
}

// More than a group of the documents here takes.
constexpr std::uint64_t kGroupBytes = 1 << 20;

class PipelineProperties : public ::testing::Test {
 protected:
  PipelineProperties() { std::filesystem::create_directory(directory_); }
  ~PipelineProperties() override { std::filesystem::remove_all(directory_); }

  // `by_collation`: strings have capitals, which the pipeline's collation does not tell from small letters.
  void compare(std::uint32_t seed, std::size_t documents, std::uint64_t memory_bytes,
               bool by_collation = false) {
    Maker maker(seed, by_collation);
    JsonCollections collections;
    collections["c"] = maker.documents(documents);
    collections["others"] = maker.documents(documents / 2);
    PipelineRunner runner;
    runner.budget.memory_bytes = memory_bytes;
    runner.budget.spill_directory = directory_;
    if (by_collation) runner.collation = R"({"locale":"en","strength":2})";
    for (const auto& [name, list] : collections) {
      std::vector<std::string> texts;
      for (const Json& one : list) texts.push_back(one.dump());
      runner.collections[name] = testing::documents_of(texts);
    }
    const Json pipeline = maker.pipeline();
    std::vector<Json> documents_made;
    std::string error;
    runner.run_each("c", pipeline.dump(), error,
                    [&](std::string_view one) { documents_made.push_back(Json::parse(one)); });
    Json plain = pipeline;
    if (by_collation) {
      plain = in_small_letters(pipeline);
      documents_made = in_small_letters(documents_made);
      for (auto& [name, list] : collections) list = in_small_letters(list);
    }
    const auto described = testing::naive_aggregate(plain, collections["c"], collections);
    // A group is held in memory, on the disk or not.
    if (memory_bytes < kGroupBytes && error.find("one group needs more memory") != std::string::npos) return;
    if (!described) {
      RC_ASSERT(error.find("side by side") != std::string::npos);
      return;
    }
    const std::string expected = print(*described);
    const std::string made = error + print(documents_made);
    // Groups that a sort holds equal stand in the order in which they were made, which is another on the
    // disk.
    const bool same = made == expected || (pipeline.dump().find("$group") != std::string::npos &&
                                           in_order(made) == in_order(expected));
    if (!same)
      RC_FAIL("seed " + std::to_string(seed) + "\n" + pipeline.dump() + "\nmade\n" + made + "\nexpected\n" +
              expected);
    spilled_ += runner.spilled;
  }

  const std::string directory_ = ::testing::TempDir() + "quire-pipelines-" + std::to_string(::getpid());
  std::uint64_t spilled_ = 0;
};

TEST_F(PipelineProperties, MakeWhatTheNaiveEvaluatorMakes) {
  EXPECT_TRUE(rc::check([&](std::uint32_t seed) {
    for (std::uint32_t i = 0; i < 40; ++i) compare(seed * 40 + i, 30, 64 << 20);
  }));
  EXPECT_EQ(spilled_, 0U);
}

TEST_F(PipelineProperties, CompareByTheCollationInEveryStage) {
  EXPECT_TRUE(rc::check([&](std::uint32_t seed) {
    for (std::uint32_t i = 0; i < 40; ++i) compare(seed * 40 + i, 30, 64 << 20, true);
  }));
  EXPECT_TRUE(rc::check([&](std::uint32_t seed) { compare(seed, 200, 6000, true); }));
}

TEST_F(PipelineProperties, MakeTheSameWhereAllGoesToTheDisk) {
  EXPECT_TRUE(rc::check([&](std::uint32_t seed) {
    for (std::uint32_t i = 0; i < 4; ++i) compare(seed * 4 + i, 200, 6000);
  }));
  EXPECT_GT(spilled_, 100'000U);
}

}  // namespace
}  // namespace quire::query
