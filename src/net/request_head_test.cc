#include "net/request_head.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quire::net {
namespace {

struct Found {
  std::size_t size = 0;
  std::optional<Refusal> refusal;
};

// Shows the finder ever more of the bytes.
Found find_bit_by_bit(std::string_view bytes, const Limits& limits, const std::vector<std::size_t>& steps) {
  HeadFinder finder(limits);
  Found found;
  std::size_t shown = 0;
  for (std::size_t i = 0; shown < bytes.size() && found.size == 0 && !found.refusal; ++i) {
    shown = std::min(bytes.size(), shown + 1 + (steps.empty() ? 0 : steps[i % steps.size()] % 20));
    found.size = finder.find(bytes.substr(0, shown), found.refusal);
  }
  return found;
}

unsigned refused(const std::string& bytes, const Limits& limits = {}) {
  const Found found = find_bit_by_bit(bytes, limits, {19});
  if (found.refusal) return found.refusal->status;
  ParsedRequest request;
  const auto refusal = parse_request_head(std::string_view(bytes).substr(0, found.size), limits, request);
  return refusal ? refusal->status : 0;
}

TEST(RequestHead, ShowsItsParts) {
  const std::string bytes =
      "DELETE /a%20b?c=d?e HTTP/1.1\r\nHost: h:1\r\nX-A:  b c\t \r\nx-a: 2\r\nContent-Length: 7\r\n\r\n";
  ParsedRequest request;
  ASSERT_FALSE(parse_request_head(bytes, {}, request));
  EXPECT_EQ(request.head.method, Method::remove);
  EXPECT_EQ(request.head.method_name, "DELETE");
  EXPECT_EQ(request.head.target, "/a%20b?c=d?e");
  EXPECT_EQ(request.head.path, "/a%20b");
  EXPECT_EQ(request.head.query, "c=d?e");
  EXPECT_EQ(request.head.field("X-a"), "b c");
  EXPECT_EQ(request.head.field("x-b"), "");
  EXPECT_EQ(request.head.fields.size(), 4U);
  EXPECT_EQ(request.head.content_length, 7U);
  EXPECT_TRUE(request.head.has_body);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_EQ(request.host, "h:1");
}

TEST(RequestHead, KnowsWhetherTheConnectionGoesOn) {
  const auto goes_on = [](const std::string& version, const std::string& fields) {
    ParsedRequest request;
    EXPECT_FALSE(parse_request_head("GET / " + version + "\r\nHost: h\r\n" + fields + "\r\n", {}, request));
    return request.keep_alive;
  };
  EXPECT_TRUE(goes_on("HTTP/1.1", ""));
  EXPECT_FALSE(goes_on("HTTP/1.1", "Connection: CLOSE\r\n"));
  EXPECT_FALSE(goes_on("HTTP/1.1", "Connection: x, close\r\n"));
  EXPECT_FALSE(goes_on("HTTP/1.0", ""));
  EXPECT_TRUE(goes_on("HTTP/1.0", "Connection: keep-alive\r\n"));
}

TEST(RequestHead, LimitsTheRequestLine) {
  Limits limits;
  limits.request_line_bytes = 100;
  const std::string line = "GET /" + std::string(86, 'x') + " HTTP/1.1";
  ASSERT_EQ(line.size(), 100U);
  EXPECT_EQ(refused(line + "\r\nHost: h\r\n\r\n", limits), 414U);  // the CR counts
  EXPECT_EQ(refused("GET /" + std::string(85, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", limits), 0U);
  // As soon as it is known.
  EXPECT_EQ(refused("GET /" + std::string(96, 'x'), limits), 414U);
  EXPECT_EQ(refused("GET /" + std::string(95, 'x'), limits), 400U);  // of nothing yet
}

TEST(RequestHead, LimitsTheHead) {
  Limits limits;
  limits.head_bytes = 200;
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(200, 'x'), limits), 431U);
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string just_fits = begin + std::string(200 - begin.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(refused(just_fits, limits), 0U);
  limits.head_bytes = 199;
  EXPECT_EQ(refused(just_fits, limits), 431U);
}

TEST(RequestHead, LimitsTheFields) {
  Limits limits;
  limits.fields = 3;
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: h\r\na: 1\r\nb: 2\r\n\r\n", limits), 0U);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: h\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", limits), 431U);
}

TEST(RequestHead, RefusesWhatIsNotHttpAtTheFirstByte) {
  HeadFinder finder{Limits()};
  std::optional<Refusal> refusal;
  EXPECT_EQ(finder.find("\x16", refusal), 0U);
  ASSERT_TRUE(refusal);
  EXPECT_FALSE(refusal->answered);
}

RC_GTEST_PROP(RequestHead, IsFoundHoweverItArrives,
              (const std::vector<std::size_t>& steps, std::size_t cut)) {
  const std::string whole =
      "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n";
  const std::string bytes = whole.substr(0, 45 + cut % (whole.size() - 44));
  const Found found = find_bit_by_bit(bytes, {}, steps);
  RC_ASSERT(!found.refusal);
  RC_ASSERT(found.size == (bytes.size() < 56 ? 0U : 56U));
}

}  // namespace
}  // namespace quire::net
