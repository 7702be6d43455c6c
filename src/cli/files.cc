#include "cli/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli/interrupt.h"
#include "cli/output.h"

namespace quire::cli {

namespace {
// How soon a reader that waits sees an interrupt.
constexpr int kWaitMs = 100;
}  // namespace

FileSource::~FileSource() {
  if (file_ > 0) ::close(file_);
}

Status FileSource::open(const std::string& path) {
  name_ = path == "-" ? "standard input" : "'" + path + "'";
  file_ = path == "-" ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0 && errno == ENOENT) return Error(ErrorCode::not_found, "there is no file " + name_);
  if (file_ < 0) return system_error("cannot open " + name_, errno);
  struct stat about = {};
  if (::fstat(file_, &about) != 0) return system_error("cannot open " + name_, errno);
  waits_ = !S_ISREG(about.st_mode);
  if (!waits_) size_ = static_cast<std::uint64_t>(about.st_size);
  return ok();
}

Result<std::size_t> FileSource::read(char* into, std::size_t capacity) {
  for (;;) {
    if (interrupted()) return std::size_t{0};
    if (waits_) {
      struct pollfd waiting = {.fd = file_, .events = POLLIN, .revents = 0};
      const int ready = ::poll(&waiting, 1, kWaitMs);
      if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
      if (ready < 0) return system_error("cannot read " + name_, errno);
    }
    const ssize_t count = ::read(file_, into, capacity);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return system_error("cannot read " + name_, errno);
  }
}

Result<std::string> FileSource::read_all(std::uint64_t limit) {
  std::string text;
  constexpr std::size_t kPiece = 1 << 16;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kPiece);
    QUIRE_TRY(const std::size_t count, read(text.data() + before, kPiece));
    text.resize(before + count);
    if (interrupted()) return Error(ErrorCode::cancelled, "interrupted; nothing was written");
    if (count == 0) return text;
    if (text.size() > limit) {
      return Error(ErrorCode::too_large, name_ + " holds more than " + std::to_string(limit) + " bytes")
          .over(limit);
    }
  }
}

}  // namespace quire::cli
