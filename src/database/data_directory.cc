#include "database/data_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

namespace quire::database {

namespace fs = std::filesystem;

namespace {

Error io_error(const std::string& doing, const std::error_code& cause) {
  return Error(ErrorCode::io, doing + ": " + cause.message());
}

Result<std::vector<std::string>> names_in(const std::string& directory) {
  std::error_code failed;
  std::vector<std::string> names;
  fs::directory_iterator entries(directory, failed);
  while (!failed && entries != fs::directory_iterator()) {
    names.push_back(entries->path().filename().string());
    entries.increment(failed);
  }
  if (failed) return io_error("read " + directory, failed);
  std::sort(names.begin(), names.end());
  return names;
}

std::string parent_of(const std::string& path) {
  std::error_code failed;
  const fs::path whole = fs::absolute(path, failed).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).parent_path().string();
}

}  // namespace

Result<bool> DataDirectory::exists() const {
  std::error_code failed;
  const auto status = fs::status(path_, failed);
  if (status.type() == fs::file_type::not_found) return false;
  if (failed) return io_error("look at " + path_, failed);
  if (!fs::is_directory(status)) return Error(ErrorCode::invalid, path_ + " is not a directory");
  QUIRE_TRY(const auto names, names_in(path_));
  bool has_catalog = false;
  if (std::binary_search(names.begin(), names.end(), "catalog")) {
    QUIRE_TRY(const auto inside, names_in(catalog()));
    has_catalog = !inside.empty();
  }
  for (const std::string& name : names) {
    if (name == "catalog" || name == "databases") continue;
    if (has_catalog) continue;  // beside a catalog others may keep what they like
    return Error(ErrorCode::invalid,
                 path_ + " is not a data directory: it holds " + name + " and no catalog");
  }
  if (has_catalog) return true;
  QUIRE_TRY(const auto folders, database_folders());
  if (folders.empty()) return false;
  return Error(ErrorCode::corrupt, path_ + " is half a data directory: it holds databases and no catalog");
}

Result<std::vector<std::string>> DataDirectory::database_folders() const {
  std::error_code failed;
  if (!fs::exists(databases(), failed)) return std::vector<std::string>{};
  return names_in(databases());
}

Status sync_directory(const std::string& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return io_error("open " + directory, {errno, std::generic_category()});
  const bool synced = ::fsync(file) == 0;
  const int cause = errno;
  ::close(file);
  if (!synced) return io_error("sync " + directory, {cause, std::generic_category()});
  return ok();
}

Status rename_directory(const std::string& from, const std::string& to) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (failed) return io_error("rename " + from + " to " + to, failed);
  return sync_directory(parent_of(to));
}

Status remove_directory(const std::string& directory) {
  std::error_code failed;
  fs::remove_all(directory, failed);
  if (failed) return io_error("remove " + directory, failed);
  return ok();
}

Status make_directory(const std::string& directory) {
  std::error_code failed;
  if (fs::exists(directory, failed)) return Error(ErrorCode::exists, directory + " exists");
  fs::create_directories(directory, failed);
  if (failed) return io_error("make " + directory, failed);
  return sync_directory(parent_of(directory));
}

}  // namespace quire::database
