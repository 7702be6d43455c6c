#include "server/config.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "server/settings.h"

namespace quire::server {
namespace {

using std::chrono::milliseconds;
using ::testing::Test;

// The three sources as a test writes them down.
struct Sources {
  std::string file = {};
  std::map<std::string, std::string> environment = {};
  std::vector<std::pair<std::string, std::vector<std::string>>> flags = {};
};

Result<Config> build(const Sources& sources) {
  ConfigBuilder builder;
  QUIRE_TRY_STATUS(builder.take_file(sources.file, "quire.toml"));
  QUIRE_TRY_STATUS(builder.take_environment([&](const char* name) -> const char* {
    const auto found = sources.environment.find(name);
    return found == sources.environment.end() ? nullptr : found->second.c_str();
  }));
  for (const auto& [name, values] : sources.flags) QUIRE_TRY_STATUS(builder.take_flag(name, values));
  return builder.finish();
}

std::string refusal(const Sources& sources) {
  const auto config = build(sources);
  return config ? "taken" : config.error().message();
}

TEST(Config, WithoutAnythingIsLoopbackAndClosed) {
  const auto config = build({});
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->data, "./quire-data");
  ASSERT_EQ(config->listeners.size(), 1U);
  EXPECT_EQ(config->listeners[0], (Listener{{}, "127.0.0.1", 8800}));
  EXPECT_FALSE(config->dev);
  EXPECT_FALSE(config->insecure_plaintext);
  EXPECT_FALSE(config->allow_root);
  EXPECT_FALSE(config->has_tls());
  EXPECT_EQ(config->log_level, LogLevel::info);
}

// What the table says are the defaults of what the layers below say, so that neither is a surprise.
TEST(Config, DefaultsAreThoseOfTheLayersBelow) {
  const auto config = build({});
  const net::Limits limits;
  EXPECT_EQ(config->limits.request_line_bytes, limits.request_line_bytes);
  EXPECT_EQ(config->limits.head_bytes, limits.head_bytes);
  EXPECT_EQ(config->limits.fields, limits.fields);
  EXPECT_EQ(config->limits.head_time, limits.head_time);
  EXPECT_EQ(config->limits.idle_time, limits.idle_time);
  EXPECT_EQ(config->limits.body_bytes_per_second, limits.body_bytes_per_second);
  EXPECT_EQ(config->limits.answer_bytes_per_second, limits.answer_bytes_per_second);
  EXPECT_EQ(config->limits.connections, limits.connections);
  EXPECT_EQ(config->limits.connections_per_address, limits.connections_per_address);
  EXPECT_EQ(config->limits.stream_bytes, limits.stream_bytes);
  const api::Options options;
  EXPECT_EQ(config->body_bytes, options.body_bytes);
  EXPECT_EQ(config->attachment_bytes, options.attachment_bytes);
  EXPECT_EQ(config->waiting_calls, options.waiting_calls);
  EXPECT_EQ(config->streams, options.streams);
  EXPECT_EQ(config->feeds, options.feeds);
  EXPECT_EQ(config->accounts.feeds_each, options.feeds_each);
  const engine::QueryOptions queries;
  EXPECT_EQ(config->queries.slow, queries.slow);
  EXPECT_EQ(config->queries.budget.time, queries.budget.time);
  EXPECT_EQ(config->queries.budget.scanned_documents, queries.budget.scanned_documents);
  EXPECT_EQ(config->queries.budget.memory_bytes, queries.budget.memory_bytes);
  EXPECT_EQ(config->queries.budget.spilled_bytes, queries.budget.spilled_bytes);
  EXPECT_EQ(config->kv.database, options.kv.database);
  EXPECT_EQ(config->kv.hostname, options.kv.hostname);
  EXPECT_EQ(config->kv.max_key_length, options.kv.max_key_length);
  EXPECT_EQ(config->kv.max_value_length, options.kv.max_value_length);
}

TEST(Config, FlagsComeBeforeVariablesAndThoseBeforeTheFile) {
  Sources sources{.file = "data = \"file\"\nmemory = \"64MiB\"\n[limits]\nfields = 50\nhead-time = \"1s\"\n",
                  .environment = {{"QUIRE_DATA", "variable"}, {"QUIRE_LIMITS_FIELDS", "60"}},
                  .flags = {{"data", {"flag"}}}};
  const auto config = build(sources);
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->data, "flag");
  EXPECT_EQ(config->limits.fields, 60U);
  EXPECT_EQ(config->limits.head_time, milliseconds(1000));
  EXPECT_EQ(config->memory_bytes, 64U << 20);
  sources.flags.clear();
  EXPECT_EQ(build(sources)->data, "variable");
  sources.environment["QUIRE_DATA"] = "";  // as good as not set
  EXPECT_EQ(build(sources)->data, "file");
}

// Every setting can be said in each of the three ways, and none leaks into another.
TEST(Config, EverySettingHasAFileNameAFlagAndAVariable) {
  const std::map<Type, std::pair<std::string, std::string>> samples = {
      {Type::text, {"\"some\"", "some"}},
      {Type::path, {"\"some\"", "some"}},
      {Type::listener, {"[\"127.0.0.1:1\", \"kv=[::1]:2\"]", "127.0.0.1:1, kv=[::1]:2"}},
      {Type::texts, {"[\"http://a\", \"http://b\"]", "http://a,http://b"}},
      {Type::flag, {"true", "true"}},
      {Type::level, {"\"error\"", "error"}},
  };
  for (const Setting& setting : settings()) {
    auto [in_file, in_variable] = samples.contains(setting.type) ? samples.at(setting.type)
                                                                 : std::pair(std::to_string(setting.least),
                                                                             std::to_string(setting.least));
    if (setting.type == Type::time) {
      in_variable = print_time(milliseconds(setting.least));
      in_file = "\"" + in_variable + "\"";
    }
    const std::string name(setting.name);
    std::vector<std::string> texts{"http://a", "http://b"};
    if (name == "replication.networks") {
      texts = {"10.0.0.0/8", "fd00::1"};
      in_file = R"(["10.0.0.0/8", "fd00::1"])";
      in_variable = "10.0.0.0/8,fd00::1";
    }
    const auto by_file = build({.file = name + " = " + in_file + "\n"});
    const auto by_variable = build({.environment = {{setting.variable_name(), in_variable}}});
    const std::vector<std::string> flags =
        setting.type == Type::listener ? std::vector<std::string>{"127.0.0.1:1", "kv=[::1]:2"}
        : setting.type == Type::texts  ? texts
                                       : std::vector<std::string>{in_variable};
    const auto by_flag = build({.flags = {{name, flags}}});
    if (name.starts_with("tls.") && setting.type == Type::path) {  // one without the other
      EXPECT_FALSE(by_file);
      continue;
    }
    ASSERT_TRUE(by_file) << name << ": " << by_file.error().message();
    ASSERT_TRUE(by_variable) << name << ": " << by_variable.error().message();
    ASSERT_TRUE(by_flag) << name << ": " << by_flag.error().message();
    for (const auto& config : {*by_file, *by_variable, *by_flag}) {
      EXPECT_EQ(config.listeners.size(), setting.type == Type::listener ? 2U : 1U) << name;
      EXPECT_EQ(config.hosts.size(), name == "hosts" ? 2U : 0U) << name;
      EXPECT_EQ(config.dev, name == "dev") << name;
      EXPECT_EQ(config.allow_root, name == "allow-root") << name;
      EXPECT_EQ(config.insecure_plaintext, name == "insecure-plaintext") << name;
      EXPECT_EQ(config.data, name == "data" ? "some" : "./quire-data") << name;
      EXPECT_EQ(config.limits.fields, name == "limits.fields" ? 8U : 100U) << name;
    }
  }
}

TEST(Config, NamesAreUniqueInAllThreeWays) {
  std::set<std::string> names;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(names.insert(std::string(setting.name)).second) << setting.name;
    EXPECT_TRUE(names.insert(setting.flag_name()).second) << setting.flag_name();
    EXPECT_TRUE(names.insert(setting.variable_name()).second) << setting.variable_name();
    EXPECT_FALSE(setting.summary.empty()) << setting.name;
    EXPECT_EQ(find_setting(setting.name), &setting);
  }
}

TEST(Config, WhatNamesAPathAListenerAKeyOrWhoMayDoWhatIsFixed) {
  const std::set<std::string_view> rights = {"dev",
                                             "dev-time",
                                             "insecure-plaintext",
                                             "allow-root",
                                             "hosts",
                                             "tls.allow-1-2",
                                             "kv.hostname",
                                             "kv.port",
                                             "kv.mesh-url",
                                             "origins",
                                             "replication.networks",
                                             "accounts.registration",
                                             "accounts.password-memory",
                                             "accounts.password-passes"};
  for (const Setting& setting : settings()) {
    const bool is_place = setting.type == Type::path || setting.type == Type::listener;
    EXPECT_EQ(setting.startup_only, is_place || rights.contains(setting.name)) << setting.name;
  }
}

TEST(Config, AnOriginIsWrittenAsBrowsersDo) {
  const auto origins = [](std::vector<std::string> texts) {
    return build({.flags = {{"origins", std::move(texts)}}});
  };
  EXPECT_EQ(origins({"https://app.example", "http://localhost:3000"})->origins.size(), 2U);
  for (const std::string text : {"app.example", "https://app.example/", "https://", "*", "null",
                                 "https://App.example", "https://*.example", "https://a b"}) {
    const auto config = origins({text});
    ASSERT_FALSE(config) << text;
    EXPECT_NE(config.error().message().find("origins: expected https://HOST"), std::string::npos);
  }
}

TEST(Config, APasswordCostsNoLessThanItsFloor) {
  EXPECT_FALSE(build({.flags = {{"accounts.password-memory", {"18MiB"}}}}));
  EXPECT_FALSE(build({.flags = {{"accounts.password-passes", {"1"}}}}));
  const auto config = build({.flags = {{"accounts.password-memory", {"19MiB"}},
                                       {"accounts.password-passes", {"2"}},
                                       {"accounts.reservation-time", {"90s"}},
                                       {"accounts.registration", {"false"}}}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->accounts.password.memory_kib, 19U * 1024);
  EXPECT_EQ(config->accounts.password.passes, 2U);
  EXPECT_EQ(config->accounts.reservation, milliseconds(90'000));
  EXPECT_FALSE(config->accounts.registration);
}

TEST(Config, ErrorsOfAFileNameTheLineTheKeyAndWhatIsExpected) {
  EXPECT_EQ(refusal({.file = "\n\nfoo = 1\n"}),
            "quire.toml line 3: foo: there is no such setting; quire serve --help names all");
  EXPECT_EQ(refusal({.file = "[limits]\nfield = 1\n"}),
            "quire.toml line 2: limits.field: there is no such setting; quire serve --help names all");
  EXPECT_EQ(refusal({.file = "[limits]\nfields = \"many\"\n"}),
            "quire.toml line 2: limits.fields: expected a number, 8 to 10000, not a text");
  EXPECT_EQ(refusal({.file = "limits.fields = 7\n"}),
            "quire.toml line 1: limits.fields: expected a number, 8 to 10000");
  EXPECT_EQ(refusal({.file = "limits.fields = -7\n"}),
            "quire.toml line 1: limits.fields: expected a whole number");
  EXPECT_EQ(refusal({.file = "dev = \"true\"\n"}),
            "quire.toml line 1: dev: expected true or false, not a text");
  EXPECT_EQ(refusal({.file = "drain-time = 30\n"}),
            "quire.toml line 1: drain-time: expected a time, 0ms to 1h, not a whole number");
  EXPECT_EQ(refusal({.file = "data = [\"a\"]\n"}), "quire.toml line 1: data: expected a path, not a list");
  EXPECT_EQ(refusal({.file = "hosts = [\"a\", 1]\n"}),
            "quire.toml line 1: hosts: expected a list of texts, not a list");
  EXPECT_EQ(refusal({.file = "listen = []\n"}),
            "quire.toml line 1: listen: expected at least one [SURFACE=]ADDRESS:PORT");
  EXPECT_EQ(refusal({.file = "listen = [\"127.0.0.1\"]\n"}),
            "quire.toml line 1: listen: expected [SURFACE=]ADDRESS:PORT, such as 127.0.0.1:8800");
  EXPECT_EQ(refusal({.file = "limits = 3\n"}),
            "quire.toml line 1: limits: there is no such setting; quire serve --help names all");
  EXPECT_TRUE(refusal({.file = "data = \n"}).starts_with("quire.toml line 1: "))
      << refusal({.file = "data = \n"});
  EXPECT_TRUE(refusal({.file = "data = \"a\"\ndata = \"b\"\n"}).starts_with("quire.toml line 2: "));
  EXPECT_EQ(refusal({.file = "\"a\\nb\" = 1\n"}),
            "quire.toml line 1: a?b: there is no such setting; quire serve --help names all");
  EXPECT_LT(refusal({.file = std::string(10'000, 'x') + " = 1\n"}).size(), 400U);
  EXPECT_EQ(refusal({.file = "data = \"\xFF\"\n"}), "quire.toml is not UTF-8");
}

TEST(Config, ErrorsOfVariablesAndFlagsNameThem) {
  EXPECT_EQ(refusal({.environment = {{"QUIRE_LIMITS_FIELDS", "x"}}}),
            "$QUIRE_LIMITS_FIELDS: expected a whole number");
  EXPECT_EQ(refusal({.environment = {{"PORT", "http"}}}), "$PORT: expected a whole number");
  EXPECT_EQ(refusal({.flags = {{"log.level", {"loud"}}}}),
            "--log-level: expected debug, info, warning or error");
  EXPECT_EQ(refusal({.flags = {{"data", {"a", "b"}}}}), "--data: expected one value");
}

TEST(Config, AnUnfinishedPairOfTlsIsRefused) {
  EXPECT_EQ(refusal({.flags = {{"tls.key", {"a"}}}}), "tls.certificate and tls.key are given together");
  EXPECT_TRUE(build({.flags = {{"tls.key", {"a"}}, {"tls.certificate", {"b"}}}})->has_tls());
}

// The variables of the key-value service that was there before.
TEST(Config, PortMakesAKeyValueListenerUnlessOneIsNamed) {
  const auto plain = build({.environment = {{"PORT", "8081"}, {"HOSTNAME", "node-1"}}});
  ASSERT_TRUE(plain);
  ASSERT_EQ(plain->listeners.size(), 2U);
  EXPECT_EQ(plain->listeners[1], (Listener{api::Surface::kv, "127.0.0.1", 8081}));
  EXPECT_EQ(plain->kv.hostname, "node-1");

  const auto named = build({.environment = {{"PORT", "8081"}}, .flags = {{"listen", {"kv=127.0.0.1:9000"}}}});
  ASSERT_EQ(named->listeners.size(), 1U);
  EXPECT_EQ(named->listeners[0].port, 9000);

  const auto own = build({.environment = {{"HOSTNAME", "node-1"}, {"QUIRE_KV_HOSTNAME", "node-2"}}});
  EXPECT_EQ(own->kv.hostname, "node-2");
  EXPECT_EQ(build({.environment = {{"MESH_NETWORK_URL", "http://a:1"}}})->kv_mesh_url, "http://a:1");
}

TEST(Config, AnAddressIsNotListenedOnTwice) {
  EXPECT_EQ(refusal({.flags = {{"listen", {"127.0.0.1:8800", "kv=127.0.0.1:8800"}}}}),
            "listen: 127.0.0.1:8800 is named twice");
  EXPECT_TRUE(build({.flags = {{"listen", {"127.0.0.1:0", "kv=127.0.0.1:0"}}}}));
}

TEST(Config, AFileThatIsTooLargeIsNotRead) {
  EXPECT_EQ(build({.file = std::string((1 << 20) + 1, '#')}).error().code(), ErrorCode::too_large);
}

TEST(Config, TheReferenceHasEverySetting) {
  const std::string page = settings_reference();
  for (const Setting& setting : settings()) {
    EXPECT_NE(page.find("| `" + std::string(setting.name) + "` | `" + setting.flag_name() + "` | `" +
                        setting.variable_name() + "`"),
              std::string::npos)
        << setting.name;
  }
}

}  // namespace
}  // namespace quire::server
