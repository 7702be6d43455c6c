#include "net/server.h"

#include <gtest/gtest.h>

#include "net/testing/raw_client.h"
#include "net/testing/test_service.h"

namespace quire::net {
namespace {

TEST(Server, KeepsAConnectionAndAnswersInOrder) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send("GET /a?b=" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    const RawClient::Answer answer = client.receive();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "GET /a?b=" + std::to_string(i) + "\n");
    EXPECT_TRUE(answer.field("Date").ends_with(" GMT"));
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
  }
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 500; ++i) EXPECT_EQ(client.receive().body, "POST /" + std::to_string(i) + "\nabc");
}

TEST(Server, TakesABodyThatComesLater) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  const std::string body(300'000, 'x');
  ASSERT_TRUE(client.send("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n"));
  ASSERT_TRUE(client.send(body));
  ASSERT_TRUE(client.send("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(client.receive().body, "POST /x\n" + body);
  EXPECT_EQ(client.receive().body, "GET /next\n");
}

TEST(Server, StreamsBothWays) {
  TestServer server;
  server.service.its_plan = {Plan::Body::streamed, std::uint64_t{1} << 30, 0};
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      exchange.begin({});
      std::array<char, 5000> piece;
      for (;;) {
        const Result<std::size_t> size = exchange.read(piece);
        if (!size || *size == 0) break;
        if (!exchange.write({piece.data(), *size})) break;
      }
      exchange.end();
    });
  };
  server.start();
  RawClient client(server.port());
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += std::to_string(i);
  ASSERT_TRUE(client.send("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + body));
  EXPECT_EQ(client.receive().body, body);
  ASSERT_TRUE(client.send(
      "POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
  EXPECT_EQ(client.receive().body, "abc");
}

}  // namespace
}  // namespace quire::net
