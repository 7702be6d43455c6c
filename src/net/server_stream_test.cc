#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <vector>

#include "net/testing/raw_client.h"
#include "net/testing/test_service.h"

namespace quire::net {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";

// Something that a test waits for, at most ten seconds.
class Moment {
 public:
  void come() {
    const std::lock_guard lock(mutex_);
    here_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [this] { return here_; });
  }
  // However slow the machine is; for what must not go on before the test says so.
  void wait_without_end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return here_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool here_ = false;
};

TEST(ServerStream, AnswersFromAnotherThread) {
  TestServer server;
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] { exchange.send(echo(exchange)); });
  };
  server.start();
  RawClient client(server.port());
  client.send(std::string(kGet) + std::string(kGet));
  EXPECT_EQ(client.receive().body, "GET /a\n");
  EXPECT_EQ(client.receive().body, "GET /a\n");
}

TEST(ServerStream, HeadHasTheLengthAndNoBody) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + std::string(kGet));
  const RawClient::Answer answer = client.receive(true);
  EXPECT_EQ(answer.field("Content-Length"), "8");
  EXPECT_EQ(client.receive().body, "GET /a\n");
}

TEST(ServerStream, HeadOfAStreamedAnswer) {
  TestServer server;
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      exchange.begin({}, 3);
      EXPECT_TRUE(exchange.write("abc"));
      exchange.end();
    });
  };
  server.start();
  RawClient client(server.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(client.receive(true).field("Content-Length"), "3");
  EXPECT_EQ(client.receive().body, "abc");
}

TEST(ServerStream, NoContentHasNoLength) {
  TestServer server;
  server.service.handler = [](Exchange& exchange) {
    Response response;
    response.status = 204;
    exchange.send(std::move(response));
  };
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  const RawClient::Answer answer = client.receive();
  EXPECT_EQ(answer.status, 204U);
  EXPECT_EQ(answer.field("Content-Length"), "");
  EXPECT_EQ(answer.field("Content-Type"), "");
}

TEST(ServerStream, ContinuesWhenTheBodyIsWanted) {
  TestServer server;
  server.service.its_plan.body_limit = 100;
  server.start();
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100U);
  client.send("abc");
  EXPECT_EQ(client.receive().body, "POST /a\nabc");
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413U) << "and is not asked for";
}

TEST(ServerStream, ContinuesWhenTheServiceReads) {
  TestServer server;
  server.service.its_plan.body = Plan::Body::streamed;
  server.service.handler = [&server](Exchange& exchange) {
    if (exchange.request().path == "/no") {
      Response response;
      response.status = 403;
      return exchange.send(std::move(response));
    }
    server.service.on_thread([&exchange] {
      std::array<char, 100> piece;
      const Result<std::size_t> size = exchange.read(piece);
      Response response;
      response.body.assign(piece.data(), size ? *size : 0);
      exchange.send(std::move(response));
    });
  };
  server.start();
  const std::string rest =
      " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  RawClient client(server.port());
  client.send("POST /yes" + rest);
  EXPECT_EQ(client.receive().status, 100U);
  client.send("abc");
  EXPECT_EQ(client.receive().body, "abc");
  client.send("POST /no" + rest);
  EXPECT_EQ(client.receive().status, 403U);
  EXPECT_EQ(client.receive_all(), "") << "nobody knows whether the body comes";
}

TEST(ServerStream, OldClientsGetAnEnd) {
  TestServer server;
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      exchange.begin({});
      EXPECT_TRUE(exchange.write("abc"));
      exchange.end();
    });
  };
  server.start();
  RawClient client(server.port());
  client.send("GET /a HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  const RawClient::Answer answer = client.receive();
  EXPECT_EQ(answer.field("Transfer-Encoding"), "");
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_EQ(answer.body, "abc");
}

TEST(ServerStream, OldClientsMayKeepTheConnection) {
  TestServer server;
  server.start();
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET /a HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.receive().field("Connection"), "keep-alive");
  }
}

TEST(ServerStream, WritersWaitForTheClient) {
  TestServer server;
  std::atomic<std::size_t> written = 0;
  constexpr std::size_t kWhole = 100'000'000;
  server.service.handler = [&](Exchange& exchange) {
    server.service.on_thread([&] {
      exchange.begin({});
      const std::string piece(10'000, 'x');
      while (written < kWhole && exchange.write(piece)) written += piece.size();
      exchange.end();
    });
  };
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  const std::string first = client.receive_some();
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  EXPECT_LT(written, kWhole / 2) << "the kernel and we hold a part";
  std::size_t received = first.size();
  while (received < kWhole) {
    const std::string piece = client.receive_some();
    if (piece.empty()) break;
    received += piece.size();
  }
  EXPECT_GE(received, kWhole);
}

TEST(ServerStream, OffersSayWhenEnoughWaits) {
  TestServer server;
  std::atomic<int> rooms = 0;
  std::function<void(Exchange&)> go_on = [&](Exchange& exchange) {
    if (rooms == 50) return exchange.end();
    while (exchange.offer(std::string(10'000, 'x'))) {
    }
    exchange.on_room([&] {
      ++rooms;
      go_on(exchange);
    });
  };
  server.service.handler = [&](Exchange& exchange) {
    exchange.begin({});
    go_on(exchange);
  };
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  const RawClient::Answer answer = client.receive();
  EXPECT_TRUE(answer.whole);
  EXPECT_GT(answer.body.size(), 50U * (256U << 10));
  EXPECT_EQ(rooms, 50);
}

TEST(ServerStream, ReadersMakeTheClientWait) {
  TestServer server;
  Moment begin;
  server.service.its_plan = {Plan::Body::streamed, std::uint64_t{1} << 30, 0};
  server.service.handler = [&](Exchange& exchange) {
    server.service.on_thread([&] {
      begin.wait_without_end();
      std::array<char, 10'000> piece;
      std::size_t total = 0;
      for (;;) {
        const Result<std::size_t> size = exchange.read(piece);
        if (!size || *size == 0) break;
        total += *size;
      }
      Response response;
      response.body = std::to_string(total);
      exchange.send(std::move(response));
    });
  };
  server.start();
  RawClient client(server.port());
  constexpr std::size_t kWhole = 100'000'000;
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(kWhole) +
              "\r\n\r\n");
  const std::string piece(100'000, 'x');
  std::size_t sent = 0;
  for (int stuck = 0; stuck < 1000 && sent < kWhole; ++stuck) {
    const std::size_t count = client.send_some(piece);
    sent += count;
    if (count > 0) stuck = 0;
    std::this_thread::yield();
  }
  EXPECT_LT(sent, kWhole / 2);
  begin.come();
  while (sent < kWhole && client.send(std::string_view(piece).substr(0, kWhole - sent))) {
    sent += std::min(piece.size(), kWhole - sent);
  }
  EXPECT_EQ(client.receive().body, std::to_string(kWhole));
}

// Reads the body without ever waiting for it on a thread, and answers how long it was, or the error.
void read_without_blocking(Exchange& exchange, std::size_t total) {
  std::array<char, 10'000> piece;
  Response response;
  for (;;) {
    const Result<std::optional<std::size_t>> size = exchange.try_read(piece);
    if (size && !*size)
      return exchange.on_body([&exchange, total] { read_without_blocking(exchange, total); });
    if (!size) {
      response.status = 400;
      response.body = size.error().to_string();
      return exchange.send(std::move(response));
    }
    if (**size == 0) break;
    total += **size;
  }
  response.body = std::to_string(total);
  exchange.send(std::move(response));
}

TEST(ServerStream, BodiesAreReadWithoutAThread) {
  TestServer server;
  server.service.its_plan = {Plan::Body::streamed, std::uint64_t{1} << 30, 0};
  server.service.handler = [](Exchange& exchange) { read_without_blocking(exchange, 0); };
  server.start();
  RawClient slow(server.port());
  slow.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(slow.receive().status, 100U) << "it is wanted";
  for (int i = 0; i < 10; ++i) {
    slow.send(std::string(99, 'x'));
    RawClient other(server.port());
    const std::string body(1'000'000, 'y');
    other.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
    other.send(body);
    EXPECT_EQ(other.receive().body, "1000000");
  }
  slow.send(std::string(10, 'x'));
  EXPECT_EQ(slow.receive().body, "1000");
}

TEST(ServerStream, WhoeverWaitsForABodyIsToldThatItsClientHasGone) {
  TestServer server;
  Moment begun;
  Moment ended;
  std::array<char, 100> piece;
  server.service.its_plan = {Plan::Body::streamed, 1 << 20, 0};
  server.service.handler = [&](Exchange& exchange) {
    server.service.on_thread([&] {
      EXPECT_EQ(*exchange.read(piece), 3U);
      begun.come();
      exchange.on_body([&] {
        EXPECT_EQ(exchange.try_read(piece).error().code(), ErrorCode::cancelled);
        exchange.abort();
        ended.come();
      });
    });
  };
  server.start();
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_TRUE(begun.wait());
  client.reset();
  EXPECT_TRUE(ended.wait());
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 0; }));
}

TEST(ServerStream, ClientThatVanishesCancelsAndFreesTheWriter) {
  TestServer server;
  Moment ended;
  std::atomic<bool> cancelled = false;
  server.service.handler = [&](Exchange& exchange) {
    server.service.on_thread([&] {
      const Cancellation cancellation = exchange.cancellation();
      exchange.begin({});
      const std::string piece(10'000, 'x');
      Status status = ok();
      while (status) status = exchange.write(piece);
      EXPECT_EQ(status.error().code(), ErrorCode::cancelled);
      cancelled = cancellation.cancelled();
      exchange.end();
      ended.come();
    });
  };
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  client.receive_some();
  client.close();
  EXPECT_TRUE(ended.wait());
  EXPECT_TRUE(cancelled);
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 0; }));
}

TEST(ServerStream, ClientThatVanishesWhileNothingIsSentCancels) {
  TestServer server;
  Moment begun;
  Moment ended;
  server.service.handler = [&](Exchange& exchange) {
    const Cancellation cancellation = exchange.cancellation();
    begun.come();
    server.service.on_thread([&exchange, &ended, cancellation] {
      EXPECT_TRUE(comes_true([&] { return cancellation.cancelled(); }));
      exchange.send({});
      ended.come();
    });
  };
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  ASSERT_TRUE(begun.wait());
  client.reset();
  EXPECT_TRUE(ended.wait());
}

TEST(ServerStream, RoomIsToldWhereTheClientHasGone) {
  TestServer server;
  Moment told;
  server.service.handler = [&](Exchange& exchange) {
    exchange.begin({});
    while (exchange.offer(std::string(1'000'000, 'x'))) {
    }
    exchange.on_room([&] {
      told.come();
      exchange.end();
    });
  };
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(10'000);
  client.send(kGet);
  client.receive_some();
  client.reset();
  EXPECT_TRUE(told.wait());
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 0; }));
}

TEST(ServerStream, AbortedAnswersAreNotWhole) {
  TestServer server;
  server.service.handler = [&](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      exchange.begin({});
      EXPECT_TRUE(exchange.write("abc"));
      exchange.abort();
    });
  };
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  EXPECT_FALSE(client.receive().whole);
}

TEST(ServerStream, CutAnswersShowAllThatWasOfferedAndAreNotWhole) {
  TestServer server;
  const std::string offered(1 << 20, 'x');
  server.service.handler = [&](Exchange& exchange) {
    server.service.on_thread([&] {
      exchange.begin({});
      exchange.offer(offered);
      exchange.cut();
    });
  };
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  const auto answer = client.receive();
  EXPECT_FALSE(answer.whole);
  EXPECT_EQ(answer.body.size(), offered.size());
}

TEST(ServerStream, AnswersThatDoNotFitTheirLengthAreNotWhole) {
  for (const std::uint64_t length : {2U, 4U}) {
    TestServer server;
    server.service.handler = [&](Exchange& exchange) {
      exchange.begin({}, length);
      exchange.offer("abc");
      exchange.end();
    };
    server.start();
    RawClient client(server.port());
    client.send(std::string(kGet) + std::string(kGet));
    EXPECT_FALSE(client.receive().whole) << length;
    EXPECT_EQ(client.receive_all(), "");
  }
}

TEST(ServerStream, StreamedBodyPastItsLimit) {
  TestServer server;
  server.service.its_plan = {Plan::Body::streamed, 10, 0};
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      std::array<char, 100> piece;
      Result<std::size_t> size = exchange.read(piece);
      while (size && *size > 0) size = exchange.read(piece);
      Response response;
      response.body = size ? "all" : size.error().to_string();
      exchange.send(std::move(response));
    });
  };
  server.start();
  RawClient client(server.port());
  client.send(
      "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().body, "all");
  client.send(
      "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\nB\r\n01234567890\r\n0\r\n\r\n");
  EXPECT_NE(client.receive().body.find("too_large"), std::string::npos);
}

TEST(ServerStream, DrainAnswersWhatHasBegun) {
  TestServer server;
  Moment handling;
  Moment go_on;
  server.service.handler = [&](Exchange& exchange) {
    server.service.on_thread([&] {
      exchange.begin({});
      EXPECT_TRUE(exchange.write("abc"));
      handling.come();
      go_on.wait();
      EXPECT_TRUE(exchange.write("def"));
      exchange.end();
    });
  };
  server.start();
  RawClient idle(server.port());
  RawClient client(server.port());
  client.send(kGet);
  ASSERT_TRUE(handling.wait());
  std::thread drainer([&] { EXPECT_TRUE(server.server->drain(10s)); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(comes_true([&] { return !RawClient(server.port()).connected(); }));
  go_on.come();
  const RawClient::Answer answer = client.receive();
  EXPECT_TRUE(answer.whole);
  EXPECT_EQ(answer.body, "abcdef");
  EXPECT_TRUE(client.is_closed());
  client.close();
  drainer.join();
}

TEST(ServerStream, DrainUnderLoadLeavesNoAnswerHalfSent) {
  TestServer server;
  server.start();
  std::atomic<std::size_t> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      RawClient client(server.port());
      while (client.send(kGet)) {
        const RawClient::Answer answer = client.receive();
        if (answer.status == 0) break;  // closed between two answers
        EXPECT_TRUE(answer.whole);
        ++answered;
      }
    });
  }
  EXPECT_TRUE(comes_true([&] { return answered > 1000; }));
  EXPECT_TRUE(server.server->drain(10s));
  for (std::thread& thread : threads) thread.join();
}

TEST(ServerStream, DrainGivesUpInTime) {
  TestServer server;
  Moment go_on;
  server.service.handler = [&](Exchange& exchange) {
    const Cancellation cancellation = exchange.cancellation();
    server.service.on_thread([&exchange, cancellation] {
      EXPECT_TRUE(comes_true([&] { return cancellation.cancelled(); }));
      exchange.send({});
    });
  };
  server.start();
  RawClient client(server.port());
  client.send(kGet);
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 1; }));
  EXPECT_FALSE(server.server->drain(100ms));
}

}  // namespace
}  // namespace quire::net
