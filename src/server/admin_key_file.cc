#include "server/admin_key_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "database/data_directory.h"

namespace quire::server {

namespace {

constexpr std::size_t kLargestFile = 4096;  // a key takes less than a hundred bytes

std::string path_of(const std::string& data_directory) { return data_directory + "/admin-key"; }

Error io_error(const std::string& doing, int cause) {
  return Error(ErrorCode::io, doing + ": " + std::generic_category().message(cause));
}

// Writes, syncs and closes.
Status write_whole(int file, const std::string& path, std::string_view bytes) {
  const ssize_t written = ::write(file, bytes.data(), bytes.size());
  const bool whole = written == static_cast<ssize_t>(bytes.size());
  int cause = whole ? 0 : written < 0 ? errno : ENOSPC;
  if (cause == 0 && ::fsync(file) != 0) cause = errno;
  if (::close(file) != 0 && cause == 0) cause = errno;
  if (cause == 0) return ok();
  ::unlink(path.c_str());
  return io_error("write " + path, cause);
}

}  // namespace

Result<std::optional<StoredKey>> load_admin_key(const std::string& data_directory) {
  const std::string path = path_of(data_directory);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return std::optional<StoredKey>();
    return io_error("open " + path, errno);
  }
  std::string bytes(kLargestFile, '\0');
  const ssize_t size = ::read(file, bytes.data(), bytes.size());
  const int cause = errno;
  ::close(file);
  if (size < 0) return io_error("read " + path, cause);
  bytes.resize(static_cast<std::size_t>(size));
  auto key = decode_admin_key(bytes);
  if (!key) {
    return Error(key.error().code(),
                 path + " " + key.error().message() + "; quire admin reset-key makes another one");
  }
  return std::optional(*std::move(key));
}

Status save_admin_key(const std::string& data_directory, const StoredKey& key) {
  const std::string path = path_of(data_directory);
  const std::string next = path + ".next";
  constexpr mode_t kOwnersOnly = 0600;
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnersOnly);
  if (file < 0) return io_error("make " + next, errno);
  QUIRE_TRY_STATUS(write_whole(file, next, encode(key)));
  if (std::rename(next.c_str(), path.c_str()) != 0) return io_error("rename " + next, errno);
  return database::sync_directory(data_directory);
}

}  // namespace quire::server
