#include "net/websocket.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "net/testing/certificate.h"
#include "net/testing/frames.h"
#include "net/testing/raw_client.h"
#include "net/testing/test_websocket.h"
#include "net/websocket_handshake.h"

namespace quire::net {
namespace {

using namespace std::chrono_literals;
namespace code = websocket_code;
constexpr auto kClientTime = 10'000ms;

// --- The handshake

TEST(WebSocketHandshake, AnswersTheKeyOfTheStandard) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, KnowsAKey) {
  EXPECT_TRUE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
  for (const char* key :
       {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZQ==a",
        "dGhlIHNhbXBsZSBub25j Q==", "dGhlIHNhbXBsZSBub25jZSBu", "dGhl=HNhbXBsZSBub25jZQ=="}) {
    EXPECT_FALSE(is_websocket_key(key)) << key;
  }
}

TEST(WebSocketHandshake, IsAnswered) {
  TestWebSocketServer server;
  server.start();
  RawClient client(server.port());
  client.send(upgrade_request());
  const RawClient::Answer answer = client.receive();
  EXPECT_EQ(answer.status, 101U);
  EXPECT_EQ(answer.field("Upgrade"), "websocket");
  EXPECT_EQ(answer.field("Connection"), "Upgrade");
  EXPECT_EQ(answer.field("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(answer.field("Content-Type"), "");
  client.send(client_frame(Opcode::text, "hello"));
  EXPECT_EQ(client.receive_some(), server_frame(Opcode::text, "hello"));
}

struct Refused {
  const char* from;
  const char* to;
  unsigned status;
};

TEST(WebSocketHandshake, IsRefusedWhereItIsNotWellFormed) {
  TestWebSocketServer server;
  server.start();
  const std::vector<Refused> cases = {
      {"GET", "POST", 400},
      {" HTTP/1.1", " HTTP/1.0", 426},
      {"Upgrade: WebSocket\r\n", "", 426},
      {"Upgrade: WebSocket", "Upgrade: h2c", 426},
      {"keep-alive, Upgrade", "keep-alive", 426},
      {"keep-alive, Upgrade", "keep-alive, Upgraded", 426},
      {"Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426},
      {"Sec-WebSocket-Version: 13\r\n", "", 426},
      {"Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13, 8", 426},
      {"Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n", 426},
      {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", 400},
      {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400},
      {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 400},
      {"\r\n\r\n", "\r\nContent-Length: 2\r\n\r\nab", 400},
  };
  for (const Refused& one : cases) {
    std::string request = upgrade_request();
    request.replace(request.find(one.from), std::string_view(one.from).size(), one.to);
    RawClient client(server.port());
    client.send(request);
    const RawClient::Answer answer = client.receive();
    EXPECT_EQ(answer.status, one.status) << request;
    EXPECT_EQ(answer.field("Sec-WebSocket-Version"), one.status == 426 ? "13" : "") << request;
    EXPECT_EQ(answer.field("Upgrade"), one.status == 426 ? "websocket" : "") << request;
  }
  // The handlers hear nothing, and are let go.
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_FALSE(server.handler(i)->was_opened());
    EXPECT_EQ(server.handler(i).use_count(), 2);
  }
}

TEST(WebSocketHandshake, AServiceMayRefuseAsItLikes) {
  TestWebSocketServer server;
  server.service.handler = [](Exchange& exchange) {
    Response response;
    response.status = 403;
    response.body = "no";
    exchange.send(std::move(response));
  };
  server.start();
  ClientAnswer refusal;
  EXPECT_EQ(server.connect(&refusal), nullptr);
  EXPECT_EQ(refusal.status, 403U);
  EXPECT_EQ(refusal.body, "no");
}

TEST(WebSocketHandshake, MayComeBehindOtherRequestsAndBeAcceptedElsewhere) {
  TestWebSocketServer server;
  const auto handler = std::make_shared<TestWebSocketHandler>();
  server.service.handler = [&](Exchange& exchange) {
    if (exchange.request().path == "/a") return exchange.send(echo(exchange));
    server.service.on_thread([&] { exchange.accept(handler); });
  };
  server.start();
  RawClient client(server.port());
  // A proper client waits before it sends frames; one that does not is understood all the same.
  client.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + upgrade_request("/ws") +
              client_frame(Opcode::text, "early") + client_frame(Opcode::close, "\x03\xE8"));
  EXPECT_EQ(client.receive().body, "GET /a\n");
  EXPECT_EQ(client.receive().status, 101U);
  EXPECT_EQ(client.receive_all(),
            server_frame(Opcode::text, "early") + server_frame(Opcode::close, "\x03\xE8"));
  EXPECT_EQ(handler->wait_for_close(), code::kNormal);
}

// The answer to a page's request for data must not be another answer's.
TEST(WebSocketHandshake, OneThatIsRefusedLeavesTheConnectionToHttp) {
  TestWebSocketServer server;
  server.start();
  RawClient client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + upgrade_request());
  EXPECT_EQ(client.receive().status, 426U);
  EXPECT_EQ(client.receive().status, 101U);
}

// --- Messages

TEST(WebSocketServer, Echoes) {
  TestWebSocketServer server;
  server.socket_options.message_bytes = 8 << 20;
  server.client_options.body_bytes = 8 << 20;
  server.start();
  const auto client = server.connect();
  ASSERT_TRUE(client);
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 5U << 20}) {
    const std::string text(size, 'x');
    ASSERT_TRUE(client->send(text));
    const Result<std::string> answer = client->receive(kClientTime);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(*answer, text);
    ASSERT_TRUE(client->send_in_fragments(text, 4099));
    EXPECT_EQ(client->receive(kClientTime).value(), text);
  }
  EXPECT_TRUE(client->close(4001, "done", kClientTime));
  EXPECT_EQ(client->closed_with(), 4001);
  EXPECT_EQ(server.handler()->wait_for_close(), 4001);
}

TEST(WebSocketServer, EchoesUnderTls) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("quire-websocket-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const TestCertificate certificate = make_certificate(folder, "server");
  TestWebSocketServer server;
  server.options.listeners[0].tls = TlsOptions{certificate.certificate_file, certificate.key_file, false};
  server.client_options.authorities_file = certificate.certificate_file;
  server.socket_options.message_bytes = 8 << 20;
  server.client_options.body_bytes = 8 << 20;
  server.start();
  const auto client = server.connect();
  ASSERT_TRUE(client);
  // Small ones share a record, large ones take several, and pings go between.
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(client->send("message " + std::to_string(i)));
  ASSERT_TRUE(client->ping("x"));
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(client->receive(kClientTime).value(), "message " + std::to_string(i));
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(client->send(large));
  EXPECT_EQ(client->receive(kClientTime).value(), large);
  EXPECT_EQ(client->pongs(), 1U);
  EXPECT_TRUE(client->close(code::kNormal, "", kClientTime));
  EXPECT_EQ(server.handler()->wait_for_close(), code::kNormal);
  std::filesystem::remove_all(folder);
}

TEST(WebSocketServer, AnswersPings) {
  TestWebSocketServer server;
  server.start();
  RawClient client(server.port());
  client.send(upgrade_request());
  client.receive();
  client.send(client_frame(Opcode::ping, "are you there?"));
  EXPECT_EQ(client.receive_some(), server_frame(Opcode::pong, "are you there?"));
  client.send(client_frame(Opcode::pong, "nobody asked") + client_frame(Opcode::text, "a"));
  EXPECT_EQ(client.receive_some(), server_frame(Opcode::text, "a"));
}

TEST(WebSocketServer, OneMessageGoesToMany) {
  constexpr std::size_t kClients = 50;
  constexpr int kEvents = 200;
  TestWebSocketServer server;
  server.start();
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  std::vector<std::shared_ptr<WebSocket>> sockets;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(server.connect());
    ASSERT_TRUE(clients.back());
    sockets.push_back(server.handler(i)->wait_for_open());
    ASSERT_TRUE(sockets.back());
  }
  // Two publishers: each client gets all of both, each in order.
  const auto publish = [&](char name) {
    for (int event = 0; event < kEvents; ++event) {
      const auto message = WebSocketMessage::make(name + std::to_string(event));
      for (const auto& socket : sockets) EXPECT_EQ(socket->send(message), WebSocket::Sent::taken);
    }
  };
  std::thread first(publish, 'a');
  std::thread second(publish, 'b');
  first.join();
  second.join();
  for (const auto& client : clients) {
    int of_a = 0;
    int of_b = 0;
    for (int i = 0; i < 2 * kEvents; ++i) {
      const std::string text = client->receive(kClientTime).value();
      int& next = text.front() == 'a' ? of_a : of_b;
      ASSERT_EQ(text.substr(1), std::to_string(next++));
    }
  }
}

TEST(WebSocketServer, AHandlerMayCloseWhatItOpens) {
  TestWebSocketServer server;
  server.prepare = [](TestWebSocketHandler& handler) {
    handler.opened = [](WebSocket& socket) {
      EXPECT_EQ(socket.send("welcome"), WebSocket::Sent::taken);
      socket.close(4403, "and goodbye");
      EXPECT_EQ(socket.send("too late"), WebSocket::Sent::closed);
      socket.close(4404, "the first counts");
    };
  };
  server.start();
  const auto client = server.connect();
  ASSERT_TRUE(client);
  EXPECT_EQ(client->receive(kClientTime).value(), "welcome");
  EXPECT_EQ(client->receive(kClientTime).error().code(), ErrorCode::unavailable);
  EXPECT_EQ(client->closed_with(), 4403);
  EXPECT_EQ(client->close_reason(), "and goodbye");
  EXPECT_EQ(server.handler()->wait_for_close(), 4403);
}

TEST(WebSocketServer, NothingIsReadBehindAClose) {
  TestWebSocketServer server;
  server.prepare = [](TestWebSocketHandler& handler) {
    handler.message = [](WebSocket& socket, std::string_view) { socket.close(4000, ""); };
  };
  server.start();
  RawClient client(server.port());
  client.send(upgrade_request());
  client.receive();
  client.send(client_frame(Opcode::text, "1") + client_frame(Opcode::text, "2") +
              client_frame(Opcode::close, "\x03\xE8"));
  EXPECT_EQ(client.receive_all(), server_frame(Opcode::close, "\x0F\xA0"));
  EXPECT_EQ(server.handler()->wait_for_close(), 4000);
  EXPECT_EQ(server.handler()->messages().size(), 1U);
}

TEST(WebSocketServer, WhatWaitsGoesOutBeforeTheAnswerToAClose) {
  TestWebSocketServer server;
  server.start();
  RawClient client(server.port());
  client.send(upgrade_request());
  client.receive();
  client.send(client_frame(Opcode::text, "1") + client_frame(Opcode::text, "2") +
              client_frame(Opcode::close, "") + client_frame(Opcode::text, "3"));
  EXPECT_EQ(client.receive_all(), server_frame(Opcode::text, "1") + server_frame(Opcode::text, "2") +
                                      server_frame(Opcode::close, ""));
  EXPECT_EQ(server.handler()->wait_for_close(), code::kNone);
}

TEST(WebSocketServer, AHandleOutlivesItsServer) {
  std::shared_ptr<WebSocket> socket;
  {
    TestWebSocketServer server;
    server.start();
    const auto client = server.connect();
    ASSERT_TRUE(client);
    socket = server.handler()->wait_for_open();
    ASSERT_TRUE(socket);
  }
  EXPECT_EQ(socket->send("a"), WebSocket::Sent::closed);
  bool room = false;
  socket->on_room([&room] { room = true; });
  EXPECT_TRUE(room);
  EXPECT_TRUE(socket->cancellation().cancelled());
  EXPECT_EQ(socket->waiting(), 0U);
  socket->pause();
  socket->resume();
  socket->close(code::kNormal, "");
  socket->give_up(code::kNormal, "");
}

}  // namespace
}  // namespace quire::net
