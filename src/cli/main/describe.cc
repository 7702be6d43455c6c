#include <cstdio>
#include <string>

#include "cli/description.h"
#include "quire/quire.h"
#include "server/settings.h"

// Prints what the build makes of the tables of commands and settings: `describe bash|zsh|fish|man|settings`.
int main(int count, char** values) {
  using namespace quire;
  const std::string what = count == 2 ? values[1] : "";
  std::string text;
  if (what == "bash") text = cli::bash_completion(cli::describe_commands());
  if (what == "zsh") text = cli::zsh_completion(cli::describe_commands());
  if (what == "fish") text = cli::fish_completion(cli::describe_commands());
  if (what == "man") text = cli::man_page(cli::describe_commands(), v1::version());
  if (what == "settings") text = server::settings_reference();
  if (text.empty()) {
    std::fprintf(stderr, "describe bash|zsh|fish|man|settings\n");
    return 2;
  }
  return std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0 ? 1 : 0;
}
