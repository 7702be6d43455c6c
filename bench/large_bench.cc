#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <random>
#include <thread>

#include "documents.h"
#include "figures.h"
#include "node.h"

// Ten million documents: gets, opening after a kill, memory under a budget. Needs 15 GB of disk and half an
// hour.

namespace quire::bench {

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kMany = 10'000'000;
constexpr std::uint64_t kFew = 100'000;
constexpr std::size_t kBytes = 512;

double get_micros(Node& node, std::uint64_t documents, std::size_t reads) {
  std::mt19937_64 random(5);
  std::size_t bytes = 0;
  const double took = seconds([&] {
    for (std::size_t i = 0; i < reads; ++i) bytes += node.get(DocumentMaker::id(random() % documents));
  });
  if (bytes == 0) die("gets that found nothing");
  return took / static_cast<double>(reads) * 1e6;
}

void fill(const std::string& directory, std::uint64_t documents, std::uint64_t memory) {
  const DocumentMaker maker(kBytes);
  Node node(directory, memory);
  for (std::uint64_t from = 0; from < documents; from += documents / 10) {
    node.fill([&](std::uint64_t number) { return maker.make(number); }, from, from + documents / 10);
    std::fprintf(stderr, "  filled %llu of %llu\n", static_cast<unsigned long long>(from + documents / 10),
                 static_cast<unsigned long long>(documents));
  }
}

void random_gets(Report& report, const std::string& many, const std::string& few) {
  Row row{.name = "random get at 10,000,000, to the same at 100,000",
          .unit = "us",
          .ours = {},
          .peer = {},
          .goal = {2.5, 1.5, true}};
  if (!report.wants(row.name)) return;
  Node large(many, kMany * kBytes / 10);
  Node small(few, kFew * kBytes / 10);
  get_micros(large, kMany, 200'000);
  get_micros(small, kFew, 200'000);
  for (int run = 0; run < report.runs(); ++run) {
    row.ours.push_back(get_micros(large, kMany, 50'000));
    row.peer.push_back(get_micros(small, kFew, 50'000));
  }
  report.add(std::move(row));
}

// A child fills the log without closing anything and is killed; then the directory is opened.
void open_after_kill(Report& report, const std::string& many) {
  Row row{.name = "open with 10,000,000 documents after kill -9",
          .unit = "s",
          .ours = {},
          .peer = {},
          .goal = {2.0, 0.5, true}};
  if (!report.wants(row.name)) return;
  for (int run = 0; run < report.runs(); ++run) {
    const pid_t child = fork();
    if (child == 0) {
      const DocumentMaker maker(kBytes);
      Node node(many, 256 * kMiB);
      std::uint64_t longest = 0;
      for (std::uint64_t i = kMany + static_cast<std::uint64_t>(run) * 1'000'000;; i += 500) {
        node.fill([&](std::uint64_t number) { return maker.make(number); }, i, i + 500);
        const std::uint64_t log = node.shard()->store().stats().log_bytes;
        longest = std::max(longest, log);
        // Full: the log has just been as long as it gets, 30 MB of records and more.
        if (log > 40 * kMiB || (longest > 30 * kMiB && log == longest && i % 7 == 0)) kill(getpid(), SIGKILL);
      }
    }
    int status = 0;
    waitpid(child, &status, 0);
    row.ours.push_back(seconds([&] {
      Node node(many, 256 * kMiB);
      node.get(DocumentMaker::id(1));
    }));
    std::fprintf(stderr, "  opened in %.3f s\n", row.ours.back());
  }
  report.add(std::move(row));
}

// Two readers and two writers for a minute, under a budget of 256 MB.
void memory_under_load(Report& report, const std::string& many) {
  Row row{.name = "resident memory under a budget of 256 MB",
          .unit = "budgets",
          .ours = {},
          .peer = {},
          .goal = {1.25, 1.1, true}};
  if (!report.wants(row.name)) return;
  const DocumentMaker maker(kBytes);
  Node node(many, 256 * kMiB);
  std::atomic<bool> over = false;
  std::atomic<std::uint64_t> next = 2 * kMany;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<std::uint64_t>(t));
      while (!over) node.get(DocumentMaker::id(random() % kMany));
    });
    threads.emplace_back([&] {
      while (!over) {
        const std::uint64_t from = next.fetch_add(100);
        node.fill([&](std::uint64_t number) { return maker.make(number); }, from, from + 100);
      }
    });
  }
  std::uint64_t most = 0;
  for (int second = 0; second < 60; ++second) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    most = std::max(most, resident_bytes());
    if (second % 10 == 9)
      std::fprintf(stderr, "  %d s: %.0f MB\n", second + 1, static_cast<double>(most) / kMiB);
  }
  over = true;
  for (auto& thread : threads) thread.join();
  row.ours.push_back(static_cast<double>(most) / (256.0 * kMiB));
  report.add(std::move(row));
}

}  // namespace

void large_figures(Report& report) {
  const TemporaryDirectory directory("large");
  const std::string many = directory.path("many");
  const std::string few = directory.path("few");
  fill(few, kFew, kFew * kBytes / 10);
  fill(many, kMany, 512 * kMiB);
  memory_under_load(report, many);
  random_gets(report, many, few);
  open_after_kill(report, many);
}

}  // namespace quire::bench
