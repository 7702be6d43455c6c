#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

// Runs ours and its peer in one process, alternating, so that a drift of the machine meets both, and prints
// medians with their ratio.
namespace quire::bench {

struct Goal {
  double must = 0;
  double aim = 0;
  bool at_most = false;  // the ratio, or the value, should stay below
};

struct Row {
  std::string name;
  std::string unit;
  std::vector<double> ours;
  std::vector<double> peer;  // empty: a value of its own
  Goal goal;
  double ratio() const;  // of the medians; without a peer: the median
};

double median(std::vector<double> values);

class Report {
 public:
  // `only`: run the rows whose names contain it; empty: all.
  Report(std::string title, std::string only, int runs)
      : title_(std::move(title)), only_(std::move(only)), runs_(runs) {}

  bool wants(const std::string& name) const { return name.find(only_) != std::string::npos; }
  int runs() const { return runs_; }

  // Five runs (or as many as asked for) of each, in turn. Each call answers a rate or a size, in `unit`.
  void pair(const std::string& name, const std::string& unit, const Goal& goal,
            const std::function<double()>& ours, const std::function<double()>& peer);
  void add(Row row);

  void print() const;
  bool write_json(const std::string& path) const;

 private:
  std::string title_;
  std::string only_;
  int runs_;
  std::vector<Row> rows_;
};

// Seconds that `work` took.
double seconds(const std::function<void()>& work);

// Runs a part of a suite, large_step(), as a process of its own; what it answered, or nothing where it was
// killed.
std::optional<double> run_step(const std::string& name, const std::string& directory);

// Binds the process, and what it starts, to one core.
void pin_to_core(int core);

// Resident bytes of this process.
std::uint64_t resident_bytes();
// Bytes of all files below a directory, as they lie on disk.
std::uint64_t disk_bytes(const std::string& directory);

// A directory of its own below $TMPDIR, removed at the end.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& name);
  ~TemporaryDirectory();
  std::string path(const std::string& below = {}) const;

 private:
  std::string path_;
};

}  // namespace quire::bench
