#pragma once

#include <rocksdb/env.h>

#include <memory>

namespace quire::storage {

// What RocksDB sees of the machine: these files, and the threads that all stores of the process share.
std::unique_ptr<rocksdb::Env> make_environment(const std::shared_ptr<rocksdb::FileSystem>& files);

}  // namespace quire::storage
