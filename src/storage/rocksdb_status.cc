#include "storage/rocksdb_status.h"

namespace quire::storage {

namespace {
ErrorCode code_of(const rocksdb::Status& status) {
  if (status.IsNotFound() || status.IsPathNotFound()) return ErrorCode::not_found;
  if (status.IsCorruption()) return ErrorCode::corrupt;
  if (status.IsNoSpace()) return ErrorCode::exhausted;
  if (status.IsIOError()) return ErrorCode::io;
  if (status.IsInvalidArgument() || status.IsNotSupported()) return ErrorCode::invalid;
  if (status.IsBusy() || status.IsTryAgain() || status.IsAborted() || status.IsIncomplete() ||
      status.IsShutdownInProgress()) {
    return ErrorCode::unavailable;
  }
  return ErrorCode::internal;
}
}  // namespace

Error to_error(const rocksdb::Status& status, std::string_view doing) {
  return Error(code_of(status), std::string(doing) + ": " + status.ToString());
}

Status to_status(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return ok();
  return to_error(status, doing);
}

}  // namespace quire::storage
