#include <cstdio>
#include <cstdlib>
#include <string>

#include "documents.h"
#include "figures.h"

namespace {
// Documents of 1 KB with their ids, a line each, for loads that come from outside.
int print_documents(std::uint64_t count) {
  const quire::bench::DocumentMaker maker;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string text = maker.make(i);
    std::printf("{\"_id\":\"%s\",%s\n", quire::bench::DocumentMaker::id(i).c_str(), text.c_str() + 1);
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
}  // namespace

// quire_bench documents COUNT
// quire_bench storage|index|document|footprint|large [--only PART-OF-A-NAME] [--runs N] [--json FILE] [--in
// DIRECTORY] [--documents N]
int main(int argc, char** argv) {
  const std::string suite = argc > 1 ? argv[1] : "";
  std::string only;
  std::string json;
  std::string directory;
  int runs = 5;
  quire::bench::FootprintOptions footprint;
  if (suite == "step" && argc == 4) {
    const auto answer = quire::bench::large_step(argv[2], argv[3]);
    if (answer) std::printf("%.17g\n", *answer);
    return answer ? 0 : 2;
  }
  if (suite == "documents" && argc == 3) return print_documents(std::strtoull(argv[2], nullptr, 10));
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--only") only = argv[i + 1];
    if (option == "--json") json = argv[i + 1];
    if (option == "--in") directory = footprint.directory = argv[i + 1];
    if (option == "--documents") footprint.documents = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--runs") runs = std::atoi(argv[i + 1]);
  }
  quire::bench::Report report(suite, only, runs);
  if (suite == "storage") {
    quire::bench::storage_figures(report);
  } else if (suite == "index") {
    quire::bench::index_figures(report);
  } else if (suite == "document") {
    quire::bench::document_figures(report);
  } else if (suite == "footprint") {
    quire::bench::footprint_figures(report, footprint);
  } else if (suite == "large") {
    quire::bench::large_figures(report, directory);
  } else {
    std::fprintf(
        stderr,
        "quire_bench storage|index|document|footprint|large [--only NAME] [--runs N] [--json FILE] [--in "
        "DIRECTORY] [--documents N]\n");
    return 2;
  }
  report.print();
  return json.empty() || report.write_json(json) ? 0 : 1;
}
