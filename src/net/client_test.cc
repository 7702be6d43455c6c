#include "net/client.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "net/testing/certificate.h"
#include "net/testing/raw_client.h"
#include "net/testing/test_service.h"

namespace quire::net {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<Client> connect(std::uint16_t port, ClientOptions options = {}, bool secure = false,
                                const std::string& host = "127.0.0.1") {
  auto client = Client::make({secure, host, port}, options, system_clock());
  EXPECT_TRUE(client.has_value());
  return std::move(*client);
}

TEST(Origin, IsRead) {
  const Origin origin = *Origin::parse("https://Quire.example:8443/");
  EXPECT_TRUE(origin.secure);
  EXPECT_EQ(origin.host, "Quire.example");
  EXPECT_EQ(origin.port, 8443);
  EXPECT_EQ(Origin::parse("http://[::1]:80")->authority(), "[::1]");
  EXPECT_EQ(Origin::parse("http://a")->port, 80);
  EXPECT_EQ(Origin::parse("https://a")->port, 443);
  for (const auto* bad : {"", "a", "ftp://a", "http://", "http://a:0", "http://a:65536", "http://a/b",
                          "http://me@a", "http://a b"}) {
    EXPECT_FALSE(Origin::parse(bad).has_value()) << bad;
  }
}

TEST(Client, SendsAndKeepsTheConnection) {
  TestServer server;
  server.start();
  const auto client = connect(server.port());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client->send({"POST", "/a?b", {{"X-A", "b"}}, "body", {}});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->body, "POST /a?b\nbody");
    EXPECT_EQ(answer->field("content-type"), "text/plain");
  }
  EXPECT_EQ(server.server->connections(), 1U);
}

TEST(Client, StreamsBothWays) {
  TestServer server;
  server.service.its_plan = {Plan::Body::streamed, std::uint64_t{1} << 30, 0};
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      std::string whole;
      std::array<char, 5000> piece;
      for (;;) {
        const Result<std::size_t> size = exchange.read(piece);
        if (!size || *size == 0) break;
        whole.append(piece.data(), *size);
      }
      exchange.begin({});
      EXPECT_TRUE(exchange.write(whole));
      exchange.end();
    });
  };
  server.start();
  const auto client = connect(server.port());
  for (const bool chunked : {true, false}) {
    std::string expected;
    const auto length = chunked ? std::nullopt : std::optional<std::uint64_t>(1'000'000);
    auto exchange = client->open({"POST", "/a", {}, "", {}}, length);
    ASSERT_TRUE(exchange.has_value());
    for (int i = 0; i < 100; ++i) {
      const std::string piece(10'000, static_cast<char>('a' + i % 26));
      EXPECT_TRUE((*exchange)->write(piece).has_value());
      expected += piece;
    }
    ASSERT_TRUE((*exchange)->finish().has_value());
    std::string body;
    std::array<char, 3000> piece;
    for (;;) {
      const Result<std::size_t> size = (*exchange)->read(piece);
      ASSERT_TRUE(size.has_value());
      if (*size == 0) break;
      body.append(piece.data(), *size);
    }
    EXPECT_EQ(body, expected);
  }
  EXPECT_EQ(server.server->connections(), 1U);
}

TEST(Client, ReplacesAConnectionThatWasClosed) {
  TestServer server;
  server.options.limits.idle_time = 100ms;
  server.start();
  const auto client = connect(server.port());
  EXPECT_EQ(client->send({})->status, 200U);
  while (server.server->connections() > 0) std::this_thread::yield();
  EXPECT_EQ(client->send({})->status, 200U);
}

TEST(Client, GetsTheRefusalOfABodyThatIsNotTaken) {
  TestServer server;
  server.service.its_plan.body_limit = 1000;
  server.start();
  const auto client = connect(server.port());
  const auto answer = client->send({"POST", "/a", {}, std::string(5'000'000, 'x'), {}});
  ASSERT_TRUE(answer.has_value()) << answer.error().to_string();
  EXPECT_EQ(answer->status, 413U);
}

TEST(Client, GivesUp) {
  TestServer server;
  server.service.handler = [&server](Exchange& exchange) {
    const Cancellation cancellation = exchange.cancellation();
    server.service.on_thread([&exchange, cancellation] {
      while (!cancellation.cancelled()) std::this_thread::yield();
      exchange.send({});
    });
  };
  server.start();
  ClientOptions options;
  options.answer_time = 100ms;
  EXPECT_EQ(connect(server.port(), options)->send({}).error().code(), ErrorCode::deadline);
  ClientRequest request;
  request.cancellation = Cancellation::make();
  request.cancellation.cancel();
  EXPECT_EQ(connect(server.port())->send(request).error().code(), ErrorCode::cancelled);
}

TEST(Client, BoundsWhatItTakes) {
  TestServer server;
  server.service.handler = [](Exchange& exchange) {
    Response response;
    if (exchange.request().path == "/fields") {
      for (int i = 0; i < 300; ++i) response.add_field("X-A", "b");
    } else if (exchange.request().path == "/head") {
      response.add_field("X-A", std::string(100'000, 'x'));
    } else {
      response.body = std::string(2000, 'x');
    }
    exchange.send(std::move(response));
  };
  server.start();
  ClientOptions options;
  options.body_bytes = 1999;
  const auto client = connect(server.port(), options);
  EXPECT_EQ(client->send({}).error().code(), ErrorCode::too_large);
  EXPECT_EQ(client->send({"GET", "/fields", {}, "", {}}).error().code(), ErrorCode::too_large);
  EXPECT_FALSE(client->send({"GET", "/head", {}, "", {}}).has_value());
}

TEST(Client, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    TestServer server;
    server.start();
    port = server.port();
  }
  const auto answer = connect(port)->send({});
  EXPECT_EQ(answer.error().code(), ErrorCode::unavailable);
  EXPECT_NE(answer.error().message().find(std::to_string(port)), std::string::npos);
}

TEST(Client, SeesAnAnswerThatIsNotWhole) {
  TestServer server;
  server.service.handler = [&server](Exchange& exchange) {
    server.service.on_thread([&exchange] {
      exchange.begin({}, 100);
      EXPECT_TRUE(exchange.write("abc"));
      exchange.end();
    });
  };
  server.start();
  EXPECT_EQ(connect(server.port())->send({}).error().code(), ErrorCode::unavailable);
}

TEST(Client, SendsNoMalformedRequests) {
  TestServer server;
  server.start();
  const auto client = connect(server.port());
  EXPECT_FALSE(client->send({"GET", "/a b", {}, "", {}}).has_value());
  EXPECT_FALSE(client->send({"GET", "a", {}, "", {}}).has_value());
  EXPECT_FALSE(client->send({"G T", "/a", {}, "", {}}).has_value());
  EXPECT_FALSE(client->send({"GET", "/a", {{"X-A", "b\r\nX-B: c"}}, "", {}}).has_value());
}

// --- TLS

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        testing::TempDir() + "quire-tls-" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    certificate_ = make_certificate(folder_, "first");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void use(TestServer& server, const TestCertificate& certificate, bool allow_tls12 = false) {
    server.options.listeners.front().tls = {certificate.certificate_file, certificate.key_file, allow_tls12};
  }
  Error start_error(const TestCertificate& certificate) {
    TestServer server;
    use(server, certificate);
    auto started = Server::start(server.options, server.service, server.events, system_clock(), *server.log);
    EXPECT_FALSE(started.has_value());
    return started ? Error() : started.error();
  }

  std::string folder_;
  TestCertificate certificate_;
};

TEST_F(Tls, Works) {
  TestServer server;
  use(server, certificate_);
  server.service.handler = [](Exchange& exchange) {
    EXPECT_TRUE(exchange.request().secure);
    exchange.send(echo(exchange));
  };
  server.start();
  ClientOptions options;
  options.authorities_file = certificate_.certificate_file;
  for (const auto* host : {"127.0.0.1", "localhost"}) {
    const auto client = connect(server.port(), options, true, host);
    for (int i = 0; i < 3; ++i) {
      const auto answer = client->send({"POST", "/a", {}, std::string(500'000, 'x'), {}});
      ASSERT_TRUE(answer.has_value()) << answer.error().to_string();
      EXPECT_EQ(answer->body.size(), 500'008U);
    }
  }
}

TEST_F(Tls, RefusesACertificateThatNobodyVouchesFor) {
  TestServer server;
  use(server, certificate_);
  server.start();
  const auto answer = connect(server.port(), {}, true)->send({});
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().message().find("certificate"), std::string::npos) << answer.error().to_string();
  ClientOptions careless;
  careless.verify = false;
  EXPECT_EQ(connect(server.port(), careless, true)->send({})->status, 200U);
}

TEST_F(Tls, RefusesACertificateForAnotherHost) {
  TestServer server;
  use(server, certificate_);
  server.start();
  ClientOptions options;
  options.authorities_file = certificate_.certificate_file;
  EXPECT_FALSE(connect(server.port(), options, true, "127.0.0.2")->send({}).has_value());
}

TEST_F(Tls, ReloadsCertificatesWhileConnectionsGoOn) {
  TestServer server;
  use(server, certificate_);
  server.start();
  ClientOptions old_options;
  old_options.authorities_file = folder_ + "/old.pem";
  std::filesystem::copy_file(certificate_.certificate_file, old_options.authorities_file);
  const auto old_client = connect(server.port(), old_options, true);
  EXPECT_EQ(old_client->send({})->status, 200U);

  make_certificate(folder_, "first");
  ASSERT_TRUE(server.server->reload_certificates().has_value());
  EXPECT_EQ(old_client->send({})->status, 200U) << "its connection is kept";
  EXPECT_FALSE(connect(server.port(), old_options, true)->send({}).has_value());
  ClientOptions new_options;
  new_options.authorities_file = certificate_.certificate_file;
  EXPECT_EQ(connect(server.port(), new_options, true)->send({})->status, 200U);

  std::ofstream(certificate_.certificate_file) << "nonsense";
  EXPECT_EQ(server.server->reload_certificates().error().code(), ErrorCode::invalid);
  new_options.authorities_file = folder_ + "/old.pem";
  new_options.verify = false;
  EXPECT_EQ(connect(server.port(), new_options, true)->send({})->status, 200U) << "what was loaded stays";
}

TEST_F(Tls, RefusesWeakAndOpenKeys) {
  EXPECT_EQ(start_error(make_certificate(folder_, "weak", 1024)).code(), ErrorCode::invalid);
  const TestCertificate open = make_certificate(folder_, "open");
  ::chmod(open.key_file.c_str(), 0644);
  EXPECT_EQ(start_error(open).code(), ErrorCode::invalid);
  const TestCertificate other = make_certificate(folder_, "other");
  EXPECT_EQ(start_error({certificate_.certificate_file, other.key_file}).code(), ErrorCode::invalid);
  EXPECT_EQ(start_error({certificate_.certificate_file, folder_ + "/none"}).code(), ErrorCode::io);
}

TEST_F(Tls, RefusesACertificateThatHasExpiredOrIsNone) {
  const TestCertificate expired = make_certificate(folder_, "expired", 0, -60);
  const Error error = start_error(expired);
  EXPECT_EQ(error.code(), ErrorCode::invalid);
  EXPECT_NE(error.message().find(expired.certificate_file), std::string::npos) << error.to_string();
  EXPECT_NE(error.message().find("expired"), std::string::npos) << error.to_string();
  const Error missing = start_error({folder_ + "/none", certificate_.key_file});
  EXPECT_NE(missing.message().find(folder_ + "/none"), std::string::npos) << missing.to_string();

  TestServer server;
  use(server, certificate_);
  server.start();
  make_certificate(folder_, "first", 0, -60);
  EXPECT_EQ(server.server->reload_certificates().error().code(), ErrorCode::invalid);
}

TEST_F(Tls, ClosesOnPlainRequests) {
  TestServer server;
  use(server, certificate_);
  server.start();
  RawClient client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.receive().status, 0U);
  while (server.server->connections() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace quire::net
