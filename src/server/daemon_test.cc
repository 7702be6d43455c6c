#include "server/daemon.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/testing/memory_log.h"
#include "net/testing/raw_client.h"
#include "storage/testing/temporary_directory.h"

namespace quire::server {
namespace {

using net::RawClient;
using std::chrono::milliseconds;
using storage::testing::TemporaryDirectory;

class DaemonTest : public ::testing::Test {
 protected:
  DaemonTest() {
    ConfigBuilder builder;
    config_ = *builder.finish();
    config_.data = folder_ / "data";
    config_.listeners = {*parse_listener("127.0.0.1:0")};
    config_.threads = 2;
    config_.drain_time = milliseconds(10'000);
    config_.accounts.password = {.memory_kib = 1024, .passes = 1};
  }

  Result<std::unique_ptr<Daemon>> try_start() {
    return Daemon::start(config_, {system_clock(), system_random(), log_});
  }
  void start() {
    auto started = try_start();
    ASSERT_TRUE(started) << started.error().to_string();
    daemon_ = *std::move(started);
    if (auto admin = daemon_->take_new_admin()) {
      key_ = std::string(admin->key.text.reveal());
      password_ = std::string(admin->password.reveal());
    }
    for (int i = 0; i < 500 && !daemon_->ready(); ++i) std::this_thread::sleep_for(milliseconds(10));
    ASSERT_TRUE(daemon_->ready());
  }

  std::string request(const std::string& line, const std::string& body = "",
                      const std::string& fields = "") const {
    std::string text = line + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields;
    if (!key_.empty()) text += "Authorization: Bearer " + key_ + "\r\n";
    if (!body.empty()) {
      text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return text + "\r\n" + body;
  }
  RawClient::Answer ask(const std::string& line, const std::string& body = "",
                        std::size_t listener = 0) const {
    RawClient client(daemon_->port(listener));
    client.send(request(line, body));
    return client.receive();
  }
  bool logged(const std::string& text) const {
    for (const auto& line : log_.lines()) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

  TemporaryDirectory folder_;
  MemoryLog log_;
  Config config_;
  std::string key_;
  std::string password_;
  std::unique_ptr<Daemon> daemon_;
};

constexpr char kDocument[] = "/v1/databases/main/collections/c/documents/1";

TEST_F(DaemonTest, KeepsDocumentsAndItsKeyOverARestart) {
  start();
  ASSERT_TRUE(key_.starts_with("qr_admin_"));
  EXPECT_EQ(ask(std::string("PUT ") + kDocument, R"({"n":1})").status, 201U);
  daemon_.reset();
  const std::string before = key_;
  start();
  EXPECT_EQ(key_, before);
  EXPECT_FALSE(daemon_->take_new_admin());
  EXPECT_EQ(ask(std::string("GET ") + kDocument).status, 200U);
}

TEST_F(DaemonTest, AnotherOneOnTheDirectoryIsRefusedAndHarmsNothing) {
  start();
  const auto second = try_start();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::locked);
  EXPECT_EQ(ask("GET /v1/me").status, 200U);
}

TEST_F(DaemonTest, ATakenPortIsNamedAndLeavesNoAdministratorBehind) {
  start();
  Config other = config_;
  other.data = folder_ / "other";
  other.listeners = {*parse_listener("127.0.0.1:" + std::to_string(daemon_->port(0)))};
  const auto second = Daemon::start(other, {system_clock(), system_random(), log_});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::unavailable);
  EXPECT_NE(second.error().message().find(std::to_string(daemon_->port(0))), std::string::npos);
  other.listeners = {*parse_listener("127.0.0.1:0")};
  const auto third = Daemon::start(other, {system_clock(), system_random(), log_});
  ASSERT_TRUE(third);
  EXPECT_TRUE((*third)->take_new_admin()) << "whose password somebody sees";
}

TEST_F(DaemonTest, RootsServeTheirSurface) {
  config_.listeners.push_back(*parse_listener("kv=127.0.0.1:0"));
  config_.listeners.push_back(*parse_listener("actions=127.0.0.1:0"));
  start();
  EXPECT_EQ(ask("POST /", R"({"action":"getPublicDatabases"})", 2).body,
            R"({"status":200,"message":{"databases":[],"total":0}})");
  EXPECT_EQ(ask("POST /", R"({"action":"getPublicDatabases"})", 0).status, 404U);
  EXPECT_EQ(ask("GET /set?k=a&v=b", "", 1).body, R"({"success":true})");
  EXPECT_EQ(ask("GET /kv/get?k=a").body, R"("b")");
  EXPECT_EQ(ask("GET /get?k=a").status, 404U) << "only at that listener's root";
}

TEST_F(DaemonTest, DevelopmentModeAsksForNoKey) {
  config_.dev = true;
  start();
  key_.clear();
  EXPECT_EQ(ask(std::string("PUT ") + kDocument, "{}").status, 201U);
}

TEST_F(DaemonTest, WithoutAKeyNothingButHealthIsAnswered) {
  start();
  key_.clear();
  EXPECT_EQ(ask("GET /healthz").status, 200U);
  EXPECT_EQ(ask("GET /readyz").status, 200U);
  for (const char* path : {"/metrics", "/v1/databases", "/v1/status", "/kv/getAll"}) {
    EXPECT_EQ(ask(std::string("GET ") + path).status, 401U) << path;
  }
}

TEST_F(DaemonTest, MetricsShowWhatWasAsked) {
  start();
  ask(std::string("PUT ") + kDocument, "{}");
  ask("GET /nothing");
  const auto answer = ask("GET /metrics");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_NE(answer.head.find("text/plain"), std::string::npos) << answer.head;
  EXPECT_NE(answer.body.find(R"(status="201"} 1)"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find(R"({route="none",status="404"} 1)"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("quire_commits_total{database=\"main\""), std::string::npos);
}

TEST_F(DaemonTest, ADrainAnswersWhatHasBegunAndTakesNothingNew) {
  start();
  RawClient slow(daemon_->port(0));
  const std::string whole = request(std::string("PUT ") + kDocument, R"({"n":12345})");
  slow.send(std::string_view(whole).substr(0, whole.size() - 3));
  std::this_thread::sleep_for(milliseconds(100));
  bool all = false;
  std::thread drain([&] { all = daemon_->drain(); });
  for (int i = 0; i < 200; ++i) {
    if (!RawClient(daemon_->port(0)).connected()) break;
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_FALSE(RawClient(daemon_->port(0)).connected());
  slow.send(std::string_view(whole).substr(whole.size() - 3));
  EXPECT_EQ(slow.receive().status, 201U);
  EXPECT_TRUE(slow.is_closed());
  drain.join();
  EXPECT_TRUE(all);
}

TEST_F(DaemonTest, AStopDuringADrainDoesNotWait) {
  config_.drain_time = milliseconds(600'000);
  start();
  RawClient slow(daemon_->port(0));
  const std::string whole = request(std::string("PUT ") + kDocument, R"({"n":12345})");
  slow.send(std::string_view(whole).substr(0, whole.size() - 3));
  std::this_thread::sleep_for(milliseconds(100));
  bool all = true;
  std::thread drain([&] { all = daemon_->drain(); });
  std::this_thread::sleep_for(milliseconds(50));
  daemon_->stop();
  drain.join();
  EXPECT_FALSE(all);
}

TEST_F(DaemonTest, FeedsThatAreFollowedEndBeforeADrain) {
  start();
  RawClient feed(daemon_->port(0));
  feed.send(request("GET /v1/databases/main/changes?feed=events"));
  EXPECT_FALSE(feed.receive_some().empty());
  EXPECT_TRUE(daemon_->drain());
}

TEST_F(DaemonTest, TheKeyIsInNoLine) {
  start();
  ask("POST /api", R"({"action":"login","payload":{"username":"admin","password":")" + password_ + "\"}}");
  ask("POST /api",
      R"({"action":"getAPIkey","payload":{"username":")" + password_ + R"(","password":"wrong one"}})");
  ask("POST /v1/users", R"({"username":"x","email":"x@example.org","password":")" + password_ + "\",}");
  ask("GET /" + key_);
  ask("GET /v1/me?" + key_ + "=" + key_);
  RawClient broken(daemon_->port(0));
  broken.send("GET / HTTP/1.1\r\nHost: " + key_ + "\r\n" + key_ + " : x\r\n\r\n");
  broken.receive();
  daemon_.reset();
  for (const auto& line : log_.lines()) {
    EXPECT_EQ(line.find(key_.substr(18, 40)), std::string::npos) << line;
    EXPECT_EQ(line.find(password_), std::string::npos) << line;
  }
  EXPECT_TRUE(logged("debug request"));
}

TEST_F(DaemonTest, ADamagedMainIsNotReadyAndSaysWhy) {
  start();
  ask(std::string("PUT ") + kDocument, "{}");
  const std::string shown = ask("GET /v1/databases/main").body;
  const std::string id = shown.substr(std::string_view(R"({"id":")").size(), 16);
  daemon_.reset();
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_ / ("data/databases/" + id))) {
    if (entry.path().filename() == "QUIRE-SHARD") std::ofstream(entry.path()) << "broken";
  }
  auto started = try_start();
  ASSERT_TRUE(started) << started.error().to_string();
  daemon_ = *std::move(started);
  for (int i = 0; i < 500 && !logged("cannot be opened"); ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(logged("cannot be opened"));
  EXPECT_EQ(daemon_->ready().error().code(), ErrorCode::unavailable);
  EXPECT_EQ(ask("GET /healthz").status, 200U);
  EXPECT_EQ(ask("GET /readyz").status, 503U);
}

}  // namespace
}  // namespace quire::server
