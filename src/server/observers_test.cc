#include <gtest/gtest.h>

#include <thread>

#include "base/testing/memory_log.h"
#include "server/metrics_text.h"
#include "server/request_log.h"
#include "server/request_metrics.h"

namespace quire::server {
namespace {

std::string_view route_name(std::uint32_t route) { return route == 3 ? "rest.documents.get" : "none"; }

net::RequestHead head_of(std::string_view path, std::string_view query) {
  net::RequestHead head;
  head.method = net::Method::get;
  head.method_name = "GET";
  head.path = path;
  head.query = query;
  head.peer = "127.0.0.1";
  head.id = 255;
  return head;
}

constexpr std::string_view kKey = "qr_admin_01234567_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ123456";

TEST(RequestLog, HasALineARequestAndOneAFailure) {
  MemoryLog log;
  RequestLog requests(log, &route_name);
  requests.on_request_end(head_of("/v1/databases/main", "limit=10"),
                          {.route = 3, .status = 200, .micros = 7, .bytes = 2});
  requests.on_request_end(head_of("/v1", ""), {.route = 1, .status = 500, .micros = 7});
  const auto lines = log.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0],
            "debug request id=00000000000000ff route=rest.documents.get method=GET path=/v1/databases/main "
            "query=\"limit=number\" "
            "status=200 micros=7 bytes=2 peer=127.0.0.1");
  EXPECT_TRUE(lines[1].starts_with("warning request failed ")) << lines[1];
}

TEST(RequestLog, ShowsParametersByTheirTypes) {
  EXPECT_EQ(query_shape(""), "");
  EXPECT_EQ(query_shape("k=secret&limit=10&atomic=true&v=&flag"),
            "k=text&limit=number&atomic=boolean&v=empty&flag");
  EXPECT_EQ(query_shape("pass%77ord=x&&"), "other=text");
  EXPECT_EQ(query_shape(std::string(kKey) + "=1"), "other=number");
  std::string many;
  for (int i = 0; i < 1'000'000; ++i) many += "a=1&";
  EXPECT_LT(query_shape(many).size(), 200U);
}

TEST(RequestLog, ShowsNoKeyWhereverItStands) {
  const std::string key(kKey);
  for (const std::string& path :
       {"/" + key, "/v1/databases/" + key + "/collections", "/a" + key, "/v1/" + key + "%00"}) {
    EXPECT_EQ(safe_path(path).find(key.substr(9)), std::string::npos) << path;
  }
  EXPECT_EQ(safe_path("/kv/get"), "/kv/get");
  EXPECT_EQ(safe_path("/"), "/");
  EXPECT_EQ(safe_path(""), "");
  EXPECT_LE(safe_path(std::string(100'000, '/')).size(), 260U);
  EXPECT_EQ(safe_path("/" + std::string(100, 'x')), "/...");

  MemoryLog log;
  RequestLog requests(log, &route_name);
  const std::string path = "/" + key;
  net::RequestHead head = head_of(path, "");
  head.method = net::Method::other;
  head.method_name = kKey;
  head.query = kKey;
  requests.on_request_end(head, {.status = 500});
  EXPECT_EQ(log.lines().at(0).find(key.substr(9)), std::string::npos) << log.lines().at(0);
}

std::string text_of(const RequestMetrics& metrics) { return metrics_text({}, metrics.routes(), &route_name); }

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(RequestMetrics, CountsByRouteAndStatus) {
  RequestMetrics metrics;
  for (int i = 0; i < 3; ++i) metrics.count({.route = 3, .status = 200, .micros = 70, .bytes = 10});
  metrics.count({.route = 3, .status = 404, .micros = 2'000'000});
  metrics.count({.route = 3, .status = 299});
  metrics.count({.route = 3, .status = 0});
  const std::string text = text_of(metrics);
  EXPECT_TRUE(has_line(text, R"(quire_requests_total{route="rest.documents.get",status="200"} 3)")) << text;
  EXPECT_TRUE(has_line(text, R"(quire_requests_total{route="rest.documents.get",status="404"} 1)")) << text;
  EXPECT_TRUE(has_line(text, R"(quire_requests_total{route="rest.documents.get",status="other"} 1)")) << text;
  EXPECT_TRUE(has_line(text, R"(quire_requests_total{route="rest.documents.get",status="gone"} 1)")) << text;
  EXPECT_TRUE(has_line(text, R"(quire_response_bytes_total{route="rest.documents.get"} 30)")) << text;
  EXPECT_EQ(text.find("none"), std::string::npos) << "a route that nobody asked for is not shown";
}

TEST(RequestMetrics, TimesAreAHistogram) {
  RequestMetrics metrics;
  for (const std::uint64_t micros : {50U, 51U, 1'000U, 9'000'000U})
    metrics.count({.route = 3, .micros = micros});
  const std::string text = text_of(metrics);
  EXPECT_TRUE(has_line(text, R"(quire_request_seconds_bucket{route="rest.documents.get",le="5e-05"} 1)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(quire_request_seconds_bucket{route="rest.documents.get",le="0.0001"} 2)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(quire_request_seconds_bucket{route="rest.documents.get",le="5"} 3)")) << text;
  EXPECT_TRUE(has_line(text, R"(quire_request_seconds_bucket{route="rest.documents.get",le="+Inf"} 4)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(quire_request_seconds_count{route="rest.documents.get"} 4)")) << text;
}

TEST(RequestMetrics, StatusesAreInOrder) {
  EXPECT_TRUE(std::is_sorted(RequestMetrics::kStatuses.begin(), RequestMetrics::kStatuses.end()));
  EXPECT_TRUE(std::is_sorted(RequestMetrics::kBounds.begin(), RequestMetrics::kBounds.end()));
}

TEST(RequestMetrics, LoseNothingAmongThreads) {
  RequestMetrics metrics;
  constexpr int kEach = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < kEach; ++k)
        metrics.count({.route = static_cast<std::uint32_t>(k % 300), .status = 200});
    });
  }
  for (auto& thread : threads) thread.join();
  std::uint64_t sum = 0;
  for (const auto& route : metrics.routes()) {
    for (const auto count : route.statuses) sum += count;
  }
  EXPECT_EQ(sum, 4U * kEach);
}

TEST(MetricsText, ShowsTheNodeAndItsOpenDatabases) {
  NodeFigures node;
  node.connections = 7;
  node.document_hits = 12'345'678;
  node.document_misses = 9;
  node.ready = true;
  node.open.push_back({.id = "00112233445566ff", .name = "ma\"in", .changes = 12, .documents = 3});
  const std::string text = metrics_text(node, {}, &route_name);
  EXPECT_TRUE(has_line(text, "quire_connections 7")) << text;
  EXPECT_TRUE(has_line(text, "quire_ready 1")) << text;
  EXPECT_TRUE(has_line(text, "quire_document_cache_hits_total 12345678")) << text;
  EXPECT_TRUE(has_line(text, "quire_document_cache_misses_total 9")) << text;
  EXPECT_TRUE(has_line(text, "# TYPE quire_document_cache_hits_total counter")) << text;
  EXPECT_TRUE(has_line(text, R"(quire_commits_total{database="ma\"in",id="00112233445566ff"} 12)")) << text;
  EXPECT_TRUE(has_line(text, R"(quire_takes_writes{database="ma\"in",id="00112233445566ff"} 1)")) << text;
  EXPECT_TRUE(has_line(text, "# TYPE quire_commits_total counter")) << text;
}

}  // namespace
}  // namespace quire::server
