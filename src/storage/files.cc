#include "storage/files.h"

#include <algorithm>
#include <filesystem>

#include "storage/rocksdb_status.h"

namespace quire::storage {

using rocksdb::FileSystem;
using rocksdb::IOOptions;

Result<std::string> read_file(FileSystem& files, const std::string& path) {
  std::string bytes;
  const auto status = rocksdb::ReadFileToString(&files, path, &bytes);
  if (!status.ok()) return to_error(status, "read " + path);
  return bytes;
}

bool exists(FileSystem& files, const std::string& path) {
  return files.FileExists(path, IOOptions(), nullptr).ok();
}

bool is_directory(FileSystem& files, const std::string& path) {
  bool answer = false;
  return files.IsDirectory(path, IOOptions(), &answer, nullptr).ok() && answer;
}

Result<std::vector<std::string>> list_directory(FileSystem& files, const std::string& directory) {
  std::vector<std::string> names;
  const auto status = files.GetChildren(directory, IOOptions(), &names, nullptr);
  if (!status.ok()) return to_error(status, "list " + directory);
  std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  std::sort(names.begin(), names.end());
  return names;
}

Status write_file(FileSystem& files, const std::string& path, std::string_view bytes) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  auto status = files.NewWritableFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (status.ok()) status = file->Append(rocksdb::Slice(bytes.data(), bytes.size()), IOOptions(), nullptr);
  if (status.ok()) status = file->Fsync(IOOptions(), nullptr);
  if (status.ok()) status = file->Close(IOOptions(), nullptr);
  return to_status(status, "write " + path);
}

Status sync_directory(FileSystem& files, const std::string& directory) {
  std::unique_ptr<rocksdb::FSDirectory> opened;
  auto status = files.NewDirectory(directory, IOOptions(), &opened, nullptr);
  if (status.ok()) status = opened->Fsync(IOOptions(), nullptr);
  return to_status(status, "sync directory " + directory);
}

Status replace_file(FileSystem& files, const std::string& directory, const std::string& name,
                    std::string_view bytes) {
  const std::string next = directory + "/" + name + ".next";
  QUIRE_TRY_STATUS(write_file(files, next, bytes));
  QUIRE_TRY_STATUS(rename_file(files, next, directory + "/" + name));
  return sync_directory(files, directory);
}

Status rename_file(FileSystem& files, const std::string& from, const std::string& to) {
  return to_status(files.RenameFile(from, to, IOOptions(), nullptr), "rename " + from + " to " + to);
}

Status remove_file(FileSystem& files, const std::string& path) {
  return to_status(files.DeleteFile(path, IOOptions(), nullptr), "remove " + path);
}

Status make_directories(FileSystem& files, const std::string& directory) {
  if (directory.empty() || is_directory(files, directory)) return ok();
  const std::string parent = parent_of(directory);
  QUIRE_TRY_STATUS(make_directories(files, parent));
  QUIRE_TRY_STATUS(
      to_status(files.CreateDirIfMissing(directory, IOOptions(), nullptr), "make directory " + directory));
  return sync_directory(files, parent.empty() ? "/" : parent);
}

Status remove_tree(FileSystem& files, const std::string& directory) {
  if (!is_directory(files, directory)) return ok();
  QUIRE_TRY(const auto names, list_directory(files, directory));
  for (const auto& name : names) {
    const std::string path = directory + "/" + name;
    QUIRE_TRY_STATUS(is_directory(files, path) ? remove_tree(files, path) : remove_file(files, path));
  }
  return to_status(files.DeleteDir(directory, IOOptions(), nullptr), "remove directory " + directory);
}

std::string absolute_path(const std::string& path) {
  std::error_code failed;
  const auto whole = std::filesystem::absolute(path, failed);
  const auto canonical = std::filesystem::weakly_canonical(whole, failed);
  std::string text = failed ? whole.lexically_normal().string() : canonical.string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace quire::storage
