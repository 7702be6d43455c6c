#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace quire::storage {

// restore() on a given file system.
Status restore_on(const std::shared_ptr<rocksdb::FileSystem>& base, const std::string& backup,
                  const std::string& target);

}  // namespace quire::storage
