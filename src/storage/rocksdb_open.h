#pragma once

#include <rocksdb/file_system.h>

#include "storage/open.h"

namespace quire::storage {

// A file system that a shard is opened in.
struct ShardBase {
  std::shared_ptr<rocksdb::FileSystem> files;
  bool on_disk = true;  // in the local file system, so that paths can be made absolute and files have modes
};

// open() on a given file system; options.medium is not looked at.
Result<std::unique_ptr<Store>> open_on(const ShardBase& base, const std::string& directory,
                                       const OpenOptions& options);

}  // namespace quire::storage
