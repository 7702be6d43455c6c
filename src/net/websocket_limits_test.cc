#include <gtest/gtest.h>

#include <condition_variable>
#include <thread>

#include "net/testing/frames.h"
#include "net/testing/raw_client.h"
#include "net/testing/test_websocket.h"

namespace quire::net {
namespace {

using namespace std::chrono_literals;
namespace code = websocket_code;
constexpr auto kTime = 10'000ms;

// A client without manners, behind the handshake.
void shake_hands(RawClient& client) {
  client.send(upgrade_request());
  ASSERT_EQ(client.receive().status, 101U);
}

// The code of the close frame that ends what the server sent; 0: there is none.
unsigned close_code(const std::string& received) {
  const std::size_t at = received.rfind('\x88');
  if (at == std::string::npos || at + 4 > received.size()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(received[at + i]); };
  return byte(2) * 256U + byte(3);
}

// Sends until the system takes no more either: from then on messages wait for the client.
std::size_t fill(WebSocket& socket, const WebSocketMessagePointer& message) {
  std::size_t taken = 0;
  for (;;) {
    while (socket.send(message) == WebSocket::Sent::taken) ++taken;
    const std::size_t waiting = socket.waiting();
    std::this_thread::sleep_for(30ms);
    if (socket.waiting() == waiting) return taken;
  }
}

TEST(WebSocketLimits, AMessageOverTheLimitCloses) {
  TestWebSocketServer server;
  server.socket_options.message_bytes = 10;
  server.prepare = [](TestWebSocketHandler& handler) {
    handler.message = [](WebSocket& socket, std::string_view text) {
      if (text == "more") socket.set_message_limit(20);
      EXPECT_EQ(socket.send(std::string(text)), WebSocket::Sent::taken);
    };
  };
  server.start();
  const auto client = server.connect();
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->send("more"));
  EXPECT_EQ(client->receive(kTime).value(), "more");
  ASSERT_TRUE(client->send(std::string(20, 'x')));
  EXPECT_EQ(client->receive(kTime).value(), std::string(20, 'x'));
  ASSERT_TRUE(client->send_in_fragments(std::string(21, 'x'), 7));
  EXPECT_FALSE(client->receive(kTime));
  EXPECT_EQ(client->closed_with(), code::kTooLarge);
  EXPECT_EQ(server.handler()->wait_for_close(), code::kTooLarge);
}

// The head of a frame may say anything: it costs nothing.
TEST(WebSocketLimits, AHugeLengthIsRefusedAtOnce) {
  TestWebSocketServer server;
  server.start();
  RawClient client(server.port());
  shake_hands(client);
  client.send(std::string("\x81\xFF\x00\x00\x00\xFF\x00\x00\x00\x00", 10) + "abcd");
  EXPECT_EQ(close_code(client.receive_all()), code::kTooLarge);
}

TEST(WebSocketLimits, WhatIsBrokenIsClosedWithACode) {
  TestWebSocketServer server;
  server.start();
  const std::vector<std::pair<std::string, std::uint16_t>> cases = {
      {server_frame(Opcode::text, "unmasked"), code::kProtocol},
      {client_frame(Opcode::binary, "a"), code::kUnsupported},
      {client_frame(Opcode::text, "\xFF"), code::kNotUtf8},
      {client_frame(Opcode::ping, std::string(126, 'x')), code::kProtocol},
      {std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), code::kProtocol},
  };
  std::size_t n = 0;
  for (const auto& [bytes, its_code] : cases) {
    RawClient client(server.port());
    shake_hands(client);
    client.send(bytes + client_frame(Opcode::text, "behind"));
    EXPECT_EQ(close_code(client.receive_all()), its_code);
    EXPECT_EQ(server.handler(n)->wait_for_close(), its_code);
    EXPECT_TRUE(server.handler(n)->messages().empty());
    ++n;
  }
}

// A client that sends faster than it is answered waits, and costs no memory.
TEST(WebSocketLimits, APausedHandlerHoldsItsClient) {
  TestWebSocketServer server;
  server.prepare = [](TestWebSocketHandler& handler) {
    handler.message = [](WebSocket& socket, std::string_view) { socket.pause(); };
  };
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(16 << 10);
  shake_hands(client);
  const auto handler = server.handler();
  // Each with its number; as many as go.
  std::string bytes;
  constexpr std::size_t kMessages = 40;
  for (std::size_t i = 0; i < kMessages; ++i) {
    bytes += client_frame(Opcode::text, std::to_string(i) + std::string(60'000, '.'));
  }
  std::thread sender([&] { client.send(bytes); });
  ASSERT_TRUE(handler->wait_for_messages(1));
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(handler->messages().size(), 1U);
  const auto socket = handler->wait_for_open();
  ASSERT_TRUE(socket);
  for (std::size_t i = 1; i < kMessages; ++i) {
    socket->resume();
    ASSERT_TRUE(handler->wait_for_messages(i + 1));
  }
  sender.join();
  const auto messages = handler->messages();
  ASSERT_EQ(messages.size(), kMessages);
  for (std::size_t i = 0; i < kMessages; ++i) EXPECT_EQ(std::stoul(messages[i]), i);
}

// Messages that came in one piece with the one that paused.
TEST(WebSocketLimits, APauseIsExact) {
  TestWebSocketServer server;
  server.prepare = [](TestWebSocketHandler& handler) {
    handler.message = [](WebSocket& socket, std::string_view text) {
      if (text == "2") socket.pause();
    };
  };
  server.start();
  RawClient client(server.port());
  shake_hands(client);
  client.send(client_frame(Opcode::text, "1") + client_frame(Opcode::text, "2") +
              client_frame(Opcode::text, "3", false) + client_frame(Opcode::continuation, "4"));
  const auto handler = server.handler();
  ASSERT_TRUE(handler->wait_for_messages(2));
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(handler->messages().size(), 2U);
  handler->wait_for_open()->resume();
  ASSERT_TRUE(handler->wait_for_messages(3));
  EXPECT_EQ(handler->messages()[2], "34");
}

TEST(WebSocketLimits, ASenderIsToldToWaitForASlowClient) {
  TestWebSocketServer server;
  server.socket_options.waiting_bytes = 100'000;
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(16 << 10);
  shake_hands(client);
  const auto socket = server.handler()->wait_for_open();
  ASSERT_TRUE(socket);
  const auto message = WebSocketMessage::make(std::string(10'000, 'x'));
  std::size_t taken = 0;
  while (socket->send(message) == WebSocket::Sent::taken) {
    ++taken;
    ASSERT_LE(socket->waiting(), 100'000 + message->cost());
    ASSERT_LT(taken, 100'000U);
  }
  EXPECT_EQ(socket->send(message), WebSocket::Sent::full);
  std::atomic<bool> room = false;
  socket->on_room([&room] { room = true; });
  EXPECT_FALSE(room);
  std::size_t received = 0;
  while (received < taken * message->bytes().size()) {
    const std::string piece = client.receive_some();
    ASSERT_FALSE(piece.empty());
    received += piece.size();
  }
  EXPECT_EQ(received, taken * message->bytes().size());
  EXPECT_TRUE(comes_true([&] { return room.load(); }));
  EXPECT_TRUE(comes_true([&] { return socket->waiting() == 0; }));
  EXPECT_EQ(socket->send(message), WebSocket::Sent::taken);
  EXPECT_EQ(client.receive_some().empty(), false);
}

TEST(WebSocketLimits, AClientThatIsTooSlowIsGivenUp) {
  TestWebSocketServer server;
  server.socket_options.waiting_bytes = 100'000;
  // Less than it takes to read what the system holds.
  server.options.limits.close_time = 1500ms;
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(16 << 10);
  shake_hands(client);
  const auto handler = server.handler();
  const auto socket = handler->wait_for_open();
  ASSERT_TRUE(socket);
  const auto message = WebSocketMessage::make(std::string(10'000, 'x'));
  const std::size_t taken = fill(*socket, message);
  EXPECT_FALSE(socket->send_or_give_up(message));
  EXPECT_EQ(socket->send(message), WebSocket::Sent::closed);
  EXPECT_EQ(handler->wait_for_close(), code::kTooSlow);
  EXPECT_TRUE(socket->cancellation().cancelled());
  // It gets what had begun, and why; what waited is dropped.
  std::string received;
  while (close_code(received) != code::kTooSlow) {
    const std::string piece = client.receive_some();
    ASSERT_FALSE(piece.empty()) << received.size();
    received += piece;
  }
  EXPECT_LT(received.size(), (taken - 5) * message->bytes().size());
  EXPECT_GT(received.size(), message->bytes().size());
}

TEST(WebSocketLimits, OneThatNeverReadsIsDroppedInTime) {
  TestWebSocketServer server;
  server.options.limits.close_time = 100ms;
  server.socket_options.waiting_bytes = 100'000;
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(16 << 10);
  shake_hands(client);
  const auto socket = server.handler()->wait_for_open();
  ASSERT_TRUE(socket);
  const auto message = WebSocketMessage::make(std::string(10'000, 'x'));
  fill(*socket, message);
  EXPECT_FALSE(socket->send_or_give_up(message));
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 0; }));
}

TEST(WebSocketLimits, OneThatTakesHardlyAnythingIsClosed) {
  TestWebSocketServer server;
  server.options.limits.idle_time = 100ms;
  server.options.limits.close_time = 1500ms;
  server.options.limits.answer_bytes_per_second = 10'000;
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(16 << 10);
  shake_hands(client);
  const auto handler = server.handler();
  const auto socket = handler->wait_for_open();
  ASSERT_TRUE(socket);
  fill(*socket, WebSocketMessage::make(std::string(10'000, 'x')));
  EXPECT_EQ(handler->wait_for_close(), code::kTooSlow);
  // Should it read after all, it is told.
  std::string received;
  while (close_code(received) != code::kTooSlow) {
    const std::string piece = client.receive_some();
    ASSERT_FALSE(piece.empty()) << received.size();
    received += piece;
  }
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 0; }));
}

TEST(WebSocketLimits, WhoeverFloodsWithPingsGetsTheLastAnswered) {
  TestWebSocketServer server;
  server.start();
  RawClient client(server.port());
  client.shrink_buffers(16 << 10);
  shake_hands(client);
  const auto socket = server.handler()->wait_for_open();
  ASSERT_TRUE(socket);
  std::string pings;
  for (int i = 0; i < 2000; ++i) pings += client_frame(Opcode::ping, std::string(120, 'p'));
  const std::jthread sender([&] {
    for (int i = 0; i < 20; ++i) client.send(pings);
    client.send(client_frame(Opcode::text, "end"));
  });
  ASSERT_TRUE(server.handler()->wait_for_messages(1));
  EXPECT_LT(socket->waiting(), 1000U);
}

// --- Time

TEST(WebSocketLimits, AClientThatAnswersNoPingIsClosed) {
  TestWebSocketServer server;
  server.options.limits.ping_time = 50ms;
  server.start();
  RawClient silent(server.port());
  shake_hands(silent);
  EXPECT_EQ(server.handler(0)->wait_for_close(), code::kLost);
  EXPECT_EQ(silent.receive_all().substr(0, 2), server_frame(Opcode::ping, ""));

  const auto lively = server.connect();
  ASSERT_TRUE(lively);
  EXPECT_EQ(lively->receive(500ms).error().code(), ErrorCode::deadline);
  ASSERT_TRUE(lively->send("still here"));
  EXPECT_EQ(lively->receive(kTime).value(), "still here");
}

// What a paused handler does not read may well be a pong.
TEST(WebSocketLimits, APausedConnectionIsNotTakenForDead) {
  TestWebSocketServer server;
  server.options.limits.ping_time = 30ms;
  server.prepare = [](TestWebSocketHandler& handler) {
    handler.opened = [](WebSocket& socket) { socket.pause(); };
  };
  server.start();
  const auto client = server.connect();
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->send("waits"));
  EXPECT_EQ(client->receive(300ms).error().code(), ErrorCode::deadline);
  server.handler()->wait_for_open()->resume();
  EXPECT_EQ(client->receive(kTime).value(), "waits");
}

TEST(WebSocketLimits, ACloseThatIsNotAnsweredEndsInTime) {
  TestWebSocketServer server;
  server.options.limits.close_time = 100ms;
  server.start();
  RawClient client(server.port());
  shake_hands(client);
  const auto socket = server.handler()->wait_for_open();
  ASSERT_TRUE(socket);
  socket->close(4001, "");
  EXPECT_EQ(close_code(client.receive_all()), 4001U);
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 0; }));
}

TEST(WebSocketLimits, WhoeverGoesIsNoticed) {
  TestWebSocketServer server;
  server.start();
  for (std::size_t way = 0; way < 3; ++way) {
    RawClient client(server.port());
    shake_hands(client);
    const auto handler = server.handler(way);
    const auto socket = handler->wait_for_open();
    ASSERT_TRUE(socket);
    const Cancellation cancellation = socket->cancellation();
    EXPECT_FALSE(cancellation.cancelled());
    if (way == 0) client.reset();
    if (way == 1) client.close();
    if (way == 2) client.finish_sending();
    EXPECT_EQ(handler->wait_for_close(), code::kLost);
    EXPECT_TRUE(cancellation.cancelled());
    EXPECT_EQ(socket->send("a"), WebSocket::Sent::closed);
  }
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 0; }));
}

TEST(WebSocketLimits, ACallerThatHasGoneIsNoticedWhilePaused) {
  TestWebSocketServer server;
  server.prepare = [](TestWebSocketHandler& handler) {
    handler.message = [](WebSocket& socket, std::string_view) { socket.pause(); };
  };
  server.start();
  RawClient client(server.port());
  shake_hands(client);
  client.send(client_frame(Opcode::text, "1") + client_frame(Opcode::text, "2"));
  const auto handler = server.handler();
  ASSERT_TRUE(handler->wait_for_messages(1));
  const auto socket = handler->wait_for_open();
  ASSERT_TRUE(socket);
  client.finish_sending();
  EXPECT_TRUE(comes_true([&] { return socket->cancellation().cancelled(); }));
  socket->resume();
  EXPECT_TRUE(handler->wait_for_messages(2));
  socket->resume();
  EXPECT_EQ(handler->wait_for_close(), code::kLost);
}

// --- The server's end

TEST(WebSocketLimits, DrainingSaysGoodbye) {
  TestWebSocketServer server;
  server.start();
  const auto client = server.connect();
  ASSERT_TRUE(client);
  const auto socket = server.handler()->wait_for_open();
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->send("last words"), WebSocket::Sent::taken);
  bool all = false;
  std::thread drainer([&] { all = server.server->drain(kTime); });
  EXPECT_EQ(client->receive(kTime).value(), "last words");
  EXPECT_FALSE(client->receive(kTime));
  EXPECT_EQ(client->closed_with(), code::kGoingAway);
  drainer.join();
  EXPECT_TRUE(all);
  EXPECT_EQ(server.handler()->wait_for_close(), code::kGoingAway);
}

TEST(WebSocketLimits, StoppingWaitsForNobody) {
  TestWebSocketServer server;
  server.start();
  RawClient client(server.port());
  shake_hands(client);
  ASSERT_TRUE(server.handler()->wait_for_open());
  server.server->stop();
  EXPECT_EQ(server.handler()->wait_for_close(), code::kGoingAway);
  EXPECT_EQ(close_code(client.receive_all()), code::kGoingAway);
}

// Everybody at once: senders, closers and clients that come and go.
TEST(WebSocketLimits, NothingIsLostInACrowd) {
  TestWebSocketServer server;
  server.start();
  std::vector<std::thread> threads;
  std::atomic<std::size_t> opened = 0;
  std::atomic<bool> done = false;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 25; ++round) {
        const auto client = server.connect();
        ASSERT_TRUE(client);
        ++opened;
        for (int n = 0; n < 5; ++n) (void)client->send("hello");
        for (int n = 0; n < i; ++n) (void)client->receive(kTime);
        if (i % 2 == 0) (void)client->close(code::kNormal, "", kTime);
      }
    });
  }
  threads.emplace_back([&] {
    const auto message = WebSocketMessage::make("event");
    for (std::size_t n = 0; !done; n = (n + 1) % std::max<std::size_t>(opened, 1)) {
      const auto handler = server.handler(n);
      const auto socket = handler->current();
      if (!socket) continue;
      (void)socket->send(message);
      if (n % 7 == 0) socket->close(4000, "");
      if (n % 11 == 0) socket->give_up(4001, "");
    }
  });
  for (std::size_t i = 0; i + 1 < threads.size(); ++i) threads[i].join();
  done = true;
  threads.back().join();
  for (std::size_t i = 0; i < opened; ++i) EXPECT_TRUE(server.handler(i)->wait_for_close());
  EXPECT_TRUE(comes_true([&] { return server.server->connections() == 0; }));
}

}  // namespace
}  // namespace quire::net
