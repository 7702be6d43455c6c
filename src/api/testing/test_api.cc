#include "api/testing/test_api.h"

#include "base/check.h"

namespace quire::api::testing {

namespace {
std::set<std::string>& names() {
  static std::set<std::string> all;
  return all;
}
}  // namespace

const std::set<std::string>& TestApi::called() { return names(); }

TestApi::TestApi(Options options) {
  if (options.version.empty()) options.version = "1.2.3";
  api = std::make_unique<Api>(Parts{.documents = node.node.documents(),
                                    .feeds = node.node.feeds(),
                                    .catalog = node.node.catalog(),
                                    .workers = *workers,
                                    .streams = *streams,
                                    .authenticator = authenticator,
                                    .clock = system_clock(),
                                    .random = system_random(),
                                    .log = log},
                              options);
}

TestApi::~TestApi() {
  api->end_feeds();
  streams.reset();
  workers.reset();
}

void TestApi::start(FakeExchange& exchange) {
  const net::RequestHead& head = exchange.request();
  const net::Plan plan = api->plan(head);
  exchange.plan(plan);
  const bool buffered = plan.body == net::Plan::Body::buffered;
  if (buffered && exchange.body().size() > plan.body_limit) {
    exchange.send(api->refuse(&head, 413, Error(ErrorCode::too_large, "the body").over(plan.body_limit)));
    return;
  }
  api->handle(exchange);
}

std::shared_ptr<FakeExchange> TestApi::begin(Request request) {
  bool bears = false;
  for (const auto& [name, value] : request.fields) bears |= name == "Authorization";
  if (as_admin && !bears) request.fields.emplace_back("Authorization", "Bearer " + std::string(OneKey::kKey));
  auto exchange = std::make_shared<FakeExchange>(std::move(request));
  start(*exchange);
  return exchange;
}

Answer TestApi::call(Request request) {
  const auto exchange = begin(std::move(request));
  QUIRE_CHECK(exchange->wait(), "an answer comes in time");
  Answer answer = exchange->answer();
  if (answer.status != 401) names().insert(std::string(Api::route_name(exchange->route())));
  return answer;
}

Answer TestApi::send(net::Method method, std::string_view target, std::string_view body,
                     std::string_view type, std::vector<std::pair<std::string, std::string>> fields) {
  fields.emplace_back("Content-Type", type);
  return call({.method = method,
               .target = std::string(target),
               .body = std::string(body),
               .fields = std::move(fields)});
}

std::string things(std::string_view behind) {
  return "/v1/databases/main/collections/things/documents" + std::string(behind);
}

}  // namespace quire::api::testing
