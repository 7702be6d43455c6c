#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace quire::storage {

// Whole files of any length, read piece by piece.

Result<std::uint64_t> file_size(rocksdb::FileSystem& files, const std::string& path);
// Calls `take` with each piece of the file in order, at most `bytes` in all.
Status read_pieces(rocksdb::FileSystem& files, const std::string& path, std::uint64_t bytes,
                   const std::function<Status(std::string_view)>& take);
// The first `bytes` bytes of a file as a file of its own, synced; `seen` is shown each piece.
Status copy_file(rocksdb::FileSystem& files, const std::string& from, const std::string& to,
                 std::uint64_t bytes, const std::function<void(std::string_view)>& seen = {});
// As RocksDB notes it of tables and blob files in the manifest.
Result<std::string> table_checksum(rocksdb::FileSystem& files, const std::string& path);

}  // namespace quire::storage
