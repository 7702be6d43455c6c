#include "harness.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

namespace quire::bench {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double Row::ratio() const { return peer.empty() ? median(ours) : median(ours) / median(peer); }

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

namespace {
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Flushes and compactions that a run leaves behind would be billed to the next one.
void wait_until_idle() {
  constexpr auto kLook = std::chrono::milliseconds(100);
  constexpr double kIdleShare = 0.02;
  constexpr int kMostLooks = 600;
  for (int look = 0; look < kMostLooks; ++look) {
    const double before = processor_seconds();
    std::this_thread::sleep_for(kLook);
    const std::chrono::duration<double> waited = kLook;
    if (processor_seconds() - before < kIdleShare * waited.count()) return;
  }
}
}  // namespace

void Report::pair(const std::string& name, const std::string& unit, const Goal& goal,
                  const std::function<double()>& ours, const std::function<double()>& peer) {
  if (!wants(name)) return;
  Row row{.name = name, .unit = unit, .ours = {}, .peer = {}, .goal = goal};
  for (int run = 0; run < runs_; ++run) {
    wait_until_idle();
    row.ours.push_back(ours());
    wait_until_idle();
    row.peer.push_back(peer());
    std::fprintf(stderr, "  %s, run %d: ours %.4g, peer %.4g %s\n", name.c_str(), run + 1, row.ours.back(),
                 row.peer.back(), unit.c_str());
  }
  add(std::move(row));
}

void Report::add(Row row) { rows_.push_back(std::move(row)); }

namespace {
std::string spread(const std::vector<double>& values) {
  if (values.empty()) return "-";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return fmt::format("{:.4g} ({:.4g}-{:.4g})", median(values), *low, *high);
}

std::string verdict(const Row& row) {
  const double value = row.ratio();
  const auto reaches = [&](double goal) { return row.goal.at_most ? value <= goal : value >= goal; };
  if (row.goal.must == 0) return "";
  return reaches(row.goal.aim) ? "aim" : reaches(row.goal.must) ? "must" : "below";
}
}  // namespace

void Report::print() const {
  fmt::print("\n{}: medians of {} alternating runs, (least-most)\n", title_, runs_);
  fmt::print("{:<44} {:>26} {:>26} {:<10} {:>7} {:>6} {:>6}\n", "what", "ours", "peer", "unit", "ratio",
             "must", "aim");
  for (const Row& row : rows_) {
    fmt::print("{:<44} {:>26} {:>26} {:<10} {:>7.3g} {:>6} {:>6} {}\n", row.name, spread(row.ours),
               spread(row.peer), row.unit, row.ratio(), row.goal.must, row.goal.aim, verdict(row));
  }
}

bool Report::write_json(const std::string& path) const {
  std::ofstream out(path);
  out << fmt::format("{{\"title\":\"{}\",\"runs\":{},\"rows\":[", title_, runs_);
  for (const Row& row : rows_) {
    out << (&row == rows_.data() ? "" : ",")
        << fmt::format(
               "{{\"name\":\"{}\",\"unit\":\"{}\",\"ours\":[{}],\"peer\":[{}],\"ratio\":{},\"must\":{},"
               "\"aim\":{}}}",
               row.name, row.unit, fmt::join(row.ours, ","), fmt::join(row.peer, ","), row.ratio(),
               row.goal.must, row.goal.aim);
  }
  out << "]}\n";
  return out.good();
}

std::optional<double> run_step(const std::string& name, const std::string& directory) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  std::FILE* output = popen(fmt::format("'{}' step {} '{}'", program, name, directory).c_str(), "r");
  double answer = 0;
  const bool answered = output != nullptr && std::fscanf(output, "%lf", &answer) == 1;
  if (output != nullptr) pclose(output);
  return answered ? std::optional(answer) : std::nullopt;
}

void pin_to_core(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t disk_bytes(const std::string& directory) {
  std::uint64_t total = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    struct stat status {};
    if (entry.is_regular_file() && stat(entry.path().c_str(), &status) == 0) {
      total += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
  }
  return total;
}

TemporaryDirectory::TemporaryDirectory(const std::string& name)
    : path_((std::filesystem::temp_directory_path() / fmt::format("quire-bench-{}-{}", name, getpid()))
                .string()) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

TemporaryDirectory::~TemporaryDirectory() { std::filesystem::remove_all(path_); }

std::string TemporaryDirectory::path(const std::string& below) const {
  return below.empty() ? path_ : path_ + "/" + below;
}

}  // namespace quire::bench
