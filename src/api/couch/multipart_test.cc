#include "api/couch/multipart.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quire::api::couch {
namespace {

class KeptParts final : public PartSink {
 public:
  Status begin(const PartHead& head) override {
    types.emplace_back(head.field("content-type"));
    parts.emplace_back();
    return ok();
  }
  Status write(std::string_view bytes) override {
    parts.back().append(bytes);
    return ok();
  }
  Status end() override {
    ++ended;
    return ok();
  }
  std::vector<std::string> types;
  std::vector<std::string> parts;
  std::size_t ended = 0;
};

bool read(const std::string& body, std::size_t piece, KeptParts& sink, const std::string& boundary = "x") {
  auto reader = MultipartReader::make(boundary, sink);
  if (!reader) return false;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (!reader->feed(std::string_view(body).substr(at, piece))) return false;
  }
  return reader->finish().has_value();
}

TEST(Multipart, ReadsPartsWithAndWithoutHeads) {
  KeptParts sink;
  ASSERT_TRUE(
      read("preamble\r\n--x\r\nContent-Type: a/b; c=d\r\nX: y\r\n\r\none\r\n--x "
           "\r\n\r\n\r\n--x\r\n\r\n\r\n-\r\n--x--more",
           7, sink));
  EXPECT_EQ(sink.parts, (std::vector<std::string>{"one", "", "\r\n-"}));
  EXPECT_EQ(sink.types, (std::vector<std::string>{"a/b; c=d", "", ""}));
  EXPECT_EQ(sink.ended, 3U);
}

TEST(Multipart, RefusesWhatIsMalformed) {
  for (const char* const body : {"", "--x", "--x\r\n\r\none", "--x\r\n\r\none\r\n--x", "--xone",
                                 "--x\r\nno colon\r\n\r\n\r\n--x--", "--x\r\n: v\r\n\r\n\r\n--x--"}) {
    KeptParts sink;
    EXPECT_FALSE(read(body, 3, sink)) << body;
  }
  KeptParts sink;
  EXPECT_FALSE(read("--x\r\nA: " + std::string(20'000, 'a') + "\r\n\r\n\r\n--x--", 1000, sink));
  EXPECT_FALSE(MultipartReader::make("", sink));
  EXPECT_FALSE(MultipartReader::make("a\r\nb", sink));
}

TEST(Multipart, ReadsParametersOfFields) {
  EXPECT_EQ(field_parameter("multipart/related; boundary=abc", "boundary"), "abc");
  EXPECT_EQ(field_parameter("multipart/related; a=\"x;boundary=no\"; Boundary=\"a\\\"b\"", "boundary"),
            "a\"b");
  EXPECT_EQ(field_parameter("multipart/related", "boundary"), "");
  EXPECT_EQ(field_parameter("a; b; boundary=c", "boundary"), "");
}

// Any bytes come back as they were, however the body is cut.
RC_GTEST_PROP(MultipartProperty, BytesComeBack, (std::vector<std::string> parts)) {
  std::string body;
  for (const std::string& part : parts) {
    RC_PRE(("\r\n" + part).find("\r\n--bound") == std::string::npos);
    body += "\r\n--bound\r\nContent-Type: t\r\n\r\n" + part;
  }
  body += "\r\n--bound--";
  KeptParts sink;
  RC_ASSERT(read(body, *rc::gen::inRange<std::size_t>(1, 20), sink, "bound"));
  RC_ASSERT(sink.parts == parts);
}

}  // namespace
}  // namespace quire::api::couch
