#include <algorithm>

#include "cli/description.h"

// Each shell gets what the table says: the commands, their options, the words that an option takes, and names
// of files for everything else.
namespace quire::cli {

namespace {

using Kind = ArgumentDescription::Kind;

bool is_option(const ArgumentDescription& argument) { return argument.kind != Kind::positional; }

std::string joined(const std::vector<std::string>& words, std::string_view between = " ") {
  std::string out;
  for (const auto& word : words) out.append(out.empty() ? "" : between).append(word);
  return out;
}

// In single quotes of a POSIX shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out.push_back(c);
    }
  }
  return out + "'";
}

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "'";
}

// For the descriptions of _arguments, where these mean something.
std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::vector<std::string> option_names(const CommandDescription& command) {
  std::vector<std::string> names = {"--help"};
  for (const auto& argument : command.arguments) {
    if (is_option(argument)) names.push_back(argument.name);
  }
  return names;
}

std::vector<std::string> positional_words(const CommandDescription& command) {
  for (const auto& argument : command.arguments) {
    if (!is_option(argument) && !argument.words.empty()) return argument.words;
  }
  return {};
}

}  // namespace

std::string bash_completion(const std::vector<CommandDescription>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const auto& command : commands) names.push_back(command.name);
  std::string out =
      "# Completion of quire for bash; made of its table of commands.\n"
      "_quire() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W " +
      quoted(joined(names) + " --help") +
      " -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"$command $before\" in\n";
  for (const auto& command : commands) {
    for (const auto& argument : command.arguments) {
      if (argument.kind != Kind::option || argument.words.empty()) continue;
      out += "    " + quoted(command.name + " " + argument.name) + ") COMPREPLY=($(compgen -W " +
             quoted(joined(argument.words)) + " -- \"$word\")); return ;;\n";
    }
  }
  out += "  esac\n  case $command in\n";
  for (const auto& command : commands) {
    out += "    " + command.name + ")\n      [[ $word != -* ]] || COMPREPLY=($(compgen -W " +
           quoted(joined(option_names(command))) + " -- \"$word\"))\n";
    if (const auto words = positional_words(command); !words.empty()) {
      out +=
          "      [[ $word == -* ]] || COMPREPLY=($(compgen -W " + quoted(joined(words)) + " -- \"$word\"))\n";
    }
    out += "      ;;\n";
  }
  return out + "  esac\n}\ncomplete -o default -F _quire quire\n";
}

std::string zsh_completion(const std::vector<CommandDescription>& commands) {
  std::string out =
      "#compdef quire\n"
      "# Completion of quire for zsh; made of its table of commands.\n"
      "_quire() {\n"
      "  local -a commands=(\n";
  for (const auto& command : commands) {
    out += "    " + quoted(command.name + ":" + zsh_escaped(command.summary)) + "\n";
  }
  out +=
      "  )\n"
      "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const auto& command : commands) {
    out += "    " + command.name + ") _arguments \\\n      '--help[show the options]'";
    for (const auto& argument : command.arguments) {
      std::string specification;
      const std::string action = argument.words.empty() ? "_files" : "(" + joined(argument.words) + ")";
      if (argument.kind == Kind::positional) {
        specification = (argument.repeated   ? "*:"
                         : argument.required ? ":"
                                             : "::") +
                        zsh_escaped(argument.name) + ":" + action;
      } else {
        specification = argument.name + "[" + zsh_escaped(argument.help) + "]";
        if (argument.kind == Kind::option) specification += ":value:" + action;
      }
      out += " \\\n      " + quoted(specification);
    }
    out += " ;;\n";
  }
  return out + "  esac\n}\n_quire \"$@\"\n";
}

std::string fish_completion(const std::vector<CommandDescription>& commands) {
  std::string out = "# Completion of quire for fish; made of its table of commands.\n";
  for (const auto& command : commands) {
    out += "complete -c quire -n __fish_use_subcommand -f -a " + command.name + " -d " +
           fish_quoted(command.summary) + "\n";
  }
  for (const auto& command : commands) {
    const std::string here =
        "complete -c quire -n " + fish_quoted("__fish_seen_subcommand_from " + command.name);
    if (const auto words = positional_words(command); !words.empty()) {
      out += here + " -f -a " + fish_quoted(joined(words)) + "\n";
    }
    for (const auto& argument : command.arguments) {
      if (!is_option(argument)) continue;
      out += here + " -l " + argument.name.substr(2);
      if (argument.kind == Kind::option)
        out += argument.words.empty() ? " -r" : " -x -a " + fish_quoted(joined(argument.words));
      out += " -d " + fish_quoted(argument.help) + "\n";
    }
  }
  return out;
}

}  // namespace quire::cli
