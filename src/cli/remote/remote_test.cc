#include <gtest/gtest.h>

#include "cli/remote/json.h"
#include "cli/remote/lines.h"
#include "cli/remote/target.h"

namespace quire::cli::remote {
namespace {

TEST(Target, SegmentsHoldAnything) {
  EXPECT_EQ(Target::collection({.database = {.name = "main"}, .collection = "things"})
                .segment("documents")
                .segment("a/b c%?#")
                .text(),
            "/v1/databases/main/collections/things/documents/a%2Fb%20c%25%3F%23");
  EXPECT_EQ(Target::database({.name = "db", .owner = "ada"}).text(), "/v1/databases/ada%3Adb");
  EXPECT_EQ(Target("/x").segment("..").segment(".").segment("...").text(), "/x/%2E%2E/%2E/...");
  EXPECT_EQ(Target("/x").parameter("a", "1&b=2").parameter("n", 7).text(), "/x?a=1%26b%3D2&n=7");
}

TEST(Lines, ArePutTogetherWhereverTheyAreCut) {
  const std::string text = "one\n\ntwo\nthree";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    std::vector<std::string> seen;
    Lines lines([&](std::string_view line) {
      seen.emplace_back(line);
      return true;
    });
    EXPECT_TRUE(lines.take(std::string_view(text).substr(0, cut)));
    EXPECT_TRUE(lines.take(std::string_view(text).substr(cut)));
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "two"})) << cut;
    EXPECT_FALSE(lines.empty());
    EXPECT_TRUE(lines.take("\n"));
    EXPECT_EQ(seen.back(), "three") << cut;
    EXPECT_TRUE(lines.empty());
  }
}

TEST(Lines, EndWhereTheirTakerSaysSo) {
  int seen = 0;
  Lines lines([&](std::string_view) { return ++seen < 2; });
  EXPECT_FALSE(lines.take("a\nb\nc\n"));
  EXPECT_EQ(seen, 2);
}

TEST(RemoteErrors, AreThoseOfTheServer) {
  const auto error = [](std::string_view text) { return error_of(Json::parse(text)->value()); };
  const Error full = error(R"({"error":"too_large","message":"it is","field":"a.b","limit":8,"id":"x"})");
  EXPECT_EQ(full, Error(ErrorCode::too_large, "it is").at("a.b").over(8));
  EXPECT_EQ(error(R"({"error":"nonsense","message":"m"})").code(), ErrorCode::corrupt);
  EXPECT_EQ(error("{}").code(), ErrorCode::corrupt);
  EXPECT_EQ(error("[]").code(), ErrorCode::corrupt);
}

TEST(RemoteAnswers, ThatAreNoJsonAreRefused) {
  EXPECT_FALSE(Json::parse("<html>"));
  EXPECT_FALSE(Json::parse(""));
  const auto json = Json::parse(R"({"n":12,"f":-1,"s":"t","b":true,"big":99999999999999999999})");
  ASSERT_TRUE(json);
  EXPECT_EQ(number_of(json->value(), "n"), 12U);
  EXPECT_EQ(number_of(json->value(), "f"), 0U);
  EXPECT_EQ(number_of(json->value(), "big"), 0U);
  EXPECT_EQ(number_of(json->value(), "s"), 0U);
  EXPECT_EQ(text_of(json->value(), "s"), "t");
  EXPECT_EQ(text_of(json->value(), "n"), "");
  EXPECT_TRUE(flag_of(json->value(), "b"));
  EXPECT_FALSE(flag_of(json->value(), "missing"));
}

}  // namespace
}  // namespace quire::cli::remote
