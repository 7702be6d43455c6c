#pragma once

namespace quire::cli {

// From here on SIGINT and SIGTERM only leave a note, so that a command that looks for it can end in order; a
// second one ends the process at once.
void take_interrupts();
bool interrupted();

}  // namespace quire::cli
