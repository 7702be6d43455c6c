#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quire::cli {

// What a command takes, for the pages and completions that are made of the table of commands.
struct ArgumentDescription {
  enum class Kind : unsigned char { positional, option, flag };

  Kind kind = Kind::option;
  std::string name;                // "--name", or of a positional its bare name
  std::vector<std::string> words;  // the only values it takes; empty: any
  std::string standard;            // the default; empty: none
  std::string help;
  bool required = false;
  bool repeated = false;
};

struct CommandDescription {
  std::string name;
  std::string summary;
  std::vector<ArgumentDescription> arguments;
};

// Every command of the table, in its order.
std::vector<CommandDescription> describe_commands();

std::string bash_completion(const std::vector<CommandDescription>& commands);
std::string zsh_completion(const std::vector<CommandDescription>& commands);
std::string fish_completion(const std::vector<CommandDescription>& commands);
// quire(1), in the macros of man(7).
std::string man_page(const std::vector<CommandDescription>& commands, std::string_view version);

}  // namespace quire::cli
