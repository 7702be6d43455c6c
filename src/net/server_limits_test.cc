#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/testing/memory_log.h"
#include "net/testing/raw_client.h"
#include "net/testing/test_service.h"

namespace quire::net {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(ServerLimits, TenMegabytesOfHeadAreRefusedEarly) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: localhost\r\n");
  const std::string field = "X-Long: " + std::string(10'000, 'x') + "\r\n";
  for (int i = 0; i < 1000 && client.send(field); ++i) {
  }
  const RawClient::Answer answer = client.receive();
  EXPECT_EQ(answer.status, 431U);
  EXPECT_NE(answer.body.find("32768"), std::string::npos) << "the limit is named";
}

TEST(ServerLimits, AMillionParametersAreRefused) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  std::string target = "/a?";
  for (int i = 0; i < 1'000'000; ++i) target += "a&";
  client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.receive().status, 414U);
}

TEST(ServerLimits, BodyPastThePlansLimit) {
  TestServer server;
  server.service.its_plan.body_limit = 10;
  server.start();
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_EQ(client.receive().status, 200U);
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n");
  const RawClient::Answer answer = client.receive();
  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(answer.field("Connection"), "close");
  RawClient other(server.port());
  other.send("POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n5\r\n");
  EXPECT_EQ(other.receive().status, 413U) << "as soon as it is known";
}

TEST(ServerLimits, SlowHead) {
  TestServer server;
  server.options.limits.head_time = 200ms;
  server.start();
  RawClient client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: local");
  EXPECT_EQ(client.receive().status, 408U);
  EXPECT_EQ(client.receive_all(), "");
  RawClient silent(server.port());
  EXPECT_TRUE(silent.is_closed()) << "without a word where none was said";
}

TEST(ServerLimits, SlowHeadOfALaterRequest) {
  TestServer server;
  server.options.limits.head_time = 200ms;
  server.start();
  RawClient client(server.port());
  client.send(std::string(kGet) + "GET /b HT");
  EXPECT_EQ(client.receive().status, 200U);
  EXPECT_EQ(client.receive().status, 408U);
}

TEST(ServerLimits, SlowBody) {
  TestServer server;
  server.options.limits.idle_time = 200ms;  // bounds the window in which the rate is asked
  server.options.limits.body_bytes_per_second = 1000;
  server.start();
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_EQ(client.receive().status, 408U);
}

TEST(ServerLimits, SlowStreamedBody) {
  TestServer server;
  server.options.limits.idle_time = 200ms;
  server.options.limits.body_bytes_per_second = 1000;
  server.service.its_plan.body = Plan::Body::streamed;
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      std::array<char, 100> piece;
      Result<std::size_t> size = exchange.read(piece);
      while (size && *size > 0) size = exchange.read(piece);
      Response response;
      response.status = size ? 200 : 408;
      response.body = size ? "" : size.error().to_string();
      exchange.send(std::move(response));
    });
  };
  server.start();
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
  const RawClient::Answer answer = client.receive();
  EXPECT_EQ(answer.status, 408U);
  EXPECT_NE(answer.body.find("deadline"), std::string::npos);
  EXPECT_EQ(answer.field("Connection"), "close");
}

TEST(ServerLimits, IdleConnection) {
  TestServer server;
  server.options.limits.idle_time = 200ms;
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  EXPECT_EQ(client.receive().status, 200U);
  EXPECT_TRUE(client.is_closed());
}

TEST(ServerLimits, ClientThatReadsNothing) {
  TestServer server;
  server.options.limits.idle_time = 300ms;
  server.service.handler = [](Exchange& exchange) {
    Response response;
    response.body = std::string(50'000'000, 'x');
    exchange.send(std::move(response));
  };
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(10'000);
  client.send(kGet);
  while (server.server->connections() == 0) std::this_thread::yield();
  while (server.server->connections() > 0) std::this_thread::yield();
  EXPECT_LT(client.receive_all().size(), 50'000'000U);
}

// Reads until the connection ends or `most` came, and pauses behind every so many bytes.
std::size_t read_slowly(RawClient& client, std::size_t stretch, std::chrono::milliseconds pause,
                        std::size_t most) {
  std::size_t total = 0;
  for (std::size_t next = stretch; total < most;) {
    const std::size_t count = client.receive_some().size();
    if (count == 0) break;
    total += count;
    if (total < next) continue;
    next = total + stretch;
    std::this_thread::sleep_for(pause);
  }
  return total;
}

TEST(ServerLimits, ClientThatReadsSlowly) {
  constexpr std::size_t kWhole = 20'000'000;
  TestServer server;
  auto kept = std::make_unique<MemoryLog>();
  const MemoryLog& log = *kept;
  server.log = std::move(kept);
  server.options.limits.idle_time = 500ms;
  server.options.limits.answer_bytes_per_second = 100'000'000;
  server.service.handler = [](Exchange& exchange) {
    Response response;
    response.body = std::string(kWhole, 'x');
    exchange.send(std::move(response));
  };
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(10'000);
  client.send(kGet);
  EXPECT_LT(read_slowly(client, 1, 1ms, kWhole), kWhole) << "though it reads all the time";
  const auto lines = log.lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines.front().find("reads too slowly"), std::string::npos);
  EXPECT_NE(lines.front().find("least_a_second=100000000"), std::string::npos);
}

TEST(ServerLimits, ClientThatPausesBrieflyIsServed) {
  constexpr std::size_t kWhole = 2'000'000;
  TestServer server;
  server.options.limits.idle_time = 2000ms;
  server.options.limits.answer_bytes_per_second = 1000;
  server.service.handler = [](Exchange& exchange) {
    Response response;
    response.body = std::string(kWhole, 'x');
    exchange.send(std::move(response));
  };
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(10'000);
  client.send(kGet);
  EXPECT_GE(read_slowly(client, 300'000, 800ms, kWhole), kWhole) << "pauses for more than one window in all";
}

TEST(ServerLimits, ConnectionsOfAnAddress) {
  TestServer server;
  server.options.limits.connections_per_address = 3;
  server.start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(kGet);
    EXPECT_EQ(clients.back()->receive().status, 200U);
  }
  RawClient more(server.port());
  EXPECT_EQ(more.receive().status, 503U);
  EXPECT_TRUE(more.is_closed());
  clients.pop_back();
  while (server.server->connections() > 2) std::this_thread::yield();
  RawClient again(server.port());
  again.send(kGet);
  EXPECT_EQ(again.receive().status, 200U);
}

TEST(ServerLimits, ConnectionsInAll) {
  TestServer server;
  server.options.limits.connections = 2;
  server.start();
  RawClient one(server.port());
  RawClient two(server.port());
  RawClient three(server.port());
  EXPECT_EQ(three.receive().status, 503U);
}

TEST(ServerLimits, AThousandConnectionsAtOnce) {
  TestServer server;
  server.options.limits.connections_per_address = 2000;
  server.start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
  for (auto& client : clients) client->send("GET /a HTTP/1.1\r\nHost: local");
  for (auto& client : clients) client->send("host\r\n\r\n");
  for (auto& client : clients) EXPECT_EQ(client->receive().status, 200U);
  EXPECT_EQ(server.server->connections(), 1000U);
}

// Whoever pipelines without reading must not make us keep the answers.
TEST(ServerLimits, PipelinedWithoutReading) {
  TestServer server;
  std::atomic<int> handled = 0;
  server.service.handler = [&handled](Exchange& exchange) {
    ++handled;
    Response response;
    response.body = std::string(100'000, 'x');
    exchange.send(std::move(response));
  };
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(20'000);
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += kGet;
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 50; ++quiet) {
    const int before = handled;
    sent += client.send_some(std::string_view(requests).substr(sent));
    std::this_thread::yield();
    if (handled != before) quiet = 0;
  }
  EXPECT_LT(handled, 200) << "the rest waits";
  std::size_t answers = 0;
  while (answers < 1000) {
    sent += client.send_some(std::string_view(requests).substr(sent));
    if (!client.receive().whole) break;
    ++answers;
  }
  EXPECT_EQ(answers, 1000U);
}

TEST(ServerLimits, PipelinedGarbageIsRefusedBehindWhatIsGood) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  client.send(std::string(kGet) + std::string(kGet) + "\x01\x02garbage\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(client.receive().status, 200U);
  EXPECT_EQ(client.receive().status, 200U);
  EXPECT_EQ(client.receive().status, 400U);
  EXPECT_EQ(client.receive_all(), "");
}

TEST(ServerLimits, BodyThatEndsEarly) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
  client.finish_sending();
  EXPECT_EQ(client.receive().status, 400U);
  EXPECT_EQ(client.receive_all(), "");
}

TEST(ServerLimits, StreamedBodyThatEndsEarly) {
  TestServer server;
  server.service.its_plan.body = Plan::Body::streamed;
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      std::array<char, 100> piece;
      Result<std::size_t> size = exchange.read(piece);
      while (size && *size > 0) size = exchange.read(piece);
      Response response;
      response.body = size ? "whole" : name(size.error().code());
      exchange.send(std::move(response));
    });
  };
  server.start();
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
  client.finish_sending();
  EXPECT_EQ(client.receive().body, "invalid") << "a fault of the client's";
}

}  // namespace
}  // namespace quire::net
