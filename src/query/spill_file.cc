#include "query/spill_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace quire::query {

namespace {

constexpr std::string_view kPrefix = "spill-";

Error io_error(const char* doing, int cause) {
  const ErrorCode code = cause == ENOSPC || cause == EDQUOT ? ErrorCode::exhausted : ErrorCode::io;
  return Error(
      code, std::string(doing) + " a temporary file of a query: " + std::generic_category().message(cause));
}

std::string next_name(const std::string& directory) {
  static std::atomic<std::uint64_t> made{0};
  return directory + "/" + std::string(kPrefix) + std::to_string(::getpid()) + "-" +
         std::to_string(made.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace

Result<SpillFile> SpillFile::make(const std::string& directory) {
  if (directory.empty()) {
    return Error(ErrorCode::exhausted,
                 "the query needs more memory than one may have, and may not use the disk");
  }
  const std::string name = next_name(directory);
  const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return io_error("making", errno);
  SpillFile made(file);
  if (::unlink(name.c_str()) != 0) return io_error("unlinking", errno);
  return made;
}

SpillFile::SpillFile(SpillFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)), size_(std::exchange(other.size_, 0)) {}

SpillFile& SpillFile::operator=(SpillFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(size_, other.size_);
  return *this;
}

SpillFile::~SpillFile() {
  if (file_ >= 0) ::close(file_);
}

Status SpillFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("writing", errno);
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ok();
}

Status SpillFile::read(std::uint64_t offset, char* into, std::size_t size) const {
  while (size > 0) {
    const ssize_t got = ::pread(file_, into, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("reading", errno);
    if (got == 0) return Error(ErrorCode::io, "a temporary file of a query is shorter than was written");
    into += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return ok();
}

Status prepare_spill_directory(const std::string& directory) {
  namespace fs = std::filesystem;
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return io_error("making the folder of", errno);
  std::error_code failed;
  fs::directory_iterator entries(directory, failed);
  while (!failed && entries != fs::directory_iterator()) {
    const fs::path path = entries->path();
    entries.increment(failed);
    std::error_code left;
    if (path.filename().string().starts_with(kPrefix)) fs::remove(path, left);
  }
  if (failed) return io_error("looking for", failed.value());
  return ok();
}

}  // namespace quire::query
