#include "cli/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace quire::cli {

Error system_error(const std::string& what, int number) {
  return Error(ErrorCode::io, what + ": " + std::generic_category().message(number));
}

Output::~Output() {
  if (temporary_.empty()) return;
  ::close(file_);
  ::unlink(temporary_.c_str());
}

Status Output::open(const std::string& path, bool synced) {
  path_ = path;
  synced_ = synced;
  temporary_ = path + ".partial";
  file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ >= 0) return ok();
  const int number = errno;
  temporary_.clear();
  return system_error("cannot make " + name(), number);
}

Status Output::flush() {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("cannot write " + name(), errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  text_.clear();
  return ok();
}

Status Output::write(std::string_view bytes) {
  text_ += bytes;
  return step();
}

Status Output::close() {
  QUIRE_TRY_STATUS(flush());
  if (temporary_.empty()) return ok();
  if (synced_ && ::fsync(file_) != 0) return system_error("cannot write " + name(), errno);
  ::close(file_);
  const std::string from = std::move(temporary_);
  temporary_.clear();
  if (std::rename(from.c_str(), path_.c_str()) == 0) return ok();
  const int number = errno;
  ::unlink(from.c_str());
  return system_error("cannot make " + name(), number);
}

}  // namespace quire::cli
