#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/divisibility.h"
#include "document/json.h"
#include "document/schema.h"
#include "document/schema_equality.h"
#include "document/testing/json_from_bytes.h"
#include "document/testing/naive_schema.h"
#include "document/testing/parsed.h"
#include "document/value_order.h"

namespace quire::document {
namespace {

using testing::JsonFromBytes;
using testing::Parsed;
using Bytes = std::vector<std::uint8_t>;

TEST(SchemaProperties, FitsAsTheSpecificationSays) {
  EXPECT_TRUE(rc::check([] {
    const auto schema_bytes = *rc::gen::resize(400, rc::gen::arbitrary<Bytes>());
    JsonFromBytes bytes(schema_bytes, {.extended = true, .depth = 2});
    const Parsed schema_json(testing::schema_from_bytes(bytes));
    const auto schema = Schema::parse(schema_json.text);
    RC_ASSERT(schema.has_value());
    for (int i = 0; i < 8; ++i) {
      JsonFromBytes more(*rc::gen::arbitrary<Bytes>(), {.extended = true, .depth = 3});
      const Parsed document(i % 2 == 0 ? more.object() : more.value());
      const bool fits = testing::naive_fits(schema_json.value, document.value);
      const auto all = schema->validate(document.value);
      RC_ASSERT(all.has_value());
      RC_ASSERT(all->empty() == fits);
      // Whether anything is wrong does not depend on how much of it is wanted.
      const auto none = schema->validate(document.value, {.most_violations = 0});
      RC_ASSERT(none.has_value());
      RC_ASSERT(none->more == !fits);
    }
  }));
}

TEST(SchemaProperties, AsManyViolationsAsAreWantedInOneOrder) {
  EXPECT_TRUE(rc::check([] {
    JsonFromBytes bytes(*rc::gen::resize(400, rc::gen::arbitrary<Bytes>()), {.depth = 2});
    const auto schema = Schema::parse(testing::schema_from_bytes(bytes));
    RC_ASSERT(schema.has_value());
    JsonFromBytes more(*rc::gen::arbitrary<Bytes>(), {.depth = 3});
    const Parsed document(more.object());
    const auto all = schema->validate(document.value, {.most_violations = 1000});
    const auto some = schema->validate(document.value, {.most_violations = 2});
    RC_ASSERT(all.has_value());
    RC_ASSERT(some.has_value());
    RC_ASSERT(some->list.size() == std::min<std::size_t>(2, all->list.size()));
    RC_ASSERT(some->more == (all->list.size() > 2));
    for (std::size_t i = 0; i < some->list.size(); ++i) RC_ASSERT(some->list[i] == all->list[i]);
  }));
}

TEST(SchemaProperties, WhatIsEqualHasOneHashWhateverTheOrderOfMembers) {
  EXPECT_TRUE(rc::check([] {
    JsonFromBytes bytes(*rc::gen::arbitrary<Bytes>(), {.extended = true});
    const Parsed one(bytes.object());
    Parsed other(one.text);
    auto members = other.value.mutable_members();
    std::reverse(members.begin(), members.end());
    std::uint64_t steps = 0;
    RC_ASSERT(equal_as_json(one.value, other.value));
    RC_ASSERT(hash_as_json(one.value, steps) == hash_as_json(other.value, steps));
    JsonFromBytes different(*rc::gen::arbitrary<Bytes>(), {.extended = true});
    const Parsed third(different.object());
    const bool equal = equal_as_json(one.value, third.value);
    RC_ASSERT(equal == (hash_as_json(one.value, steps) == hash_as_json(third.value, steps)));
    if (equal_values(one.value, third.value)) RC_ASSERT(equal);
  }));
}

TEST(SchemaProperties, TheFirstElementThatStandsTwice) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& numbers) {
    std::string text = "[";
    for (const std::uint8_t one : numbers) text += (text == "[" ? "" : ",") + std::to_string(one % 40) + ".0";
    const Parsed array(text + "]");
    std::optional<std::pair<std::size_t, std::size_t>> expected;
    for (std::size_t i = 0; i < numbers.size() && !expected; ++i) {
      for (std::size_t j = 0; j < i && !expected; ++j) {
        if (numbers[i] % 40 == numbers[j] % 40) expected = {j, i};
      }
    }
    std::uint64_t steps = 0;
    RC_ASSERT(find_equal_elements(array.value.elements(), steps) == expected);
  }));
}

// Digits of a product, as at school.
std::string product(const std::string& left, const std::string& right) {
  std::vector<int> sums(left.size() + right.size(), 0);
  for (std::size_t i = left.size(); i-- > 0;) {
    for (std::size_t j = right.size(); j-- > 0;) {
      const int sum = sums[i + j + 1] + (left[i] - '0') * (right[j] - '0');
      sums[i + j + 1] = sum % 10;
      sums[i + j] += sum / 10;
    }
  }
  std::string digits;
  for (const int one : sums) digits += static_cast<char>('0' + one);
  return digits;
}

TEST(SchemaProperties, AProductIsAMultipleAndItsNeighbourIsNot) {
  const auto digits = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('0', ':')));
  EXPECT_TRUE(rc::check([&] {
    const std::string divisor = *digits + "7";  // above 1, and at its end no 0
    const std::string factor = *digits;
    const std::string multiple = product(divisor, factor);
    const auto exponent = *rc::gen::inRange(-400, 400);
    const std::string divisor_text = divisor + "e" + std::to_string(exponent);
    const Number by = *Number::parse(divisor_text);
    const std::string far = multiple + "e" + std::to_string(exponent + *rc::gen::inRange(0, 1000));
    const std::string near = multiple + "1e" + std::to_string(exponent - 1);
    const std::string exact = multiple + "e" + std::to_string(exponent);
    RC_ASSERT(is_multiple_of(*Number::parse(exact), by));
    RC_ASSERT(is_multiple_of(*Number::parse(far), by));
    RC_ASSERT(!is_multiple_of(*Number::parse(near), by));
    // 10 * multiple + 1 is one only where the divisor divides 1.
    const std::string neighbour = multiple + "1e" + std::to_string(exponent);
    RC_ASSERT(!is_multiple_of(*Number::parse(neighbour), by));
  }));
}

}  // namespace
}  // namespace quire::document
