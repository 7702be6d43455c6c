#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "net/testing/raw_client.h"
#include "net/testing/test_service.h"
#include "net/text.h"

namespace quire::net {
namespace {

struct Case {
  unsigned status = 0;
  bool goes_on = false;
  std::string name;
  std::string bytes;
};

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r': out += '\r'; break;
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case '0': out += '\0'; break;
      case 'x':
        out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
        i += 2;
        break;
      default: out += text[i];
    }
  }
  return out;
}

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  std::ifstream file("src/net/testing/request_corpus.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    Case one;
    one.goes_on = line.front() == '+';
    const std::size_t name = line.find(' ') + 1;
    const std::size_t bytes = line.find(' ', name) + 1;
    one.status = static_cast<unsigned>(std::stoul(line));
    one.name = line.substr(name, bytes - 1 - name);
    one.bytes = unescape(std::string_view(line).substr(bytes));
    cases.push_back(one);
  }
  return cases;
}

constexpr std::string_view kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

void check(const Case& one, RawClient& client) {
  if (one.status == 0) {
    EXPECT_EQ(client.receive_all(), "");
    return;
  }
  const RawClient::Answer answer = client.receive();
  EXPECT_EQ(answer.status, one.status) << answer.body;
  EXPECT_TRUE(answer.whole);
  if (one.goes_on) {
    EXPECT_EQ(client.receive().body, "GET /smuggled\n");
    return;
  }
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_EQ(client.receive_all(), "");
}

TEST(RequestCorpus, IsAnsweredAsItSays) {
  TestServer server;
  server.start();
  const std::vector<Case> cases = read_cases();
  ASSERT_GT(cases.size(), 100U);
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    RawClient client(server.port());
    client.send(one.bytes + std::string(kSmuggled));
    client.finish_sending();
    check(one, client);
  }
}

// As it arrives must not matter.
TEST(RequestCorpus, IsAnsweredAsItSaysByteByByte) {
  TestServer server;
  server.start();
  for (const Case& one : read_cases()) {
    SCOPED_TRACE(one.name);
    RawClient client(server.port());
    client.send_at_once();
    for (const char byte : one.bytes + std::string(kSmuggled)) client.send({&byte, 1});
    client.finish_sending();
    check(one, client);
  }
}

}  // namespace
}  // namespace quire::net
