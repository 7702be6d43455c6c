#include "engine/change_event.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "document/testing/json_from_bytes.h"
#include "document/update_operators.h"
#include "engine/testing/test_node.h"

namespace quire::engine {
namespace {

using testing::put_change;
using testing::TestNode;
using Json = nlohmann::ordered_json;

std::vector<Json> events_of(TestNode& node, FullDocument full = FullDocument::always) {
  FeedOptions options;
  options.bodies = true;
  const auto page = node.read({}, options).value();
  document::Arena scratch;
  std::vector<Json> events;
  for (const FeedRow& row : page.rows) {
    std::string text;
    const auto printed = print_change_event(row, page.next.incarnation, "main", full, scratch, text);
    EXPECT_TRUE(printed.has_value());
    EXPECT_EQ(*printed, !text.empty());
    if (*printed) events.push_back(Json::parse(text));
  }
  return events;
}

Change update_change(std::string id, const std::string& operators) {
  auto parsed = document::Update::parse(operators);
  if (!parsed)
    parsed = document::Update::parse(R"({"$unset":{"nothing":1}})");  // what is no update changes nothing
  const document::Update update = *parsed;
  Change change;
  change.kind = Change::Kind::transform;
  change.condition = Change::Condition::any;
  change.id = std::move(id);
  change.transform = [update](std::string_view text) -> Result<std::optional<Body>> {
    document::Arena arena;
    auto value = document::Value::object();
    if (!text.empty()) {
      QUIRE_TRY(value, document::Value::parse(arena, text));
    }
    QUIRE_TRY(const auto changes, update.apply(value, {}, arena));
    if (changes.empty()) return std::optional<Body>();
    return std::optional<Body>(Body::stored(value.to_json()));
  };
  return change;
}

void write(TestNode& node, Change change) {
  std::vector<Change> changes;
  changes.push_back(std::move(change));
  const auto written = node.write(std::move(changes));
  ASSERT_TRUE(written.has_value());
}

TEST(ChangeEvents, say_what_happened) {
  TestNode node;
  node.put("a", R"({"n":1,"o":{"x":[1,2]},"s":{"$numberLong":"5"}})");
  write(node, update_change("a", R"({"$inc":{"n":1},"$set":{"o.x.1":7},"$unset":{"s":1}})"));
  node.put("a", R"({"n":9})");
  node.put("5f0000000000000000000001", "{}");
  node.remove("a");
  const auto events = events_of(node);
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[0]["operationType"], "insert");
  EXPECT_EQ(events[0]["_id"].dump(),
            R"({"_data":")" + to_string({node.shard()->position().incarnation, 1}) + "\"}");
  EXPECT_EQ(events[0]["ns"].dump(), R"({"db":"main","coll":"_default"})");
  EXPECT_EQ(events[0]["fullDocument"].dump(), R"({"_id":"a","n":1,"o":{"x":[1,2]},"s":5})");
  EXPECT_FALSE(events[0].contains("updateDescription"));
  EXPECT_EQ(events[1]["operationType"], "update");
  EXPECT_EQ(events[1]["updateDescription"].dump(),
            R"({"updatedFields":{"n":2,"o.x.1":7},"removedFields":["s"]})");
  EXPECT_EQ(events[1]["fullDocument"].dump(), R"({"_id":"a","n":2,"o":{"x":[1,7]}})");
  EXPECT_EQ(events[2]["operationType"], "replace");
  EXPECT_FALSE(events[2].contains("updateDescription"));
  EXPECT_EQ(events[3]["documentKey"].dump(), R"({"_id":{"$oid":"5f0000000000000000000001"}})");
  EXPECT_EQ(events[4]["operationType"], "delete");
  EXPECT_FALSE(events[4].contains("fullDocument"));
}

TEST(ChangeEvents, carry_the_document_as_asked) {
  TestNode node;
  node.put("a", R"({"n":1})");
  write(node, update_change("a", R"({"$inc":{"n":1}})"));
  auto events = events_of(node, FullDocument::unless_update);
  EXPECT_TRUE(events[0].contains("fullDocument"));
  EXPECT_FALSE(events[1].contains("fullDocument"));
  EXPECT_TRUE(events[1].contains("updateDescription"));
  events = events_of(node, FullDocument::never);
  EXPECT_FALSE(events[0].contains("fullDocument"));
}

TEST(ChangeEvents, of_collections_are_their_drop) {
  TestNode node;
  node.put("a", "{}", "things");
  ASSERT_TRUE(wait<void>([&](auto done) {
                node.node.catalog().drop_collection(node.caller, {}, {.database = {}, .collection = "things"},
                                                    std::move(done));
              }).has_value());
  const auto events = events_of(node);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["operationType"], "insert");
  EXPECT_EQ(events[1]["operationType"], "drop");
  EXPECT_EQ(events[1]["ns"]["coll"], "things");
  EXPECT_FALSE(events[1].contains("documentKey"));
}

TEST(ChangeEvents, resume_behind_themselves) {
  EXPECT_EQ(parse_resume_token(R"({"_data":"7-2"})").value(), (Position{.incarnation = 2, .sequence = 7}));
  EXPECT_EQ(parse_resume_token(R"("7-2")").value(), (Position{.incarnation = 2, .sequence = 7}));
  for (const auto* const bad :
       {"7", "{}", R"({"_data":7})", R"({"_data":"7-2","x":1})", R"("7-")", "[", "null"}) {
    EXPECT_EQ(parse_resume_token(bad).error().field(), "resumeAfter") << bad;
  }
}

// --- events are the difference between states

void set_at(Json& document, const std::string& path, const Json* value) {
  Json* at = &document;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t dot = path.find('.', begin);
    const std::string step = path.substr(begin, dot - begin);
    if (dot == std::string::npos) {
      if (at->is_array()) {
        at->at(std::stoul(step)) = *value;
      } else if (value == nullptr) {
        at->erase(step);
      } else {
        (*at)[step] = *value;
      }
      return;
    }
    at = at->is_array() ? &at->at(std::stoul(step)) : &at->at(step);
    begin = dot + 1;
  }
}

// Values that the JSON reader of these tests keeps as they are.
std::string some_value(document::testing::JsonFromBytes& json) {
  static constexpr const char* kValues[] = {"null",
                                            "1",
                                            "\"x\"",
                                            "[1,2]",
                                            "[1,{\"a\":1}]",
                                            "[]",
                                            "{}",
                                            "{\"a\":1,\"b\":{\"c\":[1]}}",
                                            "{\"b\":2,\"a\":1}"};
  return kValues[json.pick(std::size(kValues))];
}

RC_GTEST_PROP(ChangeEvents, lead_from_state_to_state, ()) {
  document::testing::JsonFromBytes json(*rc::gen::arbitrary<std::vector<std::uint8_t>>(), {});
  TestNode node;
  for (int i = 0; i < 20; ++i) {
    const std::string id(1, static_cast<char>('a' + json.pick(2)));
    std::vector<Change> changes;
    switch (json.pick(4)) {
      case 0:
        changes.push_back(put_change(id, "{\"" + json.name() + "\":" + some_value(json) + "}"));
        changes[0].condition = Change::Condition::any;
        break;
      case 1:
        changes.push_back(update_change(
            id, R"({"$set":{")" + json.name() + "." + json.name() + "\":" + some_value(json) + "}}"));
        break;
      case 2:
        changes.push_back(update_change(id, R"({"$set":{")" + json.name() + "\":" + some_value(json) + "}}"));
        break;
      default: changes.push_back(update_change(id, R"({"$unset":{")" + json.name() + "\":1}}"));
    }
    (void)node.write(std::move(changes));  // some do not fit the document: no event then
  }
  std::map<std::string, Json> states;
  for (const Json& event : events_of(node)) {
    const std::string id = event["documentKey"]["_id"];
    const std::string type = event["operationType"];
    Json now = event["fullDocument"];
    if (type == "update") {
      Json& state = states.at(id);
      for (const auto& path : event["updateDescription"]["removedFields"]) set_at(state, path, nullptr);
      for (const auto& [path, value] : event["updateDescription"]["updatedFields"].items()) {
        set_at(state, path, &value);
      }
      RC_ASSERT(state.dump() == now.dump());
    }
    RC_ASSERT((type == "insert") == !states.contains(id));
    states[id] = std::move(now);
  }
}

}  // namespace
}  // namespace quire::engine
