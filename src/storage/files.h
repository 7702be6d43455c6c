#pragma once

#include <rocksdb/file_system.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace quire::storage {

// Small whole files and directories, on whatever file system a shard lives in. A path of a directory has no
// slash at its end. Errors: not_found, io (which also stands for a fence that refuses).

Result<std::string> read_file(rocksdb::FileSystem& files, const std::string& path);
bool exists(rocksdb::FileSystem& files, const std::string& path);
bool is_directory(rocksdb::FileSystem& files, const std::string& path);
// The names in a directory, without "." and "..", sorted.
Result<std::vector<std::string>> list_directory(rocksdb::FileSystem& files, const std::string& directory);

// A file with these bytes, synced; its name is not, until the directory is.
Status write_file(rocksdb::FileSystem& files, const std::string& path, std::string_view bytes);
Status sync_directory(rocksdb::FileSystem& files, const std::string& directory);
// Puts `bytes` in the place of directory/name, durably and in one step: a crash leaves the old file or the
// new one. Uses directory/name.next on the way.
Status replace_file(rocksdb::FileSystem& files, const std::string& directory, const std::string& name,
                    std::string_view bytes);
Status rename_file(rocksdb::FileSystem& files, const std::string& from, const std::string& to);
Status remove_file(rocksdb::FileSystem& files, const std::string& path);
// The directory and those above it that do not exist, each synced into its parent.
Status make_directories(rocksdb::FileSystem& files, const std::string& directory);
// The directory with all that is in it; ok where it does not exist.
Status remove_tree(rocksdb::FileSystem& files, const std::string& directory);

// Without symbolic links, "." and "..", so that two spellings of a path meet in the same lock, which knows
// paths and not files.
std::string absolute_path(const std::string& path);
// "/a/b" of "/a/b/c".
std::string parent_of(const std::string& path);
// "c" of "/a/b/c".
std::string name_of(const std::string& path);

}  // namespace quire::storage
