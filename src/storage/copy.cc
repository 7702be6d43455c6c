#include "storage/copy.h"

#include <rocksdb/file_checksum.h>

#include <algorithm>

#include "storage/rocksdb_status.h"
#include "storage/tuning.h"

namespace quire::storage {

using rocksdb::FileOptions;
using rocksdb::FileSystem;
using rocksdb::IOOptions;

Result<std::uint64_t> file_size(FileSystem& files, const std::string& path) {
  std::uint64_t bytes = 0;
  const auto status = files.GetFileSize(path, IOOptions(), &bytes, nullptr);
  if (!status.ok()) return to_error(status, "measure " + path);
  return bytes;
}

Status read_pieces(FileSystem& files, const std::string& path, std::uint64_t bytes,
                   const std::function<Status(std::string_view)>& take) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  QUIRE_TRY_STATUS(to_status(files.NewSequentialFile(path, FileOptions(), &file, nullptr), "open " + path));
  std::string space(std::min<std::uint64_t>(bytes, kCopyPiece), '\0');
  while (bytes > 0) {
    rocksdb::Slice piece;
    const std::size_t wanted = std::min<std::uint64_t>(bytes, space.size());
    QUIRE_TRY_STATUS(
        to_status(file->Read(wanted, IOOptions(), &piece, space.data(), nullptr), "read " + path));
    if (piece.empty()) return ok();
    QUIRE_TRY_STATUS(take({piece.data(), piece.size()}));
    bytes -= piece.size();
  }
  return ok();
}

Status copy_file(FileSystem& files, const std::string& from, const std::string& to, std::uint64_t bytes,
                 const std::function<void(std::string_view)>& seen) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  QUIRE_TRY_STATUS(to_status(files.NewWritableFile(to, FileOptions(), &file, nullptr), "make " + to));
  QUIRE_TRY_STATUS(read_pieces(files, from, bytes, [&](std::string_view piece) {
    if (seen) seen(piece);
    return to_status(file->Append({piece.data(), piece.size()}, IOOptions(), nullptr), "write " + to);
  }));
  QUIRE_TRY_STATUS(to_status(file->Fsync(IOOptions(), nullptr), "sync " + to));
  return to_status(file->Close(IOOptions(), nullptr), "close " + to);
}

Result<std::string> table_checksum(FileSystem& files, const std::string& path) {
  const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  const auto checksum = factory->CreateFileChecksumGenerator({path, {}});
  QUIRE_TRY_STATUS(read_pieces(files, path, UINT64_MAX, [&](std::string_view piece) {
    checksum->Update(piece.data(), piece.size());
    return ok();
  }));
  checksum->Finalize();
  return checksum->GetChecksum();
}

}  // namespace quire::storage
