#include <cstdio>
#include <cstdlib>
#include <map>

#include "cli/commands.h"
#include "server/serve.h"
#include "server/settings.h"

namespace quire::cli {

namespace {

class Serve final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.option("--config", config_path_, "a file of settings, TOML (also: $QUIRE_CONFIG)");
    for (const server::Setting& setting : server::settings()) {
      arguments.values(setting.flag_name(), given_[&setting], setting.type == server::Type::flag,
                       setting.standard,
                       std::string(setting.summary) + " (also: $" + setting.variable_name() + ")");
    }
  }

  Status run() override {
    QUIRE_TRY(const server::Config config, make_config());
    return server::serve(config, [](const std::string& line) {
      std::printf("%s\n", line.c_str());
      std::fflush(stdout);
    });
  }

 private:
  Result<server::Config> make_config() {
    server::ConfigBuilder builder;
    if (const char* const path = std::getenv("QUIRE_CONFIG"); config_path_.empty() && path != nullptr) {
      config_path_ = path;
    }
    if (!config_path_.empty()) {
      QUIRE_TRY(const std::string text, server::read_config_file(config_path_));
      QUIRE_TRY_STATUS(builder.take_file(text, config_path_));
    }
    QUIRE_TRY_STATUS(builder.take_environment([](const char* name) { return std::getenv(name); }));
    for (const auto& [setting, values] : given_) {
      if (!values.empty()) QUIRE_TRY_STATUS(builder.take_flag(setting->name, values));
    }
    return builder.finish();
  }

  std::string config_path_;
  std::map<const server::Setting*, std::vector<std::string>> given_;
};

}  // namespace

std::unique_ptr<Command> make_serve() { return std::make_unique<Serve>(); }

}  // namespace quire::cli
