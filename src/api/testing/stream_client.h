#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/testing/test_api.h"

namespace quire::api::testing {

// The value of a member that is a string.
inline std::string text_in(const std::string& json, const std::string& member) {
  const std::string start = "\"" + member + R"(":")";
  const std::size_t at = json.find(start);
  if (at == std::string::npos) return {};
  return json.substr(at + start.size(), json.find('"', at + start.size()) - at - start.size());
}

// A client with an open connection.
class Client {
 public:
  Client(TestApi& api, const std::string& target, const std::string& key = {}) {
    std::vector<std::pair<std::string, std::string>> fields;
    if (!key.empty()) fields.emplace_back("Authorization", "Bearer " + key);
    exchange_ = api.begin(websocket_request(target, std::move(fields)));
    EXPECT_TRUE(exchange_->wait());
    EXPECT_EQ(exchange_->answer().status, 101U) << exchange_->answer().body;
    socket_ = exchange_->socket();
  }
  ~Client() { socket_->end(); }

  FakeWebSocket& socket() { return *socket_; }
  void send(std::string text) { socket_->receive(std::move(text)); }
  // The message that comes next.
  std::string next() {
    const auto all = socket_->wait_for_messages(seen_ + 1);
    return seen_ < all.size() ? all[seen_++] : "none";
  }
  std::string ask(std::string text) {
    send(std::move(text));
    return next();
  }

 private:
  std::shared_ptr<FakeExchange> exchange_;
  std::shared_ptr<FakeWebSocket> socket_;
  std::size_t seen_ = 0;
};

inline constexpr std::string_view kStarted = R"({"started":true})";
inline const std::string kOid = "507f1f77bcf86cd799439011";

inline std::string upsert(const std::string& id, const std::string& updates) {
  return R"({"action":"upsert","collection":"things","id":)" + id + R"(,"updates":)" + updates + "}";
}

// Whether it became so in time.
template <class Condition>
bool becomes(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace quire::api::testing
