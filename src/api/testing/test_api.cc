#include "api/testing/test_api.h"

#include <utility>

#include "base/check.h"

namespace quire::api::testing {

namespace {
std::set<std::string>& names() {
  static std::set<std::string> all;
  return all;
}
}  // namespace

const std::set<std::string>& TestApi::called() { return names(); }

engine::AccountsOptions cheap_accounts() {
  engine::AccountsOptions options;
  options.password = {.memory_kib = 8, .passes = 1};
  return options;
}

TestApi::TestApi(Options options, const engine::AccountsOptions& with)
    : access(access::Access::open(node.catalog, with, node.world.clock, system_random(), *node.world.executor)
                 .value()),
      authority(*access, databases, node.world.clock, with),
      accounts(*access, databases, authority, node.world.clock, with) {
  late.real = &authority;
  admin_key = add_user("root", engine::Role::admin);
  engine::LocalReplications::Parts replicating{
      .databases = node.catalog,
      .replica = {documents, node.node.feeds(), node.node.catalog(), node.node.revisions(),
                  node.node.checkpoints(), system_clock(), *workers},
      .random = system_random(),
      .executor = *passwords,
      .peers = [](const replication::PeerAddress&) -> Result<replication::Side> {
        return Error(ErrorCode::not_implemented, "a test connects nowhere");
      }};
  replications = engine::LocalReplications::open(std::move(replicating)).value();
  if (options.version.empty()) options.version = "1.2.3";
  api = std::make_unique<Api>(Parts{.documents = documents,
                                    .queries = node.node.queries(),
                                    .transactions = node.node.transactions(),
                                    .schemas = node.node.schemas(),
                                    .feeds = node.node.feeds(),
                                    .revisions = node.node.revisions(),
                                    .checkpoints = node.node.checkpoints(),
                                    .change_streams = node.node.change_streams(),
                                    .catalog = node.node.catalog(),
                                    .accounts = accounts,
                                    .workers = *workers,
                                    .streams = *streams,
                                    .passwords = *passwords,
                                    .clock = system_clock(),
                                    .random = system_random(),
                                    .log = log,
                                    .replications = replications.get()},
                              options);
}

TestApi::~TestApi() {
  api->end_feeds();
  replications.reset();
  passwords->join();
  streams->join();
  workers->join();
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
  if (as_admin && !bears) request.fields.emplace_back("Authorization", "Bearer " + admin_key);
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

std::string TestApi::add_user(const std::string& name, engine::Role role) {
  const auto user = accounts.register_user(
      engine::Caller::admin(),
      {.name = name, .password = Secret("password of " + name), .email = {}, .role = role});
  QUIRE_CHECK(user.has_value(), "an account is made");
  return make_key(name);
}

std::string TestApi::make_key(std::string_view user, const engine::KeyRequest& request) {
  return std::string(accounts.make_key(engine::Caller::admin(), user, request).value().text.reveal());
}

Answer TestApi::as(std::string_view key, Request request) {
  if (!key.empty()) request.fields.emplace_back("Authorization", "Bearer " + std::string(key));
  const bool before = std::exchange(as_admin, false);
  Answer answer = call(std::move(request));
  as_admin = before;
  return answer;
}

Answer TestApi::action(std::string_view key, std::string_view name, std::string_view payload) {
  return as(key,
            {.method = net::Method::post,
             .target = "/api",
             .body = R"({"action":")" + std::string(name) + R"(","payload":)" + std::string(payload) + "}",
             .fields = {{"Content-Type", "application/json"}}});
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
