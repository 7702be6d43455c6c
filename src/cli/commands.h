#pragma once

#include <array>
#include <memory>

#include "cli/command.h"

namespace quire::cli {

std::unique_ptr<Command> make_serve();
std::unique_ptr<Command> make_admin();
std::unique_ptr<Command> make_user();
std::unique_ptr<Command> make_key();
std::unique_ptr<Command> make_import();
std::unique_ptr<Command> make_export();
std::unique_ptr<Command> make_get();
std::unique_ptr<Command> make_put();
std::unique_ptr<Command> make_remove();
std::unique_ptr<Command> make_changes();
std::unique_ptr<Command> make_replicate();
std::unique_ptr<Command> make_backup();
std::unique_ptr<Command> make_restore();
std::unique_ptr<Command> make_verify();
std::unique_ptr<Command> make_stat();
std::unique_ptr<Command> make_version();

struct CommandRow {
  const char* name;
  const char* summary;
  std::unique_ptr<Command> (*make)();
};

// Every command, in the order in which --help shows them; one file each.
inline constexpr std::array kCommands = {
    CommandRow{"serve", "answer over HTTP until a signal ends it", &make_serve},
    CommandRow{"admin", "give an administrator another password, where the server is not running",
               &make_admin},
    CommandRow{"user", "care for accounts", &make_user},
    CommandRow{"key", "care for API keys", &make_key},
    CommandRow{"import", "put the documents of files into a collection", &make_import},
    CommandRow{"export", "write the documents of a collection, or of all, to a file or files", &make_export},
    CommandRow{"get", "print a document", &make_get},
    CommandRow{"put", "write a document, from an argument or standard input", &make_put},
    CommandRow{"rm", "delete a document", &make_remove},
    CommandRow{"changes", "print the history of changes, one a line", &make_changes},
    CommandRow{"replicate", "move what a database has and another lacks", &make_replicate},
    CommandRow{"backup", "make a consistent copy of all databases", &make_backup},
    CommandRow{"restore", "make a fresh data directory of a backup", &make_restore},
    CommandRow{"verify", "read every stored byte and name what is damaged", &make_verify},
    CommandRow{"stat", "print what is stored, and how much of it", &make_stat},
    CommandRow{"version", "print the version", &make_version},
};

}  // namespace quire::cli
