#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "base/executor.h"
#include "database/catalog.h"
#include "document/filter.h"
#include "engine/body.h"
#include "node.h"

// Does in one process what the suites `query` and `couch` ask for a line each, over a data directory of its
// own, so that no server and no protocol are measured with it.
//
//   query_worker load DIRECTORY COLLECTION    documents from standard input, a line each, with their ids
//   query_worker serve DIRECTORY MEMORY       MEMORY in MiB, for the store's caches; then reads from standard
//   input
//     scan COLLECTION FILTER                  and answers "DOCUMENTS MATCHED SECONDS"
//     history                                 the last change of each document: "CHANGES SECONDS"

namespace quire::bench {

namespace {

constexpr std::size_t kBatch = 500;

template <class T>
T must(Result<T> result) {
  if (!result) die(result.error().to_string());
  return *std::move(result);
}

void must(const Status& status) {
  if (!status) die(status.error().to_string());
}

class Worker {
 public:
  Worker(const std::string& directory, std::uint64_t memory_bytes) : executor_(make_thread_pool(2)) {
    database::CatalogOptions options;
    options.memory_bytes = memory_bytes;
    catalog_ = must(database::Catalog::open(directory, options, system_clock(), system_random(), *executor_));
    shard_ = must(catalog_->use(must(catalog_->find("main")).id));
  }

  void load(const std::string& collection) {
    const auto id = must(shard_->create_collection(collection)).id;
    std::vector<database::Edit> edits;
    const auto write = [&] {
      const auto written = must(shard_->write(std::move(edits), {.durability = database::Durability::os}));
      for (const auto& row : written.rows) {
        if (!row) die(row.error().to_string());
      }
      edits.clear();
    };
    std::string line;
    while (std::getline(std::cin, line)) {
      auto parsed = must(engine::parse_document(line, {}));
      if (!parsed.id) die("a document without an id");
      database::Edit& edit = edits.emplace_back();
      edit.collection = id;
      edit.id = std::move(*parsed.id);
      edit.body = std::move(parsed.body).take();
      if (edits.size() == kBatch) write();
    }
    write();
    // As a store is that has been left alone for a while.
    must(shard_->store().flush());
    must(shard_->store().compact(storage::Family::documents, {}, {}));
  }

  void scan(std::string_view collection, std::string_view filter_text) {
    const auto info = shard_->collections().find(collection);
    if (!info) die("no such collection");
    const auto filter = must(document::Filter::parse(filter_text));
    document::Arena scratch;
    std::uint64_t documents = 0;
    std::uint64_t matched = 0;
    const auto begin = std::chrono::steady_clock::now();
    const auto view = must(shard_->view());
    const auto cursor = view->documents(info->id, {});
    while (must(cursor->advance())) {
      ++documents;
      if (must(filter.matches_text(cursor->body(), cursor->id(), scratch))) ++matched;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    fmt::print("{} {} {:.6f}\n", documents, matched, took.count());
    std::fflush(stdout);
  }

  void history() {
    std::uint64_t changes = 0;
    const auto begin = std::chrono::steady_clock::now();
    const auto cursor = shard_->history({.current_only = true});
    while (must(cursor->advance())) ++changes;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    fmt::print("{} {:.6f}\n", changes, took.count());
    std::fflush(stdout);
  }

  void serve() {
    std::string line;
    while (std::getline(std::cin, line)) {
      std::string_view rest = line;
      const auto word = [&] {
        const std::size_t space = std::min(rest.find(' '), rest.size());
        const std::string_view first = rest.substr(0, space);
        rest.remove_prefix(std::min(space + 1, rest.size()));
        return first;
      };
      const std::string_view command = word();
      if (command == "history") {
        history();
      } else if (command == "scan") {
        const std::string_view collection = word();
        scan(collection, rest);
      } else {
        die("no such command");
      }
    }
  }

 private:
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<database::Catalog> catalog_;
  std::shared_ptr<database::Shard> shard_;
};

int run(int argc, char** argv) {
  const std::string_view command = argc == 4 ? argv[1] : "";
  if (command == "load") {
    Worker(argv[2], 512 * kMiB).load(argv[3]);
  } else if (command == "serve") {
    Worker(argv[2], std::stoull(argv[3]) * kMiB).serve();
  } else {
    std::fputs("query_worker load DIRECTORY COLLECTION | serve DIRECTORY MEMORY\n", stderr);
    return 2;
  }
  return 0;
}

}  // namespace

}  // namespace quire::bench

int main(int argc, char** argv) { return quire::bench::run(argc, argv); }
