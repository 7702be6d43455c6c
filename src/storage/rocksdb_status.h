#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "base/result.h"

namespace quire::storage {

// The one translation of RocksDB's statuses. `doing` says what was tried ("open /data/main").
Error to_error(const rocksdb::Status& status, std::string_view doing);
Status to_status(const rocksdb::Status& status, std::string_view doing);

}  // namespace quire::storage
