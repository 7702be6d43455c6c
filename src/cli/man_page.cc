#include "cli/description.h"

namespace quire::cli {

namespace {

using Kind = ArgumentDescription::Kind;

// As text for troff: a hyphen is one, and no line is a request.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += std::string("\\&") + c;
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string synopsis(const CommandDescription& command) {
  std::string out = ".B quire " + escaped(command.name) + "\n";
  for (const auto& argument : command.arguments) {
    if (argument.kind != Kind::positional) continue;
    const std::string name = "\\fI" + escaped(argument.name) + "\\fR" + (argument.repeated ? "..." : "");
    out += (argument.required ? name : "[" + name + "]") + "\n";
  }
  return out + "[\\fIoptions\\fR]\n";
}

void print_argument(const ArgumentDescription& argument, std::string& out) {
  out += ".TP\n";
  if (argument.kind == Kind::positional) {
    out += "\\fI" + escaped(argument.name) + "\\fR\n";
  } else {
    out += "\\fB" + escaped(argument.name) + "\\fR";
    if (argument.kind == Kind::option && argument.words.empty()) out += " \\fIVALUE\\fR";
    for (std::size_t i = 0; i < argument.words.size(); ++i) {
      out += (i == 0 ? " " : "|") + escaped(argument.words[i]);
    }
    out += "\n";
  }
  out += escaped(argument.help);
  if (!argument.standard.empty()) out += " (default: " + escaped(argument.standard) + ")";
  out += "\n";
}

}  // namespace

std::string man_page(const std::vector<CommandDescription>& commands, std::string_view version) {
  std::string out = ".TH QUIRE 1 \"\" \"quire " + std::string(version) +
                    "\" \"User Commands\"\n"
                    ".SH NAME\nquire \\- a document database\n"
                    ".SH SYNOPSIS\n.B quire\n\\fIcommand\\fR [\\fIarguments\\fR]\n"
                    ".SH DESCRIPTION\n"
                    "Keeps JSON documents in a directory, and serves them over HTTP.\n"
                    "Answers go to standard output, everything else to standard error.\n"
                    ".SH COMMANDS\n";
  for (const auto& command : commands) {
    out += ".SS " + escaped(command.name) + "\n" + synopsis(command) + ".PP\n" + escaped(command.summary) +
           ".\n";
    for (const auto& argument : command.arguments) print_argument(argument, out);
  }
  out +=
      ".SH EXIT STATUS\n"
      "0: all was done. 1: not all, and one line says why. 2: the arguments were not understood.\n"
      "130: an interrupt ended it.\n"
      ".SH ENVIRONMENT\n"
      ".TP\n.B QUIRE_DATA\nthe data directory where\n.B \\-\\-data\nis not given\n"
      ".TP\n.B QUIRE_SERVER\nthe server that commands speak to where\n.B \\-\\-server\nis not given\n"
      ".TP\n.B QUIRE_KEY\nthe key that they show it\n"
      ".PP\nEvery setting of\n.B quire serve\nhas a variable of its own, named with its option.\n";
  return out;
}

}  // namespace quire::cli
