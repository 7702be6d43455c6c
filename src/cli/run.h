#pragma once

#include <string>
#include <vector>

namespace quire::cli {

// The whole program: parses the arguments (without the program's own name), runs the command, and answers the
// exit status: 0 done, 1 failed, 2 not understood, 130 interrupted.
int run(std::vector<std::string> arguments);

}  // namespace quire::cli
