#pragma once

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "api/testing/test_api.h"

namespace quire::api::testing {

// The CouchDB surface with a database `db`, through the table and without a network.
class Couch : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(api_.call({.method = net::Method::put, .target = "/couch/db"}).status, 201U);
  }

  Answer put(const std::string& path, const std::string& json) { return api_.put("/couch/db" + path, json); }
  Answer post(const std::string& path, const std::string& json) {
    return api_.post("/couch/db" + path, json);
  }
  Answer get(const std::string& path, std::vector<std::pair<std::string, std::string>> fields = {}) {
    return api_.call({.target = "/couch/db" + path, .fields = std::move(fields)});
  }
  Answer remove(const std::string& path) { return api_.remove("/couch/db" + path); }
  static std::string rev_of(const Answer& answer) {
    std::smatch found;
    static const std::regex rev(R"("_?rev":"([^"]*)\")");
    EXPECT_TRUE(std::regex_search(answer.body, found, rev)) << answer.body;
    return found[1];
  }
  std::string written(const std::string& id, const std::string& json) {
    const Answer answer = put("/" + id, json);
    EXPECT_EQ(answer.status, 201U) << answer.body;
    return rev_of(answer);
  }
  static std::string words(const std::string& error, const std::string& reason) {
    return R"({"error":")" + error + R"(","reason":")" + reason + "\"}";
  }

  TestApi api_;
};

}  // namespace quire::api::testing
