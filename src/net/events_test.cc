#include "net/events.h"

#include <gtest/gtest.h>

#include "net/testing/raw_client.h"
#include "net/testing/test_service.h"

namespace quire::net {
namespace {

class Recorder final : public Observer {
 public:
  void on_connect(std::string_view address, std::uint16_t) override {
    add("connect " + std::string(address));
  }
  void on_disconnect(std::string_view cause) override { add("disconnect" + std::string(cause)); }
  void on_request_start(const RequestHead& request) override { add("start " + std::string(request.target)); }
  void on_request_complete(const RequestHead& request, const Outcome& outcome) override {
    add("complete " + std::string(request.target) + " " + std::to_string(outcome.status));
  }
  void on_request_end(const RequestHead& request, const Outcome& outcome) override {
    add("end " + std::string(request.target) + " " + std::to_string(outcome.status) + " " +
        std::to_string(outcome.route) + " " + std::to_string(outcome.bytes));
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

TEST(Events, TellWhatHappens) {
  auto recorder = std::make_shared<Recorder>();
  TestServer server;
  const Events::Id id = server.events.add(recorder);
  server.service.its_plan.route = 7;
  server.options.threads = 1;
  server.start();
  EXPECT_EQ(recorder->take(), Lines{"connect 127.0.0.1"});
  RawClient client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\nGET /b HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.receive();
  client.receive();
  client.send("GET /c HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n");
  client.receive();
  client.receive_all();
  server.events.remove(id);
  RawClient unseen(server.port());
  unseen.send("GET /d HTTP/1.1\r\nHost: localhost\r\n\r\n");
  unseen.receive();
  const Lines lines = recorder->take();
  const Lines expected = {"start /a",        "complete /a 200", "end /a 200 7 7", "start /b",
                          "complete /b 200", "end /b 200 7 7",  "start /c",       "complete /c 421"};
  ASSERT_GE(lines.size(), expected.size());
  EXPECT_EQ(Lines(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(expected.size())), expected);
  server.events.add(recorder);
  server.server->stop();
  EXPECT_EQ(recorder->take(), Lines{"disconnect"});
}

TEST(Events, TellOfClientsThatWent) {
  auto recorder = std::make_shared<Recorder>();
  TestServer server;
  server.events.add(recorder);
  server.service.its_plan.body_limit = 100;
  server.start();
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na");
  while (server.server->connections() == 0) std::this_thread::yield();
  Lines lines;
  while (lines.size() < 2) {
    for (std::string& line : recorder->take()) lines.push_back(std::move(line));
  }
  client.reset();
  while (lines.size() < 3) {
    for (std::string& line : recorder->take()) lines.push_back(std::move(line));
  }
  EXPECT_EQ(lines, (Lines{"connect 127.0.0.1", "start /a", "end /a 0 0 0"}));
}

}  // namespace
}  // namespace quire::net
