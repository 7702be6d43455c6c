// crash_verify DIRECTORY LOG [--seed SEED]
//
// Opens the shard in DIRECTORY after a round of crash_worker and holds it to what LOG says. Prints the
// numbers as one line of JSON, and each finding as a line on the standard error output. Exits with 1 where
// there are any.

#include <cstdio>
#include <cstring>

#include "checker.h"
#include "event_log.h"

int main(int count, char** arguments) {
  if (count != 3 && !(count == 5 && std::strcmp(arguments[3], "--seed") == 0)) {
    std::fputs("crash_verify DIRECTORY LOG [--seed SEED]\n", stderr);
    return 2;
  }
  const auto report = quire::crash::check_directory(arguments[1], arguments[2],
                                                    count == 5 ? quire::crash::to_number(arguments[4]) : 1);
  for (const auto& finding : report.findings) std::fprintf(stderr, "%s\n", finding.c_str());
  std::puts(report.to_json().c_str());
  return report.findings.empty() ? 0 : 1;
}
