#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/text.h"

namespace quire::cli {

namespace {
constexpr std::chrono::milliseconds kEvery{200};
constexpr int kBarWidth = 30;

std::string minutes(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::lround(std::clamp(seconds, 0.0, 359'999.0)));
  std::string rest = std::to_string(whole % 60);
  if (rest.size() == 1) rest.insert(0, "0");
  return std::to_string(whole / 60) + ":" + rest;
}
}  // namespace

std::string progress_line(double part, std::uint64_t documents, std::chrono::duration<double> elapsed) {
  std::string line;
  const double seconds = std::max(elapsed.count(), 0.001);
  if (part > 0) {
    const double shown = std::min(part, 1.0);
    const int filled = static_cast<int>(shown * kBarWidth);
    line += "[" + std::string(static_cast<std::size_t>(filled), '=') + ">" +
            std::string(static_cast<std::size_t>(kBarWidth - filled), ' ') + "] ";
    const std::string percent = std::to_string(static_cast<int>(shown * 100));
    line += std::string(3 - percent.size(), ' ') + percent + " %  ";
  }
  line += counted(documents, "document") + "  " +
          grouped(static_cast<std::uint64_t>(static_cast<double>(documents) / seconds)) + "/s";
  if (part > 0) line += "  " + minutes(seconds / std::min(part, 1.0) - seconds) + " left";
  return line;
}

Progress::Progress(const Clock& clock, std::uint64_t total)
    : clock_(clock),
      total_(total),
      start_(clock.steady()),
      on_terminal_(::isatty(STDERR_FILENO) == 1),
      next_(start_ + kEvery) {}

void Progress::show(std::uint64_t done, std::uint64_t documents) {
  if (!on_terminal_ || clock_.steady() < next_) return;
  next_ = clock_.steady() + kEvery;
  shown_ = true;
  const double part = total_ == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total_);
  std::fprintf(stderr, "\r\033[K%s", progress_line(part, documents, clock_.steady() - start_).c_str());
}

void Progress::clear() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace quire::cli
