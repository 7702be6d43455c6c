#include "cli/description.h"

#include "cli/commands.h"

namespace quire::cli {

namespace {

using Kind = ArgumentDescription::Kind;

// Takes down what a command names.
class Recorder final : public Arguments {
 public:
  explicit Recorder(std::vector<ArgumentDescription>& into) : into_(into) {}

  void positional(std::string_view name, std::string&, std::string_view help) override {
    add(Kind::positional, name, help).required = true;
  }
  void optional_positional(std::string_view name, std::string&, std::string_view help) override {
    add(Kind::positional, name, help);
  }
  void positionals(std::string_view name, std::vector<std::string>&, std::string_view help) override {
    add(Kind::positional, name, help).repeated = true;
  }
  void required_choice(std::string_view name, std::string&, const std::vector<std::string>& words,
                       std::string_view help) override {
    auto& argument = add(Kind::positional, name, help);
    argument.required = true;
    argument.words = words;
  }
  void option(std::string_view name, std::string& value, std::string_view help) override {
    add(Kind::option, name, help).standard = value;
  }
  void choice(std::string_view name, std::string& value, const std::vector<std::string>& words,
              std::string_view help) override {
    auto& argument = add(Kind::option, name, help);
    argument.words = words;
    argument.standard = value;
  }
  void number(std::string_view name, std::uint64_t& value, std::string_view help) override {
    auto& argument = add(Kind::option, name, help);
    if (value != ~std::uint64_t{0}) argument.standard = std::to_string(value);
  }
  void flag(std::string_view name, bool&, std::string_view help) override { add(Kind::flag, name, help); }
  void values(std::string_view name, std::vector<std::string>&, bool is_flag, std::string_view standard,
              std::string_view help) override {
    auto& argument = add(is_flag ? Kind::flag : Kind::option, name, help);
    if (!is_flag) argument.standard = standard;
  }

 private:
  ArgumentDescription& add(Kind kind, std::string_view name, std::string_view help) {
    auto& argument = into_.emplace_back();
    argument.kind = kind;
    argument.name = name;
    argument.help = help;
    return argument;
  }

  std::vector<ArgumentDescription>& into_;
};

}  // namespace

std::vector<CommandDescription> describe_commands() {
  std::vector<CommandDescription> all;
  for (const CommandRow& row : kCommands) {
    auto& described = all.emplace_back();
    described.name = row.name;
    described.summary = row.summary;
    Recorder recorder(described.arguments);
    row.make()->define(recorder);
  }
  return all;
}

}  // namespace quire::cli
