#include "engine/body.h"

#include <gtest/gtest.h>

namespace quire::engine {
namespace {

ParsedDocument parsed(std::string_view text) { return parse_document(text, {}).value(); }
Error refused(std::string_view text) {
  const auto result = parse_document(text, {});
  EXPECT_FALSE(result) << text;
  return result ? Error() : result.error();
}

TEST(Body, ReservedMembersAreTakenOutAndTheRestStaysByteForByte) {
  const auto document = parsed(
      R"( { "b" : 1.0e+5 , "_id":"\u0061/é", "a": "\u00e9", "_rev":"3-0123456789abcdef0123456789abcdef" } )");
  EXPECT_EQ(document.body.text(), R"({"b":1.0e+5,"a":"\u00e9"})");
  EXPECT_EQ(document.id, "a/é");
  ASSERT_TRUE(document.revision);
  EXPECT_EQ(document.revision->to_string(), "3-0123456789abcdef0123456789abcdef");
  EXPECT_FALSE(document.deleted);
}

TEST(Body, AnObjectIdIsAnIdInEitherForm) {
  EXPECT_EQ(parsed(R"({"_id":{"$oid":"0123456789abcdef01234567"}})").id, "0123456789abcdef01234567");
  EXPECT_EQ(parse_document(R"({"_id":{"$oid":"0123456789ABCDEF01234567"}})", {})->id,
            "0123456789abcdef01234567")
      << "as the filter on _id has it";
  EXPECT_EQ(parse_document(R"({"_id":"0123456789ABCDEF01234567"})", {})->id, "0123456789ABCDEF01234567");
  EXPECT_EQ(refused(R"({"_id":{"$oid":"0123456789ABCDEF0123456"}})").field(), "_id");
  EXPECT_EQ(refused(R"({"_id":{"$oid":"0123456789abcdef01234567","x":1}})").field(), "_id");
}

TEST(Body, EachReservedMemberOfAWrongKindIsNamed) {
  EXPECT_EQ(refused(R"({"_id":7})").field(), "_id");
  EXPECT_EQ(refused(R"({"_id":""})").field(), "_id");
  EXPECT_EQ(refused(R"({"_id":null})").field(), "_id");
  EXPECT_EQ(refused(R"({"_rev":1})").field(), "_rev");
  EXPECT_EQ(refused(R"({"_rev":"x"})").field(), "_rev");
  EXPECT_EQ(refused(R"({"_deleted":"true"})").field(), "_deleted");
  EXPECT_EQ(refused(R"({"_attachments":{}})").field(), "_attachments");
  EXPECT_EQ(refused(R"({"\u005fother":1})").field(), "_other");
}

TEST(Body, ReservedNamesDeeperDownAreData) {
  EXPECT_EQ(parsed(R"({"a":{"_id":7,"_x":1}})").body.text(), R"({"a":{"_id":7,"_x":1}})");
}

TEST(Body, WhatIsPrintedIsParsedBack) {
  std::string text;
  print_document("a\"b\n", "1-x", true, R"({"n":1})", text);
  EXPECT_EQ(text, R"({"_id":"a\"b\n","_rev":"1-x","_deleted":true,"n":1})");
  const auto document = parsed(text);
  EXPECT_EQ(document.id, "a\"b\n");
  EXPECT_TRUE(document.deleted);
  EXPECT_EQ(document.body.text(), R"({"n":1})");
  text.clear();
  print_document("x", "", false, "{}", text);
  EXPECT_EQ(text, R"({"_id":"x"})");
}

}  // namespace
}  // namespace quire::engine
