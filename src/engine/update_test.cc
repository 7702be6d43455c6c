#include "engine/update.h"

#include <gtest/gtest.h>

namespace quire::engine {
namespace {

std::string changed(std::string_view body, std::string_view change, const document::JsonLimits& limits = {},
                    UpdateKind kind = UpdateKind::operators_or_merge_patch) {
  const auto transform = make_update("a", change, limits, 0, kind);
  if (!transform) return "refused " + transform.error().field();
  const auto next = (*transform)(body);
  if (!next) return std::string(name(next.error().code()));
  return *next ? (*next)->text() : "unchanged";
}

TEST(Update, ObjectsAreMergedAndOperatorsApplied) {
  EXPECT_EQ(changed(R"({"a":1,"b":{"c":2.50}})", R"({"a":null,"b":{"d":3}})"), R"({"b":{"c":2.50,"d":3}})");
  EXPECT_EQ(changed(R"({"a":1})", R"({"$inc":{"a":2},"$set":{"b":"x"}})"), R"({"a":3,"b":"x"})");
}

TEST(Update, WhatChangesNothingWritesNothing) {
  EXPECT_EQ(changed(R"({"a":1})", R"({"a":1})"), "unchanged");
  EXPECT_EQ(changed(R"({"a":1})", R"({})"), "unchanged");
  EXPECT_EQ(changed(R"({"a":1})", R"({"b":null})"), "unchanged");
}

TEST(Update, ReservedNamesAreRefused) {
  EXPECT_EQ(changed("{}", R"({"_id":"b"})"), "refused _id");
  EXPECT_EQ(changed("{}", R"({"\u005frev":"1-x"})"), "refused _rev");
  EXPECT_TRUE(changed("{}", R"({"$set":{"_id":"b"}})").starts_with("refused"));
}

TEST(Update, OperatorsAndMembersDoNotMix) {
  EXPECT_TRUE(changed("{}", R"({"$set":{"a":1},"b":2})").starts_with("refused"));
  EXPECT_TRUE(changed("{}", R"([1])").starts_with("refused"));
  EXPECT_TRUE(changed("{}", R"({"a":1)").starts_with("refused"));
}

TEST(Update, AKindThatIsNamedIsTakenAtItsWord) {
  EXPECT_EQ(changed(R"({"a":1})", R"({"$set":{"b":2}})", {}, UpdateKind::merge_patch),
            R"({"a":1,"$set":{"b":2}})");
  EXPECT_EQ(changed(R"({"a":1})", R"({"$set":{"b":2}})", {}, UpdateKind::operators), R"({"a":1,"b":2})");
  EXPECT_TRUE(changed(R"({"a":1})", R"({"b":2})", {}, UpdateKind::operators).starts_with("refused"));
}

TEST(Update, AJsonPatchMakesADocumentOrFails) {
  const auto patched = [](std::string_view body, std::string_view patch) {
    return changed(body, patch, {}, UpdateKind::json_patch);
  };
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"replace","path":"/a","value":2}])"), R"({"a":2})");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"test","path":"/a","value":1}])"), "unchanged");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])"), "precondition");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"replace","path":"","value":[]}])"), "invalid");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"add","path":"/_id","value":"b"}])"), "invalid");
  EXPECT_EQ(patched("", R"([{"op":"add","path":"/a","value":1}])"), "not_found");
  EXPECT_EQ(patched("{}", R"([{"op":"no"}])"), "refused [0].op");
}

TEST(Update, AMissingDocumentIsNotMade) {
  EXPECT_EQ(changed("", R"({"a":1})"), "not_found");
  EXPECT_EQ(changed("", R"({"$set":{"a":1}})"), "not_found");
}

TEST(Update, ADocumentDoesNotGrowPastItsLimit) {
  document::JsonLimits limits;
  limits.document_bytes = 40;
  EXPECT_EQ(changed(R"({"a":"0123456789"})", R"({"b":"0123456789"})", limits),
            R"({"a":"0123456789","b":"0123456789"})");
  EXPECT_EQ(changed(R"({"a":"0123456789012345"})", R"({"b":"0123456789"})", limits), "too_large");
  EXPECT_EQ(changed(R"({"a":"0123456789012345"})", R"({"$set":{"b":"0123456789"}})", limits), "too_large");
}

}  // namespace
}  // namespace quire::engine
