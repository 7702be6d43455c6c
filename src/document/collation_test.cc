#include "document/collation.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "document/key_encoding.h"
#include "document/value.h"

namespace quire::document {
namespace {

Collation collation(std::string_view json) {
  auto parsed = Collation::parse(json);
  EXPECT_TRUE(parsed) << json << (parsed ? "" : parsed.error().to_string());
  return *parsed;
}

std::string key(const Collation& order, std::string_view text) {
  std::string out;
  order.append_sort_key(text, out);
  return out;
}

TEST(Collation, says_all_of_itself_whatever_was_left_out) {
  EXPECT_EQ(collation(R"({"locale":"de"})").print(),
            R"({"locale":"de","caseLevel":false,"caseFirst":"off","strength":3,"numericOrdering":false,)"
            R"("alternate":"non-ignorable","maxVariable":"punct","backwards":false,"normalization":false})");
  const std::string printed =
      collation(R"({"strength":2, "locale":"fr_CA", "alternate":"shifted", "maxVariable":"space"})").print();
  EXPECT_EQ(printed,
            R"({"locale":"fr_CA","caseLevel":false,"caseFirst":"off","strength":2,"numericOrdering":false,)"
            R"("alternate":"shifted","maxVariable":"space","backwards":true,"normalization":false})");
  EXPECT_EQ(collation(printed).print(), printed);
}

TEST(Collation, refuses_what_is_none_and_says_where) {
  const auto field = [](std::string_view json) {
    const auto parsed = Collation::parse(json);
    return parsed ? std::string("taken") : parsed.error().field();
  };
  EXPECT_EQ(field("{}"), "locale");
  EXPECT_EQ(field("[]"), "locale");
  EXPECT_EQ(field(R"({"locale":"xx-no"})"), "locale");
  EXPECT_EQ(field(R"({"locale":"de@collation=nothing"})"), "locale");
  EXPECT_EQ(field(R"({"locale":"de@collation=phonebook"})"), "taken");
  EXPECT_EQ(field(R"({"locale":"de","strength":6})"), "strength");
  EXPECT_EQ(field(R"({"locale":"de","strength":"2"})"), "strength");
  EXPECT_EQ(field(R"({"locale":"de","caseLevel":"true"})"), "caseLevel");
  EXPECT_EQ(field(R"({"locale":"de","alternate":true})"), "alternate");
  EXPECT_EQ(field(R"({"locale":"de","maxVariable":"digit"})"), "maxVariable");
  EXPECT_EQ(field(R"({"locale":"de","other":1})"), "other");
  EXPECT_FALSE(Collation::parse("{\"locale\":\"de\",\"x\":\"" + std::string(5000, 'x') + "\"}"));
  EXPECT_FALSE(Collation::parse(R"({"locale":"simple"})"));
  EXPECT_TRUE(Collation::is_simple(R"({ "locale": "simple" })"));
  EXPECT_FALSE(Collation::is_simple(R"({"locale":"de"})"));
}

TEST(Collation, orders_as_its_language_does) {
  const auto sorted = [](const Collation& order, std::vector<std::string> texts) {
    std::sort(texts.begin(), texts.end(),
              [&](const auto& left, const auto& right) { return key(order, left) < key(order, right); });
    std::string out;
    for (const auto& text : texts) out += text + " ";
    return out;
  };
  EXPECT_EQ(sorted(collation(R"({"locale":"de"})"), {"z", "ä", "a", "Z", "b"}), "a ä b z Z ");
  EXPECT_EQ(sorted(collation(R"({"locale":"sv"})"), {"z", "ä", "a"}), "a z ä ");
  EXPECT_EQ(sorted(collation(R"({"locale":"en","numericOrdering":true})"), {"a10", "a9", "a1"}),
            "a1 a9 a10 ");
  EXPECT_EQ(sorted(collation(R"({"locale":"fr","backwards":true})"), {"côté", "coté", "côte", "cote"}),
            "cote côte coté côté ");
  EXPECT_EQ(sorted(collation(R"({"locale":"en","caseFirst":"upper"})"), {"a", "A"}), "A a ");
  const Collation loose = collation(R"({"locale":"en","strength":1})");
  EXPECT_EQ(key(loose, "Café"), key(loose, "cafe"));
  EXPECT_NE(key(collation(R"({"locale":"en","strength":2})"), "café"), key(loose, "cafe"));
  EXPECT_EQ(key(collation(R"({"locale":"en","strength":1,"alternate":"shifted"})"), "a-b"),
            key(collation(R"({"locale":"en","strength":1,"alternate":"shifted"})"), "ab"));
}

RC_GTEST_PROP(Collation, keys_are_ordered_as_their_texts_and_end_once, ()) {
  static const Collation orders[] = {*Collation::parse(R"({"locale":"de","strength":2})"),
                                     *Collation::parse(R"({"locale":"en","strength":5})"),
                                     *Collation::parse(R"({"locale":"fr_CA","numericOrdering":true})")};
  static const char* const pieces[] = {"a", "A", "ä", "1", "12", " ", "-", "é", "日", "\x01", "ß", "e\u0301"};
  const auto text = rc::gen::map(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12)),
                                 [](const std::vector<int>& numbers) {
                                   std::string made;
                                   for (const int number : numbers) made += pieces[number];
                                   return made;
                                 });
  const std::string left = *text;
  const std::string right = *text;
  for (const Collation& order : orders) {
    const std::string left_key = key(order, left);
    const std::string right_key = key(order, right);
    RC_ASSERT(left_key.find('\0') == left_key.size() - 1);
    RC_ASSERT((order.compare(left, right) < 0) == (left_key < right_key));
    RC_ASSERT((order.compare(left, right) == 0) == (left_key == right_key));
  }
}

TEST(Collation, serves_many_threads_at_once) {
  const Collation order = collation(R"({"locale":"de","strength":2})");
  const std::string wanted = key(order, "Straße über Bäche");
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) wrong += key(order, "STRAßE ÜBER BÄCHE") != wanted;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Collation, keys_of_values_use_it_wherever_a_string_stands) {
  const Collation order = collation(R"({"locale":"en","strength":1})");
  Arena arena;
  const auto key_of = [&](std::string_view json) {
    std::string out;
    append_key(*Value::parse(arena, json), Direction::descending, out, &order);
    return out;
  };
  EXPECT_EQ(key_of(R"({"a":["B",{"c":"é"}]})"), key_of(R"({"a":["b",{"c":"E"}]})"));
  EXPECT_NE(key_of(R"({"a":"b"})"), key_of(R"({"A":"b"})"));
  EXPECT_GT(key_of(R"("a")"), key_of(R"("B")"));
  EXPECT_EQ(key_of("1"), key_of("1.0"));
}

}  // namespace
}  // namespace quire::document
