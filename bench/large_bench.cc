#include <signal.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <random>
#include <thread>

#include "documents.h"
#include "figures.h"
#include "node.h"

// Ten million documents: gets, opening after a kill, memory under a budget. Needs 15 GB of disk and a quarter
// of an hour. What fills, is killed or is measured by its memory is a process of its own: an allocator keeps
// what was once in use.

namespace quire::bench {

namespace {

constexpr std::uint64_t kMany = 10'000'000;
constexpr std::uint64_t kFew = 100'000;
constexpr std::size_t kBytes = 512;

double get_micros(Node& node, std::uint64_t documents, std::size_t reads) {
  static std::mt19937_64 random(5);  // other documents in each run
  std::size_t bytes = 0;
  const double took = seconds([&] {
    for (std::size_t i = 0; i < reads; ++i) bytes += node.get(DocumentMaker::id(random() % documents));
  });
  if (bytes == 0) die("gets that found nothing");
  return took / static_cast<double>(reads) * 1e6;
}

// --- steps

double fill(const std::string& directory, std::uint64_t documents) {
  const DocumentMaker maker(kBytes);
  Node node(directory, 512 * kMiB);
  for (std::uint64_t from = 0; from < documents; from += documents / 10) {
    node.fill([&](std::uint64_t number) { return maker.make(number); }, from, from + documents / 10);
    std::fprintf(stderr, "  filled %llu of %llu\n", static_cast<unsigned long long>(from + documents / 10),
                 static_cast<unsigned long long>(documents));
  }
  return 0;
}

// Ids that no earlier run has used.
std::uint64_t fresh_base() { return kMany * (2 + std::random_device{}() % 100'000); }

// Writes until the log is as long as it gets, and is killed without closing anything.
double fill_and_die(const std::string& directory) {
  constexpr std::uint64_t kBatch = 500;
  constexpr std::uint64_t kLook = 400'000;  // after this the log has been full several times
  const DocumentMaker maker(kBytes);
  Node node(directory, 256 * kMiB);
  const std::uint64_t first = fresh_base();
  std::uint64_t longest = 0;
  for (std::uint64_t i = first;; i += kBatch) {
    node.fill([&](std::uint64_t number) { return maker.make(number); }, i, i + kBatch);
    const std::uint64_t log = node.shard()->store().stats().log_bytes;
    if (i - first > kLook && log * 10 > longest * 9) {
      std::fprintf(stderr, "  killed with a log of %.1f MB\n", static_cast<double>(log) / kMiB);
      raise(SIGKILL);
    }
    longest = std::max(longest, log);
  }
}

// Two readers and two writers for a minute, under a budget of 256 MB: the most that was resident, in budgets.
double memory_under_load(const std::string& directory) {
  const DocumentMaker maker(kBytes);
  Node node(directory, 256 * kMiB);
  std::atomic<bool> over = false;
  std::atomic<std::uint64_t> next = fresh_base();
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
  return static_cast<double>(most) / (256.0 * kMiB);
}

// --- figures

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
    std::fprintf(stderr, "  random get: %.2f us, %.2f us\n", row.ours.back(), row.peer.back());
  }
  report.add(std::move(row));
}

void open_after_kill(Report& report, const std::string& many) {
  Row row{.name = "open with 10,000,000 documents after kill -9",
          .unit = "s",
          .ours = {},
          .peer = {},
          .goal = {2.0, 0.5, true}};
  if (!report.wants(row.name)) return;
  for (int run = 0; run < report.runs(); ++run) {
    run_step("fill-and-die", many);
    row.ours.push_back(seconds([&] {
      Node node(many, 256 * kMiB);
      node.get(DocumentMaker::id(1));
    }));
    std::fprintf(stderr, "  opened in %.3f s\n", row.ours.back());
  }
  report.add(std::move(row));
}

void resident_memory(Report& report, const std::string& many) {
  Row row{.name = "resident memory under a budget of 256 MB",
          .unit = "budgets",
          .ours = {},
          .peer = {},
          .goal = {1.25, 1.1, true}};
  if (!report.wants(row.name)) return;
  row.ours.push_back(run_step("memory", many).value_or(0));
  report.add(std::move(row));
}

}  // namespace

std::optional<double> large_step(const std::string& name, const std::string& directory) {
  if (name == "fill-many") return fill(directory, kMany);
  if (name == "fill-few") return fill(directory, kFew);
  if (name == "fill-and-die") return fill_and_die(directory);
  if (name == "memory") return memory_under_load(directory);
  return std::nullopt;
}

void large_figures(Report& report, const std::string& kept) {
  const TemporaryDirectory directory("large");
  const std::string many = kept.empty() ? directory.path("many") : kept + "/many";
  const std::string few = kept.empty() ? directory.path("few") : kept + "/few";
  if (!std::filesystem::exists(few)) run_step("fill-few", few);
  if (!std::filesystem::exists(many)) run_step("fill-many", many);
  resident_memory(report, many);
  random_gets(report, many, few);
  open_after_kill(report, many);
}

}  // namespace quire::bench
