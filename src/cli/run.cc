#include "cli/run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <set>

#include "cli/commands.h"
#include "cli/interrupt.h"

namespace quire::cli {

namespace {

constexpr int kFailed = 1;
constexpr int kNotUnderstood = 2;
constexpr int kInterrupted = 130;  // as shells answer for SIGINT

class AppArguments final : public Arguments {
 public:
  explicit AppArguments(CLI::App& app) : app_(app) {}

  void positional(std::string_view name, std::string& value, std::string_view help) override {
    app_.add_option(std::string(name), value, std::string(help))->required();
  }
  void optional_positional(std::string_view name, std::string& value, std::string_view help) override {
    app_.add_option(std::string(name), value, std::string(help));
  }
  void positionals(std::string_view name, std::vector<std::string>& values, std::string_view help) override {
    app_.add_option(std::string(name), values, std::string(help));
  }
  void option(std::string_view name, std::string& value, std::string_view help) override {
    show_default(app_.add_option(std::string(name), value, std::string(help)), value);
  }
  void required_choice(std::string_view name, std::string& value, const std::vector<std::string>& words,
                       std::string_view help) override {
    app_.add_option(std::string(name), value, std::string(help))->required()->check(CLI::IsMember(words));
  }
  void choice(std::string_view name, std::string& value, const std::vector<std::string>& words,
              std::string_view help) override {
    auto* const option = app_.add_option(std::string(name), value, std::string(help));
    option->check(CLI::IsMember(words));
    show_default(option, value);
  }
  void number(std::string_view name, std::uint64_t& value, std::string_view help) override {
    app_.add_option(std::string(name), value, std::string(help))->capture_default_str();
  }
  void flag(std::string_view name, bool& value, std::string_view help) override {
    app_.add_flag(std::string(name), value, std::string(help));
  }
  void values(std::string_view name, std::vector<std::string>& values, bool is_flag,
              std::string_view standard, std::string_view help) override {
    if (is_flag) {
      app_.add_flag_function(
          std::string(name), [&values](std::int64_t count) { values = {count > 0 ? "true" : "false"}; },
          std::string(help));
      return;
    }
    auto* const option = app_.add_option(std::string(name), values, std::string(help));
    option->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (!standard.empty()) option->default_str(std::string(standard));
  }

 private:
  static void show_default(CLI::Option* option, const std::string& value) {
    if (!value.empty()) option->default_str(value);
  }
  CLI::App& app_;
};

int finish(const Status& status) {
  if (status) return 0;
  if (status.error().code() == ErrorCode::cancelled && interrupted()) {
    std::fprintf(stderr, "quire: %s\n", status.error().message().c_str());
    return kInterrupted;
  }
  std::fprintf(stderr, "quire: %s\n", status.error().to_string().c_str());
  return kFailed;
}

int not_understood(const CLI::App& app, const CLI::ParseError& error) {
  // --help comes as one of these too.
  if (error.get_exit_code() == 0) return app.exit(error);
  std::fprintf(stderr, "quire: %s; see quire --help\n", error.what());
  return kNotUnderstood;
}

}  // namespace

int run(std::vector<std::string> arguments) {
  CLI::App app("Quire, a document database", "quire");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  std::vector<std::unique_ptr<Command>> commands;
  for (const CommandRow& row : kCommands) {
    commands.push_back(row.make());
    AppArguments named(*app.add_subcommand(row.name, row.summary));
    commands.back()->define(named);
  }
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return not_understood(app, error);
  }
  for (std::size_t i = 0; i < kCommands.size(); ++i) {
    if (app.got_subcommand(kCommands[i].name)) return finish(commands[i]->run());
  }
  return kNotUnderstood;
}

}  // namespace quire::cli
