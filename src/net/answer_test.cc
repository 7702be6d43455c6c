#include "net/answer.h"

#include <gtest/gtest.h>

#include "net/answer_head.h"
#include "net/host.h"

namespace quire::net {
namespace {

TEST(Answer, HasAHead) {
  Response response;
  response.status = 404;
  response.add_field("ETag", "\"1-a\"");
  AnswerFraming framing;
  framing.length = 12;
  framing.close = true;
  std::string out;
  append_head(out, response, framing, "Date: x\r\n", "X-Common: y\r\n");
  EXPECT_EQ(out,
            "HTTP/1.1 404 Not Found\r\nDate: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n"
            "Connection: close\r\nX-Common: y\r\nETag: \"1-a\"\r\n\r\n");
}

TEST(Answer, SaysTheDate) {
  DateLine line;
  EXPECT_EQ(line.at(784111777999), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(line.at(1709164800000), "Date: Thu, 29 Feb 2024 00:00:00 GMT\r\n");
}

TEST(AnswerDeathTest, TakesNoLineEndsInFields) {
  Response response;
  EXPECT_DEATH(response.add_field("X-A", "b\r\nX-B: c"), "control characters");
  EXPECT_DEATH(response.add_field("X A", "b"), "token");
}

TEST(AnswerHead, IsRead) {
  const auto answer = parse_answer_head(
      "HTTP/1.1 201 Made it\r\nContent-Length: 7\r\nX-A: b\r\nConnection: close\r\n\r\n", 100);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 201U);
  EXPECT_EQ(answer->framing.length, 7U);
  EXPECT_FALSE(answer->keep_alive);
  EXPECT_EQ(answer->field("x-a"), "b");
}

TEST(AnswerHead, IsRefusedWhereItIsMalformed) {
  for (const auto* bad :
       {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 99 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: b\x01\r\n\r\n"}) {
    EXPECT_FALSE(parse_answer_head(bad, 100).has_value()) << bad;
  }
  EXPECT_EQ(parse_answer_head("HTTP/1.1 200 OK\r\na: 1\r\nb: 2\r\n\r\n", 1).error().code(),
            ErrorCode::too_large);
}

TEST(Host, IsTakenApart) {
  EXPECT_EQ(host_name("a.b-c_d:80"), "a.b-c_d");
  EXPECT_EQ(host_name("[fe80::1]:80"), "fe80::1");
  EXPECT_EQ(host_name("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(host_name("a:"), "a");
  for (const auto* bad :
       {"", ":80", "a:b", "a:123456", "a b", "a/b", "[::1", "::1", "[]", "[::1]x", "a,b", "a@b"}) {
    EXPECT_FALSE(host_name(bad)) << bad;
  }
}

TEST(Host, IsLoopbackOrConfigured) {
  const HostNames names({"Quire.example"});
  for (const auto* good : {"localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "quire.EXAMPLE"}) {
    EXPECT_TRUE(names.has(good)) << good;
  }
  for (const auto* bad :
       {"example", "a.quire.example", "127.0.0.1.nip.io", "128.0.0.1", "::2", "localhost."}) {
    EXPECT_FALSE(names.has(bad)) << bad;
  }
  EXPECT_TRUE(HostNames({"*"}).has("anything"));
}

}  // namespace
}  // namespace quire::net
