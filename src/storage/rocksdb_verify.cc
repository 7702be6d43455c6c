#include "storage/rocksdb_store.h"

namespace quire::storage {

Status RocksStore::checkpoint(const std::string&) { return Error(ErrorCode::not_implemented, "checkpoint"); }
Status RocksStore::verify(const std::function<void(const std::string&)>&) {
  return Error(ErrorCode::not_implemented, "verify");
}

}  // namespace quire::storage
